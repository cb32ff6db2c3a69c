import assert from 'node:assert';
import test from 'node:test';

import { onExecutePostChallenge } from './action.ts';

test('a security key comes first', async () => {
  const asked = [];
  const challengeWith = (factor, options) => asked.push([factor, options]);
  await onExecutePostChallenge({}, { authentication: { challengeWith } });
  assert.deepStrictEqual(asked, [
    [{ type: 'webauthn-roaming' }, { additionalFactors: [{ type: 'otp' }, { type: 'email' }] }],
  ]);
});
