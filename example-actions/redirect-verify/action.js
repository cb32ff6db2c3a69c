/** @import { Event, PasswordResetPostChallengeAPI } from "@auth0/actions/password-reset-post-challenge/v1" */

/** How long the verifier may take to look at the token. */
const TOKEN_LIFETIME_SECONDS = 120;

/**
 * Sends the user to a verifier with a signed token. Both sides share the secret
 * `TOKEN_KEY`.
 *
 * @param {Event} event - Details about the user and the reset.
 * @param {PasswordResetPostChallengeAPI} api - What an action may ask for.
 */
exports.onExecutePostChallenge = async (event, api) => {
  const token = api.redirect.encodeToken({
    secret: event.secrets.TOKEN_KEY,
    expiresInSeconds: TOKEN_LIFETIME_SECONDS,
    payload: { email: event.user.email },
  });
  api.redirect.sendUserTo(event.configuration.verifier, { query: { session_token: token } });
};

/**
 * Checks the signed answer the user brings back, then asks for a factor. The
 * verifier states `result` and repeats the `state` of the URL.
 *
 * @param {Event} event - Details about the user and the request they came back with.
 * @param {PasswordResetPostChallengeAPI} api - What an action may ask for.
 */
exports.onContinuePostChallenge = async (event, api) => {
  let claims;
  try {
    claims = api.redirect.validateToken({ secret: event.secrets.TOKEN_KEY });
  } catch (error) {
    console.warn(error instanceof Error ? error.message : error);
    return api.access.deny('We could not verify your identity.');
  }
  if (claims.result !== 'ok') {
    console.log(`the verifier answered ${claims.result}`);
    return api.access.deny('We could not verify your identity.');
  }
  api.authentication.challengeWith({ type: 'otp' }, { additionalFactors: [{ type: 'email' }] });
};
