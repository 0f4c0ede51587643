"""Calls every operation of the emulator's SOAP services with zeep, which knows nothing of us.

    python zeep_calls.py URL

Prints a line for each step, and ends with the first that fails.
"""

import sys
from decimal import Decimal

import requests
import zeep
from lxml import etree
from zeep.exceptions import Fault

SERVICES = ("Product", "TradeItem", "ProductFilter", "Thumbnail", "Participant")
LOGIN = {
    "grant_type": "password",
    "username": "demo@example.com",
    "password": "myPassword",
    "client_id": "myApplication",
    "client_secret": "myApplicationSecret",
}
GTIN = "02008710001001"
MAKER = "2008710000011"
SUPPLIER = "2008710000103"
PATIENCE = 10


class Wrong(Exception):
    """Something is not as it should be."""


def expect(what, found, wanted):
    if found != wanted:
        raise Wrong(f"{what} is {found!r}, not {wanted!r}")


def log_in(url):
    answer = requests.post(f"{url}/OAuth/Token", data=LOGIN, timeout=PATIENCE)
    expect("the status of the login", answer.status_code, 200)
    return answer.json()["access_token"]


class HeldToSchema(zeep.Plugin):
    """Holds every answer and every fault's detail to the schema in the description."""

    def __init__(self, wsdl):
        (schema,) = etree.fromstring(wsdl).iter("{http://www.w3.org/2001/XMLSchema}schema")
        self.schema = etree.XMLSchema(schema)

    def ingress(self, envelope, http_headers, operation):
        body = envelope.find("{http://schemas.xmlsoap.org/soap/envelope/}Body")
        if body is None or len(body) != 1:
            raise Wrong("an answer is no envelope with one element in its body")
        content = body[0]
        detail = content.find("detail")
        self.schema.assertValid(content if detail is None else detail[0])
        return envelope, http_headers


def load(url, service, token, query="singleWsdl"):
    """A client of one service, made from its description alone."""
    address = f"{url}/1/soap/{service}?{query}"
    plugin = HeldToSchema(requests.get(address, timeout=PATIENCE).content)
    session = requests.Session()
    if token is not None:
        session.headers["Authorization"] = f"Bearer {token}"
    transport = zeep.Transport(session=session, timeout=PATIENCE, operation_timeout=PATIENCE)
    return zeep.Client(address, transport=transport, plugins=[plugin])


def operations(client):
    (port,) = (port for service in client.wsdl.services.values() for port in service.ports.values())
    return set(port.binding._operations)


class Calls:
    """Calls operations, and remembers which."""

    def __init__(self, url, token):
        self.url = url
        self.clients = {service: load(url, service, token) for service in SERVICES}
        self.called = set()

    def __call__(self, service, operation, **arguments):
        self.called.add((service, operation))
        return getattr(self.clients[service].service, operation)(**arguments)

    def left(self):
        described = {
            (service, operation)
            for service, client in self.clients.items()
            for operation in operations(client)
        }
        return described - self.called


def products(call):
    found = call("Product", "Search", query="kabelgoot wit", pageSize=2)
    expect("how many are found", found.Total, 5)
    expect("how many are shown", len(found.Products.ProductSummary), 2)
    expect("the first GTIN", found.Products.ProductSummary[0].GTIN, GTIN)
    none = call("Product", "Search", query="onbestaand")
    expect("how much of nothing is found", (none.Total, none.Products), (0, None))

    expect("the id by GTIN", call("Product", "Details", gtin=GTIN).ID, 1000001)
    plain = call("Product", "DetailsForProduct", gtin=GTIN)
    expect("the weight", plain.WeightQuantity, Decimal("1.18"))
    # zeep reads a list that is nil as an empty one.
    expect("features that nobody wanted", plain.Features.FeatureValue, [])

    full = call("Product", "DetailsByGtinA", gtin=GTIN, includeFeatures=True)
    width, _, _, color, lid = full.Features.FeatureValue
    expect("a numeric feature", (width.NumericValue, width.UnitShortNotation), (60, "mm"))
    expect("a listed feature", (color.ValueID, color.ValueDescription), ("EV990001", "Wit"))
    expect("a logical feature", lid.LogicalValue, True)
    same = call("Product", "DetailsByGLNAndProductcodeA", gln=MAKER, productcode="KG-60040-W")
    expect("the GTIN by code", same.GTIN, GTIN)
    sold = call("Product", "DetailsByGLNAndTradeItemId", gln=SUPPLIER, tradeItemId="A00100")
    expect("the maker", sold.Manufacture, "Goot & Zn. (verzonnen)")

    drawn = call("Product", "DetailsRTById", id=1000012)
    expect("the class of the drawing", drawn.ModellingClass, "MC990010")
    expect("the port", drawn.ModellingFeatures.ModellingFeature[0].Portcode, 1)
    files = call("Product", "AttachmentsA", id=1000001, filterTypes={"string": ["PHI"]})
    expect("the attachments", [file.FileName for file in files], ["KG-60040-W-PHI.png"])
    picture = requests.get(files[0].URL, timeout=PATIENCE)
    expect("the type of the attachment", picture.headers["Content-Type"], "image/png")


def the_rest(call):
    # zeep leaves out a record around one list.
    items = call("TradeItem", "ForGLN", gln=SUPPLIER).TradeItem
    expect("the suppliers", {item.SupplierGLN for item in items}, {SUPPLIER})
    item = call("TradeItem", "DetailsByGLNAndTradeItemIdA", gln=SUPPLIER, tradeItemId="A00100")
    expect("the price", item.GrossPriceInPriceUnit, Decimal("12.5"))

    narrow = {"FeatureId": "EF990001", "ValueMin": 150, "ValueMax": Decimal("250.5")}
    gray = {"FeatureId": "EF990004", "ValueList": {"string": ["EV990002"]}}
    filters = call(
        "ProductFilter",
        "GetFeatures",
        productClassId={"string": ["EC990001"]},
        featuresA={"FeatureA": [gray]},
        featuresN={"FeatureN": [narrow]},
    ).Filter
    colors = filters[3].Values.FilterValue
    expect("the colors", [(c.ValueID, c.Count) for c in colors], [("EV990002", 1)])
    expect("the widths", (filters[0].ValueMin, filters[0].ValueMax), (200, 200))

    picture = call("Thumbnail", "Product", gln=MAKER, productcode="KG-60040-W")
    expect("the signature of the picture", picture[:8], b"\x89PNG\r\n\x1a\n")
    suppliers = call("Participant", "List", limit=2, type="Datasupplier").Participant
    expect("how many participants", len(suppliers), 2)
    expect("a share", suppliers[0].Step4, Decimal("70.75"))


def refusals(call):
    refused(
        lambda: call("Product", "DetailsByGtinA", gtin="99999999999999"),
        "There is no product with this GTIN.",
        "BadRequest",
    )
    refused(
        lambda: call("Product", "Search", query=""),
        "The parameter query is missing.",
        "BadRequest",
    )
    for token, message in (
        ("nonsense", "The access token is unknown, expired or revoked."),
        (None, "An access token is required."),
    ):
        client = load(call.url, "Product", token, query="WSDL")
        refused(lambda: client.service.Search(query="kabelgoot"), message, "Unauthorized")


def refused(call, message, status):
    """The call ends in a fault that says this, with 2BA's error object as its detail."""
    try:
        call()
    except Fault as fault:
        expect("the message of the fault", fault.message, message)
        expect("the code of the fault", fault.code, "s:Client")
        texts = {etree.QName(node).localname: node.text for node in fault.detail.iter("{*}*")}
        expect("the message in the detail", texts.get("ErrorMessage"), message)
        expect("the status in the detail", texts.get("Status"), status)
    else:
        raise Wrong(f"a call was answered that should say: {message}")


def nothing_left(call):
    expect("what was described and never called", call.left(), set())


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: zeep_calls.py URL")
    url = sys.argv[1].rstrip("/")
    try:
        call = Calls(url, log_in(url))
        print(f"ok: loaded {len(call.clients)} services from their descriptions")
        for what, step in (
            ("called the operations for products", products),
            ("called those for trade items, filters, pictures and participants", the_rest),
            ("left no operation out", nothing_left),
            ("was refused by a fault for what is missing, unknown or not allowed", refusals),
        ):
            step(call)
            print(f"ok: {what}")
    except Exception as error:
        sys.exit(f"{type(error).__name__}: {error}")


main()
