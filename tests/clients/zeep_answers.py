"""Prints what zeep gets for each operation of the emulator's SOAP services, for another client to compare.

    python zeep_answers.py URL

A line of JSON for each call: the service, the operation, the parameters, and every value of the answer with
its name, in order.
"""

import base64
import json
import sys

import requests
import zeep
from zeep.helpers import serialize_object

LOGIN = {
    "grant_type": "password",
    "username": "demo@example.com",
    "password": "myPassword",
    "client_id": "myApplication",
    "client_secret": "myApplicationSecret",
}
MAKER = {"gln": "2008710000011", "productcode": "KG-60040-W"}
SOLD = {"gln": "2008710000103", "tradeItemId": "A00100"}
GTIN = {"gtin": "02008710001001"}
CALLS = (
    ("Product", "Search", {"query": "kabelgoot wit", "pageSize": "3"}),
    ("Product", "Details", GTIN),
    ("Product", "DetailsForProduct", GTIN),
    ("Product", "DetailsByGtinA", GTIN | {"includeFeatures": "true"}),
    ("Product", "DetailsByGLNAndProductcodeA", MAKER),
    ("Product", "DetailsByGLNAndTradeItemId", SOLD),
    ("Product", "DetailsRTById", {"id": "1000012"}),
    ("Product", "AttachmentsA", {"id": "1000001", "filterTypes": ["PPI", "PHI"]}),
    ("TradeItem", "ForGLN", {"gln": "2008710000103"}),
    ("TradeItem", "DetailsByGLNAndTradeItemIdA", SOLD),
    ("ProductFilter", "GetFeatures", {"productClassId": ["EC990001"]}),
    ("Thumbnail", "Product", MAKER),
    ("Participant", "List", {"limit": "2", "type": "Datasupplier"}),
)
PATIENCE = 10


def load(url, service, token):
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {token}"
    transport = zeep.Transport(session=session, timeout=PATIENCE, operation_timeout=PATIENCE)
    return zeep.Client(f"{url}/1/soap/{service}?singleWsdl", transport=transport)


def argument(value):
    return {"string": value} if isinstance(value, list) else value


def text(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return str(value)


def values(name, answer):
    # An empty list is nothing to zeep, and an empty text to others.
    if answer is None or answer == "":
        return
    if isinstance(answer, dict):
        for member, value in answer.items():
            yield from values(member, value)
    elif isinstance(answer, list):
        for item in answer:
            yield from values(name, item)
    else:
        yield name, text(answer)


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: zeep_answers.py URL")
    url = sys.argv[1].rstrip("/")
    answer = requests.post(f"{url}/OAuth/Token", data=LOGIN, timeout=PATIENCE)
    token = answer.json()["access_token"]
    clients = {service: load(url, service, token) for service, _, _ in CALLS}
    for service, operation, parameters in CALLS:
        arguments = {name: argument(value) for name, value in parameters.items()}
        found = getattr(clients[service].service, operation)(**arguments)
        call = {
            "service": service,
            "operation": operation,
            "parameters": parameters,
            "answer": list(values("", serialize_object(found))),
        }
        print(json.dumps(call))


main()
