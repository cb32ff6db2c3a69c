exports.onExecutePostChallenge = async (event, api) => {
  api.prompt.render('ap_consent', {
    fields: { agreed: false },
    vars: { name: event.user.name },
  });
};

exports.onContinuePostChallenge = async (event, api) => {
  console.log(event.prompt.id, event.prompt.fields, event.prompt.vars);
  if (!event.prompt.fields.agreed) api.access.deny('Consent is needed.');
  api.transaction.setResultUrl('https://app.example.com/done', { query: { reset: true } });
};
