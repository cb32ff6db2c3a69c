const assert = require('node:assert');
const test = require('node:test');

const { onExecutePostChallenge } = require('./action.js');

test('a security key comes first', async () => {
  const asked = [];
  const challengeWith = (factor, options) => asked.push([factor, options]);
  await onExecutePostChallenge({}, { authentication: { challengeWith } });
  assert.deepStrictEqual(asked, [
    [{ type: 'webauthn-roaming' }, { additionalFactors: [{ type: 'otp' }, { type: 'email' }] }],
  ]);
});
