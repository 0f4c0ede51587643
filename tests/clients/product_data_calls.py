"""Holds every answer of the emulator's Product Data to its JSON Schema, by a validator that knows nothing of us.

    python product_data_calls.py URL

Prints a line for each step, and ends with the first that fails.
"""

import json
import sys
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote

import requests
from jsonschema import Draft202012Validator, FormatChecker

SCOPES = ("read:products", "read:tradeitems", "read:netprices", "read:stock")
MAKER = "2008710000011"
SUPPLIER = "2008710000103"
PATIENCE = 10

PRODUCT = {
    "": "ProductResponse",
    "/details": "ProductDetailsResponse",
    "/descriptions": "ProductDescriptionsResponse",
    "/etim-classifications": "ProductEtimClassificationsResponse",
    "/lca-environmental": "ProductLcaEnvironmentalResponse",
    "/attachments": "ProductAttachmentsResponse",
}
ITEM = {
    "": "TradeItemResponse",
    "/details": "TradeItemDetailsResponse",
    "/descriptions": "TradeItemDescriptionsResponse",
    "/ordering": "TradeItemOrderingResponse",
    "/pricings": "TradeItemPricingsResponse",
    "/relations": "TradeItemRelationsResponse",
    "/logistic-details": "TradeItemLogisticDetailsResponse",
    "/attachments": "TradeItemAttachmentsResponse",
    "/enclosed-items": "TradeItemEnclosedItemsResponse",
}
BULK = {
    "/products/bulk/details": "BulkProductDetailsResponse",
    "/products/bulk/descriptions": "BulkProductDescriptionsResponse",
    "/products/bulk/etim-classifications": "BulkProductEtimClassificationFeaturesResponse",
    "/products/bulk/lca-environmental": "BulkProductLcaDeclarationsResponse",
    "/products/bulk/attachments": "BulkProductAttachmentsResponse",
    "/trade-items/bulk/details": "BulkTradeItemDetailsResponse",
    "/trade-items/bulk/descriptions": "BulkTradeItemDescriptionsResponse",
    "/trade-items/bulk/ordering": "BulkTradeItemOrderingResponse",
    "/trade-items/bulk/pricings": "BulkTradeItemPricingsResponse",
    "/trade-items/bulk/relations": "BulkTradeItemRelationsResponse",
    "/trade-items/bulk/logistic-details": "BulkTradeItemLogisticDetailsResponse",
    "/trade-items/bulk/attachments": "BulkTradeItemAttachmentsResponse",
    "/trade-items/bulk/enclosed-items": "BulkTradeItemEnclosedItemsResponse",
}
PROBLEM = {
    "type": "object",
    "additionalProperties": False,
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "pattern": "^https://"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": {"type": "array", "minItems": 1, "items": {"type": "string"}},
        },
    },
}


class Wrong(Exception):
    """Something is not as it should be."""


def expect(what, found, wanted):
    if found != wanted:
        raise Wrong(f"{what} is {found!r}, not {wanted!r}")


def exact(text):
    """JSON whose numbers keep their digits: a double makes 0.3 no multiple of 0.1."""
    return json.loads(text, parse_float=Decimal)


class Caller:
    """Asks for answers and holds each to its schema."""

    def __init__(self, url):
        self.url = url
        self.schemas = exact((Path(__file__).parent / "product_data.schema.json").read_text("utf-8"))
        Draft202012Validator.check_schema(self.schemas)
        self.validators = {}
        self.used = set()
        self.kept = requests.Session()
        self.held = 0

    def token(self, scopes):
        form = {
            "grant_type": "client_credentials",
            "client_id": "myApplication",
            "client_secret": "myApplicationSecret",
            "scope": " ".join(scopes),
        }
        answer = requests.post(f"{self.url}/connect/token", data=form, timeout=PATIENCE)
        expect("the status of the token", answer.status_code, 200)
        return answer.json()["access_token"]

    def ask(self, token, path):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.kept.get(f"{self.url}/rest/api/v1{path}", headers=headers, timeout=PATIENCE)

    def validator(self, name):
        if name not in self.validators:
            schema = {"$ref": f"#/$defs/{name}", **self.schemas}
            checker = FormatChecker(["date"])
            self.validators[name] = Draft202012Validator(schema, format_checker=checker)
        return self.validators[name]

    def get(self, token, path, name):
        answer = self.ask(token, path)
        expect(f"the status of {path}", answer.status_code, 200)
        expect("the type", answer.headers["Content-Type"], "application/json; charset=utf-8")
        document = exact(answer.text)
        for error in self.validator(name).iter_errors(document):
            raise Wrong(f"{path} at {error.json_path}: {error.message}")
        self.used.add(name)
        self.held += 1
        return document

    def problem(self, token, path, status):
        answer = self.ask(token, path)
        expect(f"the status of {path}", answer.status_code, status)
        kind = "application/problem+json; charset=utf-8"
        expect("the type", answer.headers["Content-Type"], kind)
        document = answer.json()
        Draft202012Validator(PROBLEM).validate(document)
        expect("the status inside", document["status"], status)
        return document


def lists(caller, token):
    """Every list, page by page, and as a whole."""
    for path, name in BULK.items():
        whole = caller.get(token, f"{path}?limit=1000", name)
        rows, cursor = [], ""
        while cursor is not None:
            page = caller.get(token, f"{path}?limit=60{cursor}", name)
            rows += page["data"]
            following = page["meta"]["cursor"]
            expect("hasNext", page["meta"]["hasNext"], following is not None)
            cursor = None if following is None else f"&cursor={quote(following)}"
        expect(f"the pages of {path}", rows, whole["data"])
        expect("the total", whole["meta"]["estimatedTotal"], len(rows))
        if not rows:
            raise Wrong(f"{path} has no row")


def things(caller, token):
    """Every product and trade item, whole and in parts, and what is not there."""
    products = caller.get(token, "/products/bulk/details?limit=1000", "BulkProductDetailsResponse")
    items = caller.get(token, "/trade-items/bulk/details?limit=1000", "BulkTradeItemDetailsResponse")
    for row in products["data"]:
        base = f"/products/{row['manufacturerIdGln']}/{quote(row['manufacturerProductNumber'], safe='')}"
        for part, name in PRODUCT.items():
            caller.get(token, base + part, name)
    for row in items["data"]:
        base = f"{row['supplierIdGln']}/{quote(row['supplierItemNumber'], safe='')}"
        for part, name in ITEM.items():
            caller.get(token, f"/trade-items/{base}{part}", name)
        caller.get(token, f"/stock/{base}", "StockResponse")
        number = f"/netprices/{row['supplierIdGln']}/item-number/{row['supplierItemNumber']}"
        caller.get(token, f"{number}?quantity=2.5", "NetPriceResponse")
        gtin = f"/netprices/{row['supplierIdGln']}/item-gtin/{row['itemGtins'][0]}"
        caller.get(token, gtin, "NetPriceResponse")
    for part, name in list(PRODUCT.items())[1:]:
        caller.get(token, f"/products/{MAKER}/none{part}", name)
    for part, name in list(ITEM.items())[1:]:
        caller.get(token, f"/trade-items/{SUPPLIER}/none{part}", name)


def problems(caller, token):
    caller.problem(None, f"/stock/{SUPPLIER}/x", 401)
    of_stock = caller.token(["read:stock"])
    caller.problem(of_stock, f"/products/{MAKER}/x", 403)
    caller.get(of_stock, f"/stock/{SUPPLIER}/x", "StockResponse")
    caller.problem(token, f"/products/{MAKER}/none", 404)
    caller.problem(token, f"/trade-items/{SUPPLIER}/none", 404)
    wrong = caller.problem(token, "/products/bulk/details?limit=0&cursor=x&mutationDateTime=x", 400)
    expect("the wrong parameters", sorted(wrong["errors"]), ["limit", "mutationDateTime"])
    wrong = caller.problem(token, "/products/bulk/details?cursor=x", 400)
    expect("the wrong parameters", sorted(wrong["errors"]), ["cursor"])


def main():
    caller = Caller(sys.argv[1].rstrip("/"))
    token = caller.token(SCOPES)
    for step in (lists, things, problems):
        step(caller, token)
        print(f"ok: {step.__name__}")
    answers = {*PRODUCT.values(), *ITEM.values(), *BULK.values(), "StockResponse", "NetPriceResponse"}
    expect("the schemas that were used", caller.used, answers)
    print(f"ok: {caller.held} answers of {len(answers)} schemas")


if __name__ == "__main__":
    main()
