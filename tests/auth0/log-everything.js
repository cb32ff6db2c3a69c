const util = require('util');

exports.onExecutePostChallenge = async (event, api) => {
  console.log('user', { id: event.user.user_id, roles: event.authorization.roles });
  console.info('unknown', event.user.department, event.client.extra, event.nothing);
  console.warn('session', event.session, event.refresh_token);
  console.debug(util.format('%s has %d', 'ada', 3));
  event.user.note = 'mutable';
  console.log(event.user.note, Object.keys(event).includes('tenant'));
};
