/**
 * Sends the user to a verifier before a new password may be set, and asks for a
 * code of their authenticator when they come back.
 *
 * @param {Event} event - Details about the user and the context in which the reset takes place.
 * @param {PasswordResetPostChallengeAPI} api - Methods to change what the reset does.
 */
exports.onExecutePostChallenge = async (event, api) => {
  const token = api.redirect.encodeToken({
    secret: event.secrets.TOKEN_KEY,
    expiresInSeconds: 120,
    payload: { email: event.user.email },
  });
  api.redirect.sendUserTo(event.configuration.verifier, { query: { session_token: token } });
};

/**
 * Runs when the user comes back to /continue.
 *
 * @param {Event} event - Details about the user and the context in which the reset takes place.
 * @param {PasswordResetPostChallengeAPI} api - Methods to change what the reset does.
 */
exports.onContinuePostChallenge = async (event, api) => {
  let claims;
  try {
    claims = api.redirect.validateToken({ secret: event.secrets.TOKEN_KEY });
  } catch (error) {
    console.log(`the verifier's token: ${error.message}`);
    return api.access.deny('We could not verify your identity.');
  }
  if (claims.result !== 'ok') {
    return api.access.deny('We could not verify your identity.');
  }
  api.authentication.challengeWith({ type: 'otp' });
  if (event.client.metadata.after_reset) {
    api.transaction.setResultUrl(event.client.metadata.after_reset);
  }
};
