// Refuses resets from elsewhere than the flow file allows.

exports.onExecutePostChallenge = async (event, api) => {
  // An address that nobody can place is in none of them.
  if (!event.configuration.allowed_countries.includes(event.request.geoip.countryCode)) {
    api.access.deny('A password cannot be reset from where you are.');
  }
};
