import assert from 'node:assert';
import test from 'node:test';

import { onExecutePostChallenge } from './action.ts';

const deniedFrom = async (geoip) => {
  const denied = [];
  const event = { configuration: { allowed_countries: ['CH', 'LI'] }, request: { geoip } };
  await onExecutePostChallenge(event, { access: { deny: (reason) => denied.push(reason) } });
  return denied.length;
};

test('only who is in an allowed country may go on', async () => {
  assert.equal(await deniedFrom({ countryCode: 'LI' }), 0);
  assert.equal(await deniedFrom({ countryCode: 'US' }), 1);
  assert.equal(await deniedFrom({}), 1);
});
