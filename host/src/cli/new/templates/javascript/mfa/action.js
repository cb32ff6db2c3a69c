// Asks for a second factor before a new password may be set.

exports.onExecutePostChallenge = async (event, api) => {
  api.authentication.challengeWith(
    { type: 'webauthn-roaming' },
    { additionalFactors: [{ type: 'otp' }, { type: 'email' }] },
  );
};
