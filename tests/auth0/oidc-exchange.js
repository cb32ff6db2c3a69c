/**
 * Sends the user to an identity provider and verifies the ID token it answers
 * with: an authorization code exchange (OpenID Connect) with RS256.
 */
const redirectUri = (event) => `https://${event.request.hostname}/continue`;

exports.onExecutePostChallenge = async (event, api) => {
  const authorize = new URL('/authorize', event.configuration.IDP);
  authorize.searchParams.set('client_id', event.configuration.CLIENT_ID);
  authorize.searchParams.set('response_type', 'code');
  authorize.searchParams.set('scope', 'openid email');
  authorize.searchParams.set('redirect_uri', redirectUri(event));
  api.redirect.sendUserTo(authorize.toString());
};

const decode = (part) => JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));

async function verify(token, jwks) {
  const [head, body, signature] = token.split('.');
  const { alg, kid } = decode(head);
  if (alg !== 'RS256') throw new Error(`unexpected algorithm ${alg}`);
  const jwk = jwks.keys.find((key) => key.kid === kid);
  if (!jwk) throw new Error(`unknown key ${kid}`);
  const key = await crypto.subtle.importKey(
    'jwk', jwk, { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, false, ['verify'],
  );
  const signed = new TextEncoder().encode(`${head}.${body}`);
  const ok = await crypto.subtle.verify(
    'RSASSA-PKCS1-v1_5', key, Buffer.from(signature, 'base64url'), signed,
  );
  if (!ok) throw new Error('the signature is not valid');
  return decode(body);
}

exports.onContinuePostChallenge = async (event, api) => {
  const { IDP, CLIENT_ID } = event.configuration;
  const { CLIENT_SECRET } = event.secrets;
  const response = await fetch(`${IDP}/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${btoa(`${CLIENT_ID}:${CLIENT_SECRET}`)}`,
    },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code: event.request.query.code,
      redirect_uri: redirectUri(event),
    }),
    signal: AbortSignal.timeout(5000),
  });
  if (!response.ok) {
    console.error('the code was refused', response.status, await response.json());
    return api.access.deny('We could not verify you.');
  }
  const [{ id_token: token }, jwks] = await Promise.all([
    response.json(),
    fetch(`${IDP}/jwks`).then((answer) => answer.json()),
  ]);
  try {
    const claims = await verify(token, jwks);
    if (claims.aud !== CLIENT_ID || claims.exp * 1000 < Date.now()) throw new Error('not for us');
    if (claims.email !== event.user.email) throw new Error(`${claims.email} is somebody else`);
    console.log('verified', claims.sub);
  } catch (error) {
    console.error('not verified:', error.message);
    api.access.deny('We could not verify you.');
  }
};
