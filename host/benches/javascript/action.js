/**
 * A small action, as Auth0's documentation writes them.
 *
 * @param {Event} event - Details about the user and the context.
 * @param {PasswordResetPostChallengeAPI} api - Methods to change the flow.
 */
exports.onExecutePostChallenge = async (event, api) => {
  const enrolled = (event.user.enrolledFactors || []).map((factor) => factor.type);
  const risky = event.request.geoip.countryCode !== 'DE' || enrolled.length === 0;
  if (risky) {
    await Promise.resolve();
    api.authentication.challengeWith(
      { type: 'webauthn-roaming' },
      { additionalFactors: [{ type: 'otp' }, { type: 'email' }] },
    );
  }
};
