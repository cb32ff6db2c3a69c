/**
 * Uses of the types, right and wrong. A wrong one that the compiler lets pass
 * is an error of its own: each `@ts-expect-error` has to expect something.
 */

import type {
  Event,
  OnContinuePostChallenge,
  OnExecutePostChallenge,
  PasswordResetPostChallengeAction,
  PasswordResetPostChallengeAPI,
  Secrets,
} from '../index';

// Handlers: async or not, whatever they return.

export const onExecutePostChallenge: OnExecutePostChallenge = async (event, api) => {
  if (!event.user.email_verified) {
    return api.access.deny('Please verify your address first.');
  }
};
export const onContinuePostChallenge: OnContinuePostChallenge = () => {};
export const action: PasswordResetPostChallengeAction = (_event, api) => api;
export async function declared(event: Event, api: PasswordResetPostChallengeAPI): Promise<void> {
  api.access.deny(event.user.user_id);
}
declared satisfies OnExecutePostChallenge;

// @ts-expect-error: a handler gets two arguments
export const three: OnExecutePostChallenge = (event, api, more) => {};

// The event: what is always there, what may be absent, what may be more.

declare const event: Event;
declare const secrets: Secrets;

event.user.user_id.toUpperCase();
event.user.app_metadata.plan.toUpperCase();
event.user.enrolledFactors?.some((factor) => factor.type === 'otp');
event.authentication.methods.filter((method) => method.name === 'mfa' && method.type === 'otp');
event.authentication.riskAssessment?.supplemental?.akamai?.akamaiBot?.botCategory?.join();
event.request.geoip.latitude?.toFixed(1);
event.request.query.session_token;
event.prompt?.fields?.agree;
event.transaction.requested_scopes?.includes('openid');
event.organization?.metadata.portal.startsWith('https:');
event.configuration.anything.at.all;
event.user.user_metadata = { changed: true };
secrets.TOKEN_KEY.length;
const further: unknown = event.user.department;
const branding: unknown = event.organization?.branding;

// @ts-expect-error: may be absent
event.user.email.toLowerCase();
// @ts-expect-error: absent when they could not be fetched
event.user.enrolledFactors.length;
// @ts-expect-error: only after a prompt
event.prompt.fields;
// @ts-expect-error: nothing is known about further keys
event.user.department.name;
// @ts-expect-error: a misspelled key is such a further key
event.user.emial.toLowerCase();
// @ts-expect-error: no type that is ever enrolled
event.user.enrolledFactors?.some((factor) => factor.type === 'sms');
// @ts-expect-error: snake_case here
event.user.userId.length;
// @ts-expect-error: camelCase here
event.request.geoip.country_code.length;
// @ts-expect-error: not at this trigger
event.session;
// @ts-expect-error: not at this trigger
event.refresh_token;
// @ts-expect-error: not at this trigger
event.resource_server;
// @ts-expect-error: not at this trigger
event.request.asn;

// The api: every call, and that calls can be chained.

declare const api: PasswordResetPostChallengeAPI;

api.access
  .deny('no')
  .authentication.challengeWith({ type: 'otp' })
  .authentication.challengeWith({ type: 'otp' }, { additionalFactors: [{ type: 'email' }] })
  .authentication.challengeWithAny([
    { type: 'phone', options: { preferredMethod: 'both' } },
    { type: 'push-notification', options: { otpFallback: false } },
    { type: 'push' },
    { type: 'recovery-code', options: { any: 1 } },
    { type: 'webauthn-roaming' },
    { type: 'webauthn-platform' },
  ])
  .prompt.render('consent')
  .prompt.render('consent', { fields: { agree: '' }, vars: { version: 2 } })
  .redirect.sendUserTo('https://verify.example.com')
  .redirect.sendUserTo('https://verify.example.com', { query: { attempt: 1, retry: false } })
  .transaction.setResultUrl('https://app.example.com', { query: { reset: 'done' } });

const enrolled = event.user.enrolledFactors?.map((factor) => ({ type: factor.type })) ?? [];
api.authentication.challengeWithAny(enrolled);

const token: string = api.redirect.encodeToken({ secret: secrets.KEY, payload: { a: [1] } });
api.redirect.encodeToken({ secret: secrets.KEY, payload: {}, expiresInSeconds: 60 });
const claims = api.redirect.validateToken({ secret: secrets.KEY, tokenParameterName: 'answer' });
const expires: number = claims.exp;
const result: string = claims.result;

const entry = api.cache.get('key');
const left: number = (entry?.expires_at ?? 0) - Date.now();
const set = api.cache.set('key', 'value', { ttl: 1000, expires_at: Date.now() + 1000 });
const stored: string = set.type === 'success' ? set.record.value : set.code;
const removed = api.cache.delete('key');
if (removed.type === 'error' && removed.code === 'CacheKeyDoesNotExist') {
  console.log(token, expires, result, left, stored, further, branding);
}

// @ts-expect-error: a reason is needed
api.access.deny();
// @ts-expect-error: only a reason; the post-login trigger has a code before it
api.access.deny('access_denied', 'no');
// @ts-expect-error: a text
api.access.deny({ reason: 'no' });
// @ts-expect-error: a factor is an object
api.authentication.challengeWith('otp');
// @ts-expect-error: ignored at run time, with a warning
api.authentication.challengeWith({ type: 'sms' });
// @ts-expect-error: no method of reaching a phone
api.authentication.challengeWith({ type: 'phone', options: { preferredMethod: 'mail' } });
// @ts-expect-error: an option of pushes
api.authentication.challengeWith({ type: 'phone', options: { otpFallback: true } });
// @ts-expect-error: the others are in an object
api.authentication.challengeWith({ type: 'otp' }, [{ type: 'email' }]);
// @ts-expect-error: a list
api.authentication.challengeWithAny({ type: 'otp' });
// @ts-expect-error: these may be absent
api.authentication.challengeWithAny(event.user.enrolledFactors);
// @ts-expect-error: fields and vars only
api.prompt.render('consent', { values: {} });
// @ts-expect-error: would read `undefined` in the URL
api.redirect.sendUserTo('https://verify.example.com', { query: { email: event.user.email } });
// @ts-expect-error: the pairs are in `query`
api.redirect.sendUserTo('https://verify.example.com', { session_token: token });
// @ts-expect-error: a payload is needed, if only an empty one
api.redirect.encodeToken({ secret: secrets.KEY });
// @ts-expect-error: seconds, as a number
api.redirect.encodeToken({ secret: secrets.KEY, payload: {}, expiresInSeconds: '900' });
// @ts-expect-error: a secret is needed
api.redirect.validateToken();
// @ts-expect-error: there may be no entry
api.cache.get('key').value;
// @ts-expect-error: values are texts
api.cache.set('key', 1);
// @ts-expect-error: only a success has a record
api.cache.set('key', 'value').record;
// @ts-expect-error: the api stays what it is
api.access = api.access;
// @ts-expect-error: not at this trigger
api.multifactor.enable('any');
// @ts-expect-error: not at this trigger
api.user.setAppMetadata('key', 'value');
// @ts-expect-error: not at this trigger
api.idToken.setCustomClaim('claim', 'value');
