const VERIFIER = 'https://verify.example.com/start';

exports.onExecutePostChallenge = async (event, api) => {
  const token = api.redirect.encodeToken({
    secret: event.secrets.SESSION_KEY,
    expiresInSeconds: 60,
    payload: {
      email: event.user.email,
      custom: { nested: [1, 'two'] },
    },
  });
  api.redirect.sendUserTo(VERIFIER, {
    query: { session_token: token, locale: event.transaction.locale, n: 5 },
  });
};

exports.onContinuePostChallenge = async (event, api) => {
  let payload;
  try {
    payload = api.redirect.validateToken({
      secret: event.secrets.SESSION_KEY,
      tokenParameterName: 'back',
    });
  } catch (error) {
    console.error('not validated:', error.message);
    return api.access.deny('We could not verify you.');
  }
  console.log('verified', payload.result);
  if (payload.result !== 'ok') api.access.deny('We could not verify you.');
};
