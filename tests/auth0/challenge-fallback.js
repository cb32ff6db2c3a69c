exports.onExecutePostChallenge = async (event, api) => {
  api.authentication
    .challengeWith({ type: 'webauthn-roaming' }, { additionalFactors: [{ type: 'phone', options: { preferredMethod: 'sms' } }, { type: 'push', options: { otpFallback: true } }, { type: 'sms' }] });
};
