// Serves oidc-provider on a free loopback port until standard input ends.
//
// Prints one line of JSON when ready: {"url": "http://127.0.0.1:PORT", "pid": N}.

import { createServer } from 'node:http';

// What the library has to say of this set-up must not stand before the ready line.
console.info = console.warn = console.error;
process.removeAllListeners('warning');

const { default: Provider, errors } = await import('oidc-provider');

// A server must not outlive the test that forgot it.
const LONGEST_LIFE_SECONDS = 600;

const TOKEN_LIFETIME_SECONDS = 120;

const USERS = new Map([
  ['demo@example.com', 'myPassword'],
  ['tricky@example.com', 'p@ss word+&=%é'],
]);

// A native application may come back to any port of the loopback addresses (RFC 8252 section 7.3).
const REDIRECTS = ['http://127.0.0.1/callback', 'http://[::1]/callback'];

const CLIENTS = [
  {
    client_id: 'myApplication',
    client_secret: 'myApplicationSecret',
    token_endpoint_auth_method: 'client_secret_post',
    application_type: 'native',
    grant_types: ['password', 'authorization_code', 'refresh_token'],
    redirect_uris: REDIRECTS,
  },
  {
    client_id: 'publicApplication',
    token_endpoint_auth_method: 'none',
    application_type: 'native',
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: REDIRECTS,
  },
];

const SCOPE = 'read';

const ttl = (seconds) => () => seconds;

const configuration = {
  clients: CLIENTS,
  scopes: [SCOPE],
  claims: {},
  pkce: { required: () => true },
  rotateRefreshToken: true,
  issueRefreshToken: async (_, client) => client.grantTypeAllowed('refresh_token'),
  findAccount: async (_, id) => (USERS.has(id) ? { accountId: id, claims: () => ({ sub: id }) } : undefined),
  // Who logs in here consents with it: there is no page for that.
  loadExistingGrant: async (ctx) => grantOf(ctx.oidc.session.accountId, ctx.oidc.client),
  interactions: { url: (_, interaction) => `/login/${interaction.uid}` },
  cookies: { keys: ['only for tests on loopback'] },
  ttl: {
    AccessToken: ttl(TOKEN_LIFETIME_SECONDS),
    AuthorizationCode: ttl(60),
    Grant: ttl(3600),
    Interaction: ttl(600),
    RefreshToken: ttl(3600),
    Session: ttl(3600),
  },
  features: {
    devInteractions: { enabled: false },
    introspection: { enabled: true },
    revocation: { enabled: true },
    resourceIndicators: { enabled: false },
    rpInitiatedLogout: { enabled: false },
  },
};

// The library's store forgets all but the last thousand or two of everything, and goes through a
// grant's tokens at each change: too little and too slow for a load. This one keeps all, and goes
// through them for a revocation only.
class Maps {
  entries = new Map();

  async upsert(id, payload) {
    this.entries.set(id, payload);
  }

  async find(id) {
    return this.entries.get(id);
  }

  async findByUid(uid) {
    return [...this.entries.values()].find((entry) => entry.uid === uid);
  }

  async consume(id) {
    this.entries.get(id).consumed = Math.floor(Date.now() / 1000);
  }

  async destroy(id) {
    this.entries.delete(id);
  }

  async revokeByGrantId(grantId) {
    for (const [id, entry] of this.entries) {
      if (entry.grantId === grantId) {
        this.entries.delete(id);
      }
    }
  }
}

if (process.argv.includes('--store=maps')) {
  configuration.adapter = Maps;
}

let provider;

async function grantOf(accountId, client) {
  const grant = new provider.Grant({ accountId, clientId: client.clientId });
  grant.addOIDCScope(SCOPE);
  await grant.save();
  return grant;
}

// RFC 6749 section 4.3: the library has no such grant of its own.
async function password(ctx) {
  const { client, params } = ctx.oidc;
  const known = USERS.get(params.username);
  if (known === undefined || known !== params.password) {
    throw new errors.InvalidGrant('invalid resource owner credentials');
  }
  const accountId = params.username;
  const grant = await grantOf(accountId, client);
  ctx.oidc.entity('Grant', grant);
  const granted = { accountId, client, grantId: grant.jti, gty: 'password', scope: SCOPE };
  const accessToken = new provider.AccessToken(granted);
  ctx.oidc.entity('AccessToken', accessToken);
  const refreshToken = new provider.RefreshToken({ ...granted, rotations: 0 });
  ctx.oidc.entity('RefreshToken', refreshToken);
  ctx.body = {
    access_token: await accessToken.save(),
    expires_in: accessToken.expiration,
    refresh_token: await refreshToken.save(),
    scope: SCOPE,
    token_type: accessToken.tokenType,
  };
}

const PAGE = `<!doctype html><title>Log in</title>
<form method="post"><input name="username"><input name="password" type="password">
<button name="action" value="login">Log in</button><button name="action" value="cancel">Cancel</button></form>`;

// The only page: the form is posted to the page's own address.
async function login(request, response) {
  // An interaction that is over, or a browser without its cookie, ends in an error here.
  await provider.interactionDetails(request, response);
  if (request.method === 'POST') {
    const fields = new URLSearchParams(await text(request));
    const username = fields.get('username');
    if (fields.get('action') === 'cancel') {
      const result = { error: 'access_denied', error_description: 'the person canceled' };
      return provider.interactionFinished(request, response, result);
    }
    if (USERS.has(username) && USERS.get(username) === fields.get('password')) {
      const result = { login: { accountId: username }, consent: {} };
      return provider.interactionFinished(request, response, result);
    }
  }
  const headers = { 'content-type': 'text/html; charset=utf-8', 'content-length': PAGE.length };
  response.writeHead(200, headers).end(PAGE);
}

async function text(request) {
  request.setEncoding('utf8');
  let body = '';
  for await (const chunk of request) {
    body += chunk;
  }
  return body;
}

function answer(request, response) {
  if (!request.url.startsWith('/login/')) {
    return provider.callback()(request, response);
  }
  return login(request, response).catch((error) => {
    response.writeHead(400, { 'content-type': 'text/plain' }).end(error.message);
  });
}

process.stdin.on('end', () => process.exit(0)).resume();
setTimeout(() => process.exit(0), LONGEST_LIFE_SECONDS * 1000);

const server = createServer(answer);
server.listen(0, '127.0.0.1', () => {
  // Made now, as its name for itself holds the port.
  const url = `http://127.0.0.1:${server.address().port}`;
  provider = new Provider(url, configuration);
  provider.registerGrantType('password', password, ['username', 'password', 'scope']);
  process.stdout.write(`${JSON.stringify({ url, pid: process.pid })}\n`);
});
