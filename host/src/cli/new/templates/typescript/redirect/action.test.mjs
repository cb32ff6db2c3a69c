import assert from 'node:assert';
import test from 'node:test';

import { onExecutePostChallenge, onContinuePostChallenge } from './action.ts';

const event = {
  configuration: { verifier: 'https://verify.example.com/start' },
  secrets: { TOKEN_KEY: 'a key' },
};

test('the user is sent away with a token', async () => {
  const sent = [];
  const redirect = {
    encodeToken: ({ secret }) => `a token signed with ${secret}`,
    sendUserTo: (url, { query }) => sent.push([url, query]),
  };
  await onExecutePostChallenge(event, { redirect });
  assert.deepStrictEqual(sent, [
    ['https://verify.example.com/start', { session_token: 'a token signed with a key' }],
  ]);
});

const comeBack = async (validateToken) => {
  const denied = [];
  const access = { deny: (reason) => denied.push(reason) };
  await onContinuePostChallenge(event, { access, redirect: { validateToken } });
  return denied.length;
};

test('only the word of the other site lets the user go on', async () => {
  const missing = () => {
    throw new Error('There is no parameter called session_token');
  };
  assert.equal(await comeBack(() => ({ result: 'ok' })), 0);
  assert.equal(await comeBack(() => ({ result: 'no' })), 1);
  assert.equal(await comeBack(missing), 1);
});
