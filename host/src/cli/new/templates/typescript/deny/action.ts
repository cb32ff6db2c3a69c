// Refuses resets from elsewhere than the flow file allows.

import type { OnExecutePostChallenge } from '@auth0/actions/password-reset-post-challenge/v1';

export const onExecutePostChallenge: OnExecutePostChallenge = async (event, api) => {
  // An address that nobody can place is in none of them.
  if (!event.configuration.allowed_countries.includes(event.request.geoip.countryCode)) {
    api.access.deny('A password cannot be reset from where you are.');
  }
};
