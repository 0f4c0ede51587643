"""Drives the emulator with requests-oauthlib: each grant, and each refusal as that client sees it.

    python requests_oauthlib_calls.py URL

The emulator has a manual clock. Prints a line for each step, and ends with the first that fails.
"""

import os
import sys
from html.parser import HTMLParser
from urllib.parse import parse_qs, urljoin, urlsplit

import requests
from oauthlib.oauth2 import (
    BackendApplicationClient,
    LegacyApplicationClient,
    OAuth2Error,
    WebApplicationClient,
)
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session

URL = sys.argv[1]
PASSWORDS = {"demo@example.com": "myPassword", "tricky@example.com": "p@ss word+&=%é"}
USER = "demo@example.com"
CLIENT = "myApplication"
SECRET = "myApplicationSecret"
PUBLIC_CLIENT = "publicApplication"
# Nobody listens there: the redirect is read, not followed.
REDIRECT = "http://127.0.0.1:8123/callback?kept=yes"
LIFETIME_SECONDS = 120

BY_BASIC = {"auth": HTTPBasicAuth(CLIENT, SECRET)}
IN_THE_BODY = {"include_client_id": True, "client_secret": SECRET}
CREDENTIALS = {"client_id": CLIENT, "client_secret": SECRET}

STEPS = []
ENDPOINTS = {}


def step(function):
    """Puts a function into the order in which the steps run; its first line says what it shows."""
    STEPS.append(function)
    return function


def refused(code, call):
    """The error that the call has to end with.

    Told by its code: of some codes oauthlib has several classes, and raises the first.
    """
    try:
        call()
    except OAuth2Error as error:
        assert error.error == code, f"{error.error} instead of {code}"
        return error
    raise AssertionError(f"no {code}")


def control(call, body=None):
    """Asks the emulator, or tells it."""
    address = f"{URL}/_emulator/{call}"
    answer = requests.get(address) if body is None else requests.post(address, json=body)
    answer.raise_for_status()
    return answer.json()


def check_answer(answer):
    """What RFC 6749 section 5 asks of every answer of the token endpoint, and this client forgives."""
    assert answer.headers["Cache-Control"] == "no-store", answer.headers
    assert answer.headers["Pragma"] == "no-cache", answer.headers
    if answer.content:
        media_type = answer.headers["Content-Type"].split(";")[0]
        assert media_type == "application/json", media_type
        assert answer.encoding in (None, "utf-8"), answer.encoding
        named = answer.json()
        assert None not in named.values(), sorted(named)
        lifetime = named["expires_in"] if answer.ok else LIFETIME_SECONDS
        assert type(lifetime) is int, type(lifetime)
    return answer


def session_of(client, **more):
    """A session that looks at each token answer as it came."""
    session = OAuth2Session(client=client, **more)
    for hook in ("access_token_response", "refresh_token_response"):
        session.register_compliance_hook(hook, check_answer)
    return session


def logged_in(proof=BY_BASIC, user=USER, **more):
    """A session that has just logged in by password."""
    session = session_of(LegacyApplicationClient(CLIENT), **more)
    session.fetch_token(token(), username=user, password=PASSWORDS[user], **proof)
    check_token(session.token)
    return session


def token():
    """The address of the token endpoint."""
    return ENDPOINTS["token_endpoint"]


def check_token(found, refreshable=True):
    """The members of RFC 6749 section 5.1."""
    assert found["token_type"].lower() == "bearer", found["token_type"]
    assert found["expires_in"] == LIFETIME_SECONDS, found["expires_in"]
    assert ("refresh_token" in found) == refreshable, sorted(found)


def service(access_token):
    """The answer of a sample service to whoever brings this token."""
    return requests.get(
        f"{URL}/1/json/Product/Search",
        params={"query": "kabelgoot"},
        headers={"Authorization": f"Bearer {access_token}"},
    )


def check_served(access_token):
    answer = service(access_token)
    assert answer.status_code == 200, answer.status_code
    assert answer.json()["Products"], answer.text


def check_not_served(access_token):
    answer = service(access_token)
    assert answer.status_code == 401, answer.status_code
    challenge = answer.headers["WWW-Authenticate"]
    assert challenge.startswith("Bearer ") and 'error="invalid_token"' in challenge, challenge


def refresh(session, refresh_token):
    """Refreshes as the documented client."""
    return session.refresh_token(token(), refresh_token=refresh_token, **CREDENTIALS)


def check_refresh_refused(session, refresh_token):
    """A refused refresh token, in the manner that this emulator has."""
    seen = []
    session.register_compliance_hook("refresh_token_response", lambda a: seen.append(a) or a)
    if control("state")["behavior"] == "plain":
        refused("invalid_grant", lambda: refresh(session, refresh_token))
    else:
        # Nothing but a status: to this client that is an answer without a token.
        refused("missing_token", lambda: refresh(session, refresh_token))
        assert seen[0].content == b"", seen[0].content
    assert seen[0].status_code == 400, seen[0].status_code


def introspect(asked, **more):
    """The answer of the introspection endpoint to the documented client."""
    more = more or {"auth": (CLIENT, SECRET)}
    return requests.post(ENDPOINTS["introspection_endpoint"], data={"token": asked}, **more)


def check_inactive(asked):
    answer = introspect(asked)
    assert (answer.status_code, answer.json()) == (200, {"active": False}), answer.text


def revoke(asked, kind, **credentials):
    """Gives a token up with the request that oauthlib makes for it."""
    address, headers, body = WebApplicationClient(CLIENT).prepare_token_revocation_request(
        ENDPOINTS["revocation_endpoint"], asked, kind, **(credentials or CREDENTIALS)
    )
    return requests.post(address, headers=headers, data=body)


class Page(HTMLParser):
    """A page with one form, as a browser reads it."""

    def __init__(self, answer):
        super().__init__()
        assert answer.status_code == 200, answer.text
        assert answer.headers["Content-Type"].startswith("text/html"), answer.headers
        self.address = answer.url
        self.method = ""
        self.fields = {}
        self.buttons = []
        self.alerts = 0
        self.feed(answer.text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.alerts += found.get("role") == "alert"
        if tag == "form":
            self.method = found.get("method", "get")
            self.address = urljoin(self.address, found.get("action", ""))
        elif tag == "input" and "name" in found:
            self.fields[found["name"]] = found.get("value", "")
        elif tag == "button" and "name" in found:
            self.buttons.append((found["name"], found["value"]))

    def press(self, browser, typed, value=None):
        """Fills the form in, and presses the first button or the one with this value."""
        assert self.method == "post", self.method
        assert typed.keys() <= self.fields.keys(), self.fields.keys()
        pressed = [b for b in self.buttons if value is None or b[1] == value][0]
        fields = {**self.fields, **typed, pressed[0]: pressed[1]}
        return browser.post(self.address, data=fields, allow_redirects=False)


def open_page(address):
    """A browser, and the page that it sees at this address."""
    browser = requests.Session()
    return browser, Page(browser.get(address, allow_redirects=False))


def log_in(address):
    """Logs in on the page at this address; returns where the browser is sent."""
    browser, page = open_page(address)
    answer = page.press(browser, {"username": USER, "password": PASSWORDS[USER]})
    # A page that asks more is agreed to.
    while answer.status_code == 200:
        answer = Page(answer).press(browser, {})
    return redirected(answer)


def redirected(answer):
    """Where the answer leads: back to the client, with the issuer (RFC 9207)."""
    assert answer.status_code in (302, 303), answer.status_code
    location = answer.headers["Location"]
    assert location.startswith(REDIRECT + "&"), location
    assert parse_qs(urlsplit(location).query)["iss"] == [URL], location
    return location


def authorization(client=CLIENT, **more):
    """A session before its login, with the address to send the browser to and the state in it."""
    session = session_of(
        WebApplicationClient(client), redirect_uri=REDIRECT, scope=["read"], **more
    )
    address, state = session.authorization_url(ENDPOINTS["authorization_endpoint"])
    return session, address, state


@step
def metadata():
    """both well-known documents name the endpoints"""
    documents = []
    for name in ("oauth-authorization-server", "openid-configuration"):
        answer = requests.get(f"{URL}/.well-known/{name}")
        assert answer.headers["Content-Type"].startswith("application/json"), answer.headers
        documents.append(answer.json())
    assert documents[0] == documents[1]
    ENDPOINTS.update(documents[0])
    assert ENDPOINTS["issuer"] == URL, ENDPOINTS["issuer"]
    for kind in ("authorization", "token", "revocation", "introspection"):
        assert ENDPOINTS[f"{kind}_endpoint"].startswith(f"{URL}/"), kind
    grants = {"authorization_code", "password", "refresh_token", "client_credentials"}
    assert grants <= set(ENDPOINTS["grant_types_supported"])


@step
def password():
    """the password grant, for both users, with the client's secret in the body and by Basic"""
    for user in PASSWORDS:
        for proof in (BY_BASIC, IN_THE_BODY):
            session = logged_in(proof, user)
            answer = session.get(f"{URL}/1/json/Product/Search", params={"query": "kabelgoot"})
            assert answer.status_code == 200, answer.status_code
            assert introspect(session.access_token).json()["username"] == user


@step
def wrong_password():
    """a wrong password is invalid_grant"""
    session = session_of(LegacyApplicationClient(CLIENT))
    typed = {"username": USER, "password": "wrong"}
    error = refused("invalid_grant", lambda: session.fetch_token(token(), **typed, **BY_BASIC))
    assert error.description, "nothing for a person to read"


@step
def wrong_secret():
    """a wrong client secret is invalid_client, and challenged where it came by Basic"""
    typed = {"username": USER, "password": PASSWORDS[USER]}
    for proof, challenged in (
        ({"auth": HTTPBasicAuth(CLIENT, "wrong")}, True),
        ({"include_client_id": True, "client_secret": "wrong"}, False),
    ):
        session = session_of(LegacyApplicationClient(CLIENT))
        seen = []
        session.register_compliance_hook("access_token_response", lambda a: seen.append(a) or a)
        refused("invalid_client", lambda: session.fetch_token(token(), **typed, **proof))
        assert seen[0].status_code == 401, seen[0].status_code
        challenge = seen[0].headers.get("WWW-Authenticate", "")
        assert challenge.startswith("Basic realm=") == challenged, challenge


@step
def secrets_in_the_url():
    """a request with its secrets in the URL is refused"""
    session = session_of(LegacyApplicationClient(CLIENT))
    typed = {"username": USER, "password": PASSWORDS[USER], "force_querystring": True}
    # Refused before the body is looked at, which is empty here.
    refused("invalid_request", lambda: session.fetch_token(token(), **typed, **BY_BASIC))


@step
def client_credentials():
    """client credentials bring an access token alone, for clients with a secret only"""
    session = session_of(BackendApplicationClient(CLIENT))
    session.fetch_token(token(), **BY_BASIC)
    check_token(session.token, refreshable=False)
    check_served(session.access_token)
    assert introspect(session.access_token).json()["client_id"] == CLIENT
    public = session_of(BackendApplicationClient(PUBLIC_CLIENT))
    proof = {"include_client_id": True}
    refused("unauthorized_client", lambda: public.fetch_token(token(), **proof))


@step
def code():
    """a code with PKCE, after a wrong password on the login page"""
    session, address, state = authorization(pkce="S256")
    browser, page = open_page(address)
    again = Page(page.press(browser, {"username": USER, "password": "wrong"}))
    assert again.alerts == 1 and page.alerts == 0, "the wrong password was not said"
    assert again.fields["username"] == USER and not again.fields["password"]
    answer = again.press(browser, {"password": PASSWORDS[USER]})
    location = redirected(answer)
    assert parse_qs(urlsplit(location).query)["state"] == [state], location
    session.fetch_token(token(), authorization_response=location, **BY_BASIC)
    check_token(session.token)
    check_served(session.access_token)


@step
def code_again():
    """a code used again is refused, and its tokens end"""
    session, address, _ = authorization(pkce="S256")
    location = log_in(address)
    first = session.fetch_token(token(), authorization_response=location, **IN_THE_BODY)
    check_served(first["access_token"])
    again = {"authorization_response": location, **IN_THE_BODY}
    refused("invalid_grant", lambda: session.fetch_token(token(), **again))
    check_not_served(first["access_token"])


@step
def foreign_code():
    """a code is bound to its verifier, its redirect URI and its state"""
    one, address, _ = authorization(pkce="S256")
    other, _, _ = authorization(pkce="S256")
    location = log_in(address)
    answered = {"authorization_response": location, **BY_BASIC}
    # Another session's answer: refused by the client, before anything is sent.
    refused("mismatching_state", lambda: other.fetch_token(token(), **answered))
    alone = parse_qs(urlsplit(location).query)["code"][0]
    refused("invalid_grant", lambda: other.fetch_token(token(), code=alone, **BY_BASIC))
    one, address, _ = authorization(pkce="S256")
    answered = {"authorization_response": log_in(address), **BY_BASIC}
    one.redirect_uri = "http://127.0.0.1:8123/another"
    refused("invalid_grant", lambda: one.fetch_token(token(), **answered))


@step
def public_client():
    """a client without a secret logs in and refreshes with PKCE alone"""
    session, address, _ = authorization(PUBLIC_CLIENT, pkce="S256")
    location = log_in(address)
    first = dict(
        session.fetch_token(token(), authorization_response=location, include_client_id=True)
    )
    second = session.refresh_token(token(), client_id=PUBLIC_CLIENT)
    check_token(second)
    assert second["refresh_token"] != first["refresh_token"]
    check_served(second["access_token"])


@step
def authorization_errors():
    """PKCE left out and a login cancelled come back to the client as what they are"""
    session, address, _ = authorization(PUBLIC_CLIENT)
    location = redirected(requests.get(address, allow_redirects=False))
    answered = {"authorization_response": location}
    refused("invalid_request", lambda: session.fetch_token(token(), **answered))
    session, address, _ = authorization(pkce="S256")
    browser, page = open_page(address)
    cancelled = {"authorization_response": redirected(page.press(browser, {}, "cancel"))}
    refused("access_denied", lambda: session.fetch_token(token(), **cancelled))


@step
def rotation():
    """a refresh rotates both tokens, with the client's secret in the body and by Basic"""
    session = logged_in()
    for proof in ({"auth": HTTPBasicAuth(CLIENT, SECRET)}, CREDENTIALS):
        before = dict(session.token)
        after = session.refresh_token(token(), **proof)
        check_token(after)
        assert after["refresh_token"] != before["refresh_token"]
        assert after["access_token"] != before["access_token"]
        check_served(after["access_token"])
        check_inactive(before["refresh_token"])


@step
def expiry():
    """an expired access token is refused, and the client renews it by itself"""
    kept = []
    session = logged_in(
        auto_refresh_url=token(), auto_refresh_kwargs=CREDENTIALS, token_updater=kept.append
    )
    expired = session.access_token
    check_served(expired)
    control("clock", {"advance": f"{LIFETIME_SECONDS}s"})
    check_not_served(expired)
    check_inactive(expired)
    # The client's clock has not moved, so it is told.
    session.token = {**session.token, "expires_at": 1}
    answer = session.get(f"{URL}/1/json/Product/Search", params={"query": "kabelgoot"})
    assert answer.status_code == 200, answer.status_code
    assert [saved["access_token"] for saved in kept] == [session.access_token] != [expired]
    cautious = OAuth2Session(CLIENT, token={**session.token, "expires_at": 1})
    refused("token_expired", lambda: cautious.get(f"{URL}/1/json/Product/Search"))


@step
def reuse():
    """a refresh token used again is refused, and the whole family ends"""
    session = logged_in()
    spent = session.token["refresh_token"]
    newest = dict(refresh(session, spent))
    check_served(newest["access_token"])
    check_refresh_refused(session, spent)
    check_not_served(newest["access_token"])
    check_refresh_refused(session, newest["refresh_token"])
    check_inactive(newest["access_token"])
    check_inactive(newest["refresh_token"])


@step
def revocation():
    """a revoked refresh token ends its family, a revoked access token itself alone"""
    session = logged_in()
    first = dict(session.token)
    assert revoke(first["access_token"], "access_token").status_code == 200
    check_not_served(first["access_token"])
    second = dict(refresh(session, first["refresh_token"]))
    check_served(second["access_token"])
    assert revoke(second["refresh_token"], "refresh_token").status_code == 200
    check_not_served(second["access_token"])
    check_refresh_refused(session, second["refresh_token"])


@step
def revocation_of_nothing():
    """a revocation of an unknown token succeeds, one of an unknown client does not"""
    assert revoke("never-issued", "refresh_token").status_code == 200
    answer = revoke("never-issued", "refresh_token", client_id=CLIENT, client_secret="wrong")
    assert answer.status_code == 401, answer.status_code
    assert answer.json()["error"] == "invalid_client", answer.text


@step
def introspection():
    """introspection knows both tokens of a pair, no others, and answers clients with a secret only"""
    session = logged_in()
    found = introspect(session.access_token).json()
    assert found["active"] is True and found["client_id"] == CLIENT, found
    assert found["username"] == USER and found["iss"] == URL, found
    assert found["token_type"].lower() == "bearer", found
    assert found["exp"] - found["iat"] == LIFETIME_SECONDS, found
    assert introspect(session.token["refresh_token"]).json()["active"] is True
    check_inactive("never-issued")
    answer = introspect(session.access_token, auth=(CLIENT, "wrong"))
    assert answer.status_code == 401, answer.status_code
    assert answer.headers["WWW-Authenticate"].startswith("Basic "), answer.headers
    address = ENDPOINTS["introspection_endpoint"]
    asked = {"token": session.access_token}
    assert requests.post(address, data=asked).status_code == 401
    named = {**asked, "client_id": PUBLIC_CLIENT}
    assert requests.post(address, data=named).status_code == 400
    assert requests.get(address, params=asked).status_code == 405


def main():
    # The emulator is on this machine and speaks plain HTTP.
    os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
    for run in STEPS:
        try:
            run()
        except BaseException:
            print(f"failed: {run.__doc__}", flush=True)
            raise
        print(f"ok: {run.__doc__}", flush=True)


if __name__ == "__main__":
    main()
