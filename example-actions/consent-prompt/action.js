/** @import { Event, PasswordResetPostChallengeAPI } from "@auth0/actions/password-reset-post-challenge/v1" */

/**
 * Has the user agree to a text before the reset goes on: renders the prompt
 * `consent` with the text's version.
 *
 * @param {Event} event - Details about the user and the reset.
 * @param {PasswordResetPostChallengeAPI} api - What an action may ask for.
 */
exports.onExecutePostChallenge = async (event, api) => {
  const version = versionOf(event);
  if (event.user.app_metadata.consent === version) {
    return;
  }
  api.prompt.render('consent', {
    fields: { agree: '' },
    vars: { version, locale: event.transaction.locale },
  });
};

/**
 * The answer must be `yes`, and for the version that was shown.
 *
 * @param {Event} event - Details about the user and what they answered.
 * @param {PasswordResetPostChallengeAPI} api - What an action may ask for.
 */
exports.onContinuePostChallenge = async (event, api) => {
  const version = versionOf(event);
  const { fields, vars } = event.prompt ?? {};
  if (fields?.agree !== 'yes' || vars?.version !== version) {
    return api.access.deny('You need to agree before you can go on.');
  }
  console.log(`agreed to version ${version}`);
};

/**
 * The version of the text that must be agreed to.
 *
 * @param {Event} event
 * @returns {string}
 */
function versionOf(event) {
  const { version } = event.configuration;
  if (typeof version !== 'string') {
    throw new Error('the configuration lacks a version');
  }
  return version;
}
