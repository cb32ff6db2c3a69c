// Sends the user to another site, and goes on when that site says so.

exports.onExecutePostChallenge = async (event, api) => {
  const token = api.redirect.encodeToken({
    secret: event.secrets.TOKEN_KEY,
    payload: { reason: 'password reset' },
  });
  api.redirect.sendUserTo(event.configuration.verifier, { query: { session_token: token } });
};

exports.onContinuePostChallenge = async (event, api) => {
  try {
    // Signed by the other site, for this user and this redirect, and not expired.
    const claims = api.redirect.validateToken({ secret: event.secrets.TOKEN_KEY });
    if (claims.result === 'ok') return;
    console.info('the other site did not say ok');
  } catch (error) {
    console.warn(error.message);
  }
  api.access.deny('We could not verify that it is you.');
};
