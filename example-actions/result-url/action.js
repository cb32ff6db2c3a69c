/** @import { Event, PasswordResetPostChallengeAPI } from "@auth0/actions/password-reset-post-challenge/v1" */

/**
 * Chooses where the user goes after the reset.
 *
 * The organization's portal if there is one, else the page that the client
 * names in its metadata under `after_reset`, else nothing: the default stays.
 *
 * @param {Event} event - Details about the user and the reset.
 * @param {PasswordResetPostChallengeAPI} api - What an action may ask for.
 */
exports.onExecutePostChallenge = async (event, api) => {
  const destination = event.organization?.metadata.portal ?? event.client.metadata.after_reset;
  if (destination !== undefined) {
    const query = { reset: 'done', ui_locale: event.transaction.locale };
    api.transaction.setResultUrl(destination, { query });
  }
};
