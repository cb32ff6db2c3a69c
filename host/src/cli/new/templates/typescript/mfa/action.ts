// Asks for a second factor before a new password may be set.

import type { OnExecutePostChallenge } from '@auth0/actions/password-reset-post-challenge/v1';

export const onExecutePostChallenge: OnExecutePostChallenge = async (event, api) => {
  api.authentication.challengeWith(
    { type: 'webauthn-roaming' },
    { additionalFactors: [{ type: 'otp' }, { type: 'email' }] },
  );
};
