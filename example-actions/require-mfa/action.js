/** @import { Event, PasswordResetPostChallengeAPI } from "@auth0/actions/password-reset-post-challenge/v1" */

/**
 * Asks for a second factor before a new password may be set.
 *
 * By default a security key, with weaker factors behind it; where the
 * configuration says `picker` the user chooses freely. The same user is not
 * asked twice: a factor met earlier in the flow counts.
 *
 * @param {Event} event - Details about the user and the reset.
 * @param {PasswordResetPostChallengeAPI} api - What an action may ask for.
 */
exports.onExecutePostChallenge = async (event, api) => {
  const { picker = false, ...unknown } = event.configuration;
  if (Object.keys(unknown).length > 0) {
    throw new Error(`the configuration has no ${Object.keys(unknown).join(', ')}`);
  }
  if (picker) {
    api.authentication.challengeWithAny([
      { type: 'webauthn-roaming' },
      { type: 'webauthn-platform' },
      { type: 'otp' },
    ]);
  } else {
    api.authentication.challengeWith(
      { type: 'webauthn-roaming' },
      { additionalFactors: [{ type: 'otp' }, { type: 'push-notification' }, { type: 'email' }] },
    );
  }
};
