/**
 * Handler that will be called during the execution of a Password Reset / Post Challenge Flow.
 *
 * @param {Event} event - Details about the post challenge request.
 * @param {PasswordResetPostChallengeAPI} api - Interface whose methods can be used to change the behavior of the post challenge flow.
 */
exports.onExecutePostChallenge = async (event, api) => {
  const blocked = (event.secrets.BLOCKED || 'KP,XX').split(',');
  if (blocked.includes(event.request.geoip.countryCode)) {
    api.access.deny('geo', 'Resets are not possible from here.');
  }
};
