// Sends the user to another site, and goes on when that site says so.

import type {
  OnContinuePostChallenge,
  OnExecutePostChallenge,
} from '@auth0/actions/password-reset-post-challenge/v1';

export const onExecutePostChallenge: OnExecutePostChallenge = async (event, api) => {
  const token = api.redirect.encodeToken({
    secret: event.secrets.TOKEN_KEY,
    payload: { reason: 'password reset' },
  });
  api.redirect.sendUserTo(event.configuration.verifier, { query: { session_token: token } });
};

export const onContinuePostChallenge: OnContinuePostChallenge = async (event, api) => {
  try {
    // Signed by the other site, for this user and this redirect, and not expired.
    const claims = api.redirect.validateToken({ secret: event.secrets.TOKEN_KEY });
    if (claims.result === 'ok') return;
    console.info('the other site did not say ok');
  } catch (error) {
    console.warn(String(error));
  }
  api.access.deny('We could not verify that it is you.');
};
