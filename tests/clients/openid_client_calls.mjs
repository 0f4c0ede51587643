// Drives the emulator with openid-client: discovery, each grant, and each refusal as that client sees it.
//
//     node openid_client_calls.mjs URL
//
// The emulator has a manual clock. Prints a line for each step, and ends with the first that fails.
// Node looks for packages beside the script.

import assert from "node:assert/strict";
import { inspect } from "node:util";
import * as client from "openid-client";

const URL_OF_EMULATOR = process.argv[2];
const PASSWORDS = { "demo@example.com": "myPassword", "tricky@example.com": "p@ss word+&=%é" };
const USER = "demo@example.com";
const CLIENT = "myApplication";
const SECRET = "myApplicationSecret";
const PUBLIC_CLIENT = "publicApplication";
// Nobody listens there: the redirect is read, not followed.
const REDIRECT = "http://127.0.0.1:8123/callback";
const LIFETIME_SECONDS = 120;

// The emulator is on this machine and speaks plain HTTP.
const PLAIN_HTTP = { execute: [client.allowInsecureRequests] };

const steps = [];

function step(what, run) {
  steps.push({ what, run });
}

/** What the emulator says of itself, found out as by any client of it. */
function discovered(id, proof, more = {}) {
  return client.discovery(new URL(URL_OF_EMULATOR), id, undefined, proof, {
    ...PLAIN_HTTP,
    ...more,
  });
}

const confidential = () => discovered(CLIENT, client.ClientSecretPost(SECRET));
const byBasic = () => discovered(CLIENT, client.ClientSecretBasic(SECRET));
const withoutSecret = () => discovered(PUBLIC_CLIENT, client.None());

/** Asks the emulator, or tells it. */
async function control(call, body) {
  const request = body && { method: "POST", body: JSON.stringify(body) };
  const answer = await fetch(`${URL_OF_EMULATOR}/_emulator/${call}`, request);
  assert.equal(answer.status, 200);
  return answer.json();
}

function logIn(config, user = USER, password = PASSWORDS[user]) {
  return client.genericGrantRequest(config, "password", { username: user, password });
}

function checkTokens(tokens, refreshable = true) {
  assert.equal(tokens.token_type, "bearer");
  assert.equal(tokens.expires_in, LIFETIME_SECONDS);
  assert.equal(tokens.expiresIn() > 0, true);
  assert.equal(typeof tokens.refresh_token, refreshable ? "string" : "undefined");
}

/** The answer of a sample service to whoever brings this token. */
function service(config, token) {
  const address = new URL(`${URL_OF_EMULATOR}/1/json/Product/Search?query=kabelgoot`);
  return client.fetchProtectedResource(config, token, address, "GET");
}

async function checkServed(config, token) {
  const answer = await service(config, token);
  assert.equal(answer.status, 200);
  assert.notEqual((await answer.json()).Products.length, 0);
}

async function checkNotServed(config, token) {
  const error = await thrown(service(config, token));
  assert.equal(error.code, "OAUTH_WWW_AUTHENTICATE_CHALLENGE");
  assert.equal(error.status, 401);
  const [challenge] = error.cause;
  assert.equal(challenge.scheme, "bearer");
  assert.equal(challenge.parameters.error, "invalid_token");
}

/** The error that a call has to end with. */
async function thrown(call) {
  const [outcome] = await Promise.allSettled([call]);
  assert.equal(outcome.status, "rejected", "the call succeeded");
  return outcome.reason;
}

/** A refusal with an error document (RFC 6749 section 5.2). */
async function checkRefused(call, status, code) {
  const error = await thrown(call);
  assert.equal(error.code, "OAUTH_RESPONSE_BODY_ERROR", error);
  assert.deepEqual([error.status, error.error], [status, code]);
}

/** A refused refresh token, in the manner that this emulator has. */
async function checkRefreshRefused(config, refreshToken) {
  const call = client.refreshTokenGrant(config, refreshToken);
  const { behavior } = await control("state");
  if (behavior === "plain") {
    return checkRefused(call, 400, "invalid_grant");
  }
  // Nothing but a status: this client misses the document.
  const error = await thrown(call);
  assert.equal(error.code, "OAUTH_RESPONSE_IS_NOT_JSON", error);
  assert.equal(error.cause.status, 400);
  assert.equal(await error.cause.text(), "");
}

async function checkInactive(config, token) {
  assert.deepEqual(await client.tokenIntrospection(config, token), { active: false });
}

/** The attributes of a tag, with their entities read. */
function attributes(tag) {
  const entities = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&amp;": "&" };
  const plain = (text) => text.replace(/&(?:lt|gt|quot|#39|amp);/g, (entity) => entities[entity]);
  const pairs = [...tag.matchAll(/([a-z-]+)="([^"]*)"/g)];
  return Object.fromEntries(pairs.map(([, name, value]) => [name, plain(value)]));
}

/** A page with one form, as a browser reads it. */
async function page(answer) {
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get("content-type"), /^text\/html/);
  const html = await answer.text();
  const tags = (name) => (html.match(new RegExp(`<${name}\\s[^>]*>`, "g")) ?? []).map(attributes);
  const [form] = tags("form");
  assert.equal(form.method, "post");
  return {
    address: new URL(form.action ?? "", answer.url),
    fields: tags("input").map(({ name, value }) => [name, value ?? ""]),
    buttons: tags("button").map(({ name, value }) => [name, value]),
  };
}

/** Fills a form in, and presses the first button or the one with this value. */
function press({ address, fields, buttons }, typed, value = buttons[0][1]) {
  const pressed = buttons.find((button) => button[1] === value);
  const body = new URLSearchParams([...fields, pressed]);
  for (const [name, text] of Object.entries(typed)) {
    assert.equal(body.has(name), true, `no field ${name}`);
    body.set(name, text);
  }
  return fetch(address, { method: "POST", body, redirect: "manual" });
}

const open = async (address) => page(await fetch(address, { redirect: "manual" }));

/** Where an answer leads: back to the client. */
function redirected(answer) {
  assert.equal(answer.status, 303);
  const location = answer.headers.get("location");
  assert.equal(location.startsWith(`${REDIRECT}?`), true, location);
  return new URL(location);
}

/** Logs in on the page at this address; returns where the browser is sent. */
async function browse(address, typed = { username: USER, password: PASSWORDS[USER] }) {
  let answer = await press(await open(address), typed);
  // A page that asks more is agreed to.
  while (answer.status === 200) {
    answer = await press(await page(answer), {});
  }
  return redirected(answer);
}

/** An authorization request with PKCE: where the browser goes, and what its answer is checked by. */
async function authorization(config) {
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const expectedState = client.randomState();
  const address = client.buildAuthorizationUrl(config, {
    redirect_uri: REDIRECT,
    state: expectedState,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
  });
  return { address, checks: { pkceCodeVerifier, expectedState } };
}

step("discovery finds the endpoints, by OpenID Connect and by RFC 8414", async () => {
  const found = (await confidential()).serverMetadata();
  const again = await discovered(CLIENT, client.None(), { algorithm: "oauth2" });
  assert.deepEqual({ ...again.serverMetadata() }, { ...found });
  assert.equal(found.issuer, URL_OF_EMULATOR);
  assert.equal(found.authorization_response_iss_parameter_supported, true);
  assert.equal(found.supportsPKCE(), true);
});

step("a server by another name is not taken for the issuer", async () => {
  const other = new URL(URL_OF_EMULATOR);
  other.hostname = "localhost";
  const error = await thrown(client.discovery(other, CLIENT, SECRET, undefined, PLAIN_HTTP));
  assert.equal(error.code, "OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED", error);
});

step("the password grant, for both users, with the secret in the body and by Basic", async () => {
  for (const config of [await confidential(), await byBasic()]) {
    for (const user of Object.keys(PASSWORDS)) {
      const tokens = await logIn(config, user);
      checkTokens(tokens);
      await checkServed(config, tokens.access_token);
      const { username } = await client.tokenIntrospection(config, tokens.access_token);
      assert.equal(username, user);
    }
  }
});

step("a wrong password is invalid_grant", async () => {
  await checkRefused(logIn(await confidential(), USER, "wrong"), 400, "invalid_grant");
});

step("a wrong client secret is invalid_client, challenged where it came by Basic", async () => {
  const inTheBody = await discovered(CLIENT, client.ClientSecretPost("wrong"));
  await checkRefused(logIn(inTheBody), 401, "invalid_client");
  const error = await thrown(logIn(await discovered(CLIENT, client.ClientSecretBasic("wrong"))));
  assert.equal(error.code, "OAUTH_WWW_AUTHENTICATE_CHALLENGE", error);
  assert.equal(error.cause[0].scheme, "basic");
});

step("a grant that nobody knows is unsupported_grant_type", async () => {
  const call = client.genericGrantRequest(await confidential(), "urn:example:none", {});
  await checkRefused(call, 400, "unsupported_grant_type");
});

step("client credentials bring an access token alone, for clients with a secret only", async () => {
  const config = await confidential();
  const tokens = await client.clientCredentialsGrant(config);
  checkTokens(tokens, false);
  await checkServed(config, tokens.access_token);
  const call = client.clientCredentialsGrant(await withoutSecret());
  await checkRefused(call, 400, "unauthorized_client");
});

step("a code with PKCE, after a wrong password on the login page", async () => {
  const config = await byBasic();
  const { address, checks } = await authorization(config);
  const refused = await page(
    await press(await open(address), { username: USER, password: "wrong" }),
  );
  const callback = redirected(await press(refused, { password: PASSWORDS[USER] }));
  const tokens = await client.authorizationCodeGrant(config, callback, checks);
  checkTokens(tokens);
  await checkServed(config, tokens.access_token);
});

step("an answer without the issuer, of another one or with another state is not used", async () => {
  const config = await confidential();
  const { address, checks } = await authorization(config);
  const callback = await browse(address);
  assert.equal(callback.searchParams.get("iss"), URL_OF_EMULATOR);
  for (const [name, value] of [["iss"], ["iss", "http://127.0.0.1:1"], ["state", "another"]]) {
    const changed = new URL(callback);
    changed.searchParams.delete(name);
    if (value) {
      changed.searchParams.set(name, value);
    }
    const error = await thrown(client.authorizationCodeGrant(config, changed, checks));
    assert.equal(error.code, "OAUTH_INVALID_RESPONSE", error);
  }
  // None of them has reached the token endpoint: the code is still good.
  checkTokens(await client.authorizationCodeGrant(config, callback, checks));
});

step("a code used again is refused, and its tokens end", async () => {
  const config = await confidential();
  const { address, checks } = await authorization(config);
  const callback = await browse(address);
  const tokens = await client.authorizationCodeGrant(config, callback, checks);
  await checkServed(config, tokens.access_token);
  const again = client.authorizationCodeGrant(config, callback, checks);
  await checkRefused(again, 400, "invalid_grant");
  await checkNotServed(config, tokens.access_token);
});

step("a code is bound to its verifier", async () => {
  const config = await confidential();
  const { address, checks } = await authorization(config);
  const foreign = { ...checks, pkceCodeVerifier: client.randomPKCECodeVerifier() };
  const call = client.authorizationCodeGrant(config, await browse(address), foreign);
  await checkRefused(call, 400, "invalid_grant");
});

step("a client without a secret logs in and refreshes with PKCE alone", async () => {
  const config = await withoutSecret();
  const { address, checks } = await authorization(config);
  const first = await client.authorizationCodeGrant(config, await browse(address), checks);
  const second = await client.refreshTokenGrant(config, first.refresh_token);
  checkTokens(second);
  assert.notEqual(second.refresh_token, first.refresh_token);
  await checkServed(config, second.access_token);
});

step("a login cancelled and PKCE left out come back to the client as what they are", async () => {
  const config = await withoutSecret();
  const { address, checks } = await authorization(config);
  const cancelled = redirected(await press(await open(address), {}, "cancel"));
  address.searchParams.delete("code_challenge");
  address.searchParams.delete("code_challenge_method");
  const unprotected = redirected(await fetch(address, { redirect: "manual" }));
  for (const [callback, code] of [
    [cancelled, "access_denied"],
    [unprotected, "invalid_request"],
  ]) {
    const error = await thrown(client.authorizationCodeGrant(config, callback, checks));
    assert.equal(error.code, "OAUTH_AUTHORIZATION_RESPONSE_ERROR", error);
    assert.equal(error.error, code);
  }
});

step("a refresh rotates both tokens, with the secret in the body and by Basic", async () => {
  for (const config of [await confidential(), await byBasic()]) {
    const before = await logIn(config);
    const after = await client.refreshTokenGrant(config, before.refresh_token);
    checkTokens(after);
    assert.notEqual(after.refresh_token, before.refresh_token);
    assert.notEqual(after.access_token, before.access_token);
    await checkServed(config, after.access_token);
    await checkInactive(config, before.refresh_token);
  }
});

step("an expired access token is refused, and a refresh brings another", async () => {
  const config = await confidential();
  const tokens = await logIn(config);
  await checkServed(config, tokens.access_token);
  await control("clock", { advance: `${LIFETIME_SECONDS}s` });
  await checkNotServed(config, tokens.access_token);
  await checkInactive(config, tokens.access_token);
  const renewed = await client.refreshTokenGrant(config, tokens.refresh_token);
  await checkServed(config, renewed.access_token);
});

step("of two refreshes at once with one token exactly one succeeds, and the family ends", async () => {
  const config = await confidential();
  const { refresh_token: spent } = await logIn(config);
  const both = [client.refreshTokenGrant(config, spent), client.refreshTokenGrant(config, spent)];
  const outcomes = await Promise.allSettled(both);
  const won = outcomes.filter(({ status }) => status === "fulfilled");
  assert.equal(won.length, 1);
  await checkNotServed(config, won[0].value.access_token);
});

step("a refresh token used again is refused, and the whole family ends", async () => {
  const config = await confidential();
  const { refresh_token: spent } = await logIn(config);
  const newest = await client.refreshTokenGrant(config, spent);
  await checkServed(config, newest.access_token);
  await checkRefreshRefused(config, spent);
  await checkNotServed(config, newest.access_token);
  await checkRefreshRefused(config, newest.refresh_token);
  await checkInactive(config, newest.access_token);
  await checkInactive(config, newest.refresh_token);
});

step("a revoked refresh token ends its family, a revoked access token itself alone", async () => {
  const config = await byBasic();
  const first = await logIn(config);
  await client.tokenRevocation(config, first.access_token, { token_type_hint: "access_token" });
  await checkNotServed(config, first.access_token);
  const second = await client.refreshTokenGrant(config, first.refresh_token);
  await checkServed(config, second.access_token);
  await client.tokenRevocation(config, second.refresh_token, { token_type_hint: "refresh_token" });
  await checkNotServed(config, second.access_token);
  await checkRefreshRefused(config, second.refresh_token);
});

step("a revocation of an unknown token succeeds, one of an unknown client does not", async () => {
  await client.tokenRevocation(await confidential(), "never-issued");
  const wrong = await discovered(CLIENT, client.ClientSecretPost("wrong"));
  await checkRefused(client.tokenRevocation(wrong, "never-issued"), 401, "invalid_client");
});

step("introspection knows both tokens of a pair, and answers clients with a secret only", async () => {
  const config = await byBasic();
  const tokens = await logIn(config);
  const found = await client.tokenIntrospection(config, tokens.access_token);
  assert.deepEqual(
    [found.active, found.client_id, found.username, found.iss],
    [true, CLIENT, USER, URL_OF_EMULATOR],
  );
  assert.equal(found.token_type.toLowerCase(), "bearer");
  assert.equal(found.exp - found.iat, LIFETIME_SECONDS);
  assert.equal((await client.tokenIntrospection(config, tokens.refresh_token)).active, true);
  await checkInactive(config, "never-issued");
  const asked = client.tokenIntrospection(await withoutSecret(), tokens.access_token);
  await checkRefused(asked, 400, "unauthorized_client");
});

for (const { what, run } of steps) {
  try {
    await run();
  } catch (error) {
    console.log(`failed: ${what}`);
    // Not thrown on: it would be shown with the whole insides of its response.
    console.error(inspect(error, { depth: 1 }));
    process.exitCode = 1;
    break;
  }
  console.log(`ok: ${what}`);
}
