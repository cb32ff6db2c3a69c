// Shows the user a form, and goes on when they agree.

exports.onExecutePostChallenge = async (event, api) => {
  api.prompt.render('terms', { fields: { agreed: 'no' }, vars: { version: '2026-01' } });
};

exports.onContinuePostChallenge = async (event, api) => {
  if (event.prompt?.fields?.agreed !== 'yes') {
    api.access.deny('Without your consent the password stays as it is.');
  }
};
