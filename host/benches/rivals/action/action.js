// What `benches/guests/reads-three` does, in JavaScript.
exports.onExecutePostChallenge = async (event, api) => {
  const email = event.user.email ?? '';
  const internal = event.connection.name === 'employees';
  if (internal && event.stats.logins_count < 1 && !email.endsWith('@example.com')) {
    api.access.deny('This address is unknown to us.');
  }
};
