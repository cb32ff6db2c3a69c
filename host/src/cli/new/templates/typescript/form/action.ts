// Shows the user a form, and goes on when they agree.

import type {
  OnContinuePostChallenge,
  OnExecutePostChallenge,
} from '@auth0/actions/password-reset-post-challenge/v1';

export const onExecutePostChallenge: OnExecutePostChallenge = async (event, api) => {
  api.prompt.render('terms', { fields: { agreed: 'no' }, vars: { version: '2026-01' } });
};

export const onContinuePostChallenge: OnContinuePostChallenge = async (event, api) => {
  if (event.prompt?.fields?.agreed !== 'yes') {
    api.access.deny('Without your consent the password stays as it is.');
  }
};
