import assert from 'node:assert';
import test from 'node:test';

import { onExecutePostChallenge, onContinuePostChallenge } from './action.ts';

test('the form is shown', async () => {
  const shown = [];
  await onExecutePostChallenge({}, { prompt: { render: (id) => shown.push(id) } });
  assert.deepStrictEqual(shown, ['terms']);
});

const deniedWith = async (prompt) => {
  const denied = [];
  await onContinuePostChallenge({ prompt }, { access: { deny: (reason) => denied.push(reason) } });
  return denied.length;
};

test('only who agrees may go on', async () => {
  assert.equal(await deniedWith({ id: 'terms', fields: { agreed: 'yes' } }), 0);
  assert.equal(await deniedWith({ id: 'terms', fields: { agreed: 'no' } }), 1);
  assert.equal(await deniedWith(undefined), 1);
});
