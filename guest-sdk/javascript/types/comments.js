/**
 * Both ways of naming the types in a comment, beside the `@import` of the
 * example actions.
 */

/** @type {import('../index').OnExecutePostChallenge} */
exports.onExecutePostChallenge = async (event, api) => {
  api.redirect.sendUserTo('https://verify.example.com', { query: { user: event.user.user_id } });
  // @ts-expect-error: the event is typed
  event.user.user_id.missing();
};

/** @type {import('@auth0/actions/password-reset-post-challenge/v1').OnContinuePostChallenge} */
module.exports.onContinuePostChallenge = async (event, api) => {
  if (event.request.query.result !== 'ok') {
    api.access.deny('No.');
  }
  // @ts-expect-error: the api is typed
  api.access.allow();
};
