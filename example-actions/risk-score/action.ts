/**
 * Scores the risk of a reset; asks for more proof, or refuses.
 *
 * Each sign of risk adds points. From `challenge_at` on the user is challenged,
 * from `deny_at` on refused. How often a user has tried lately is kept in the
 * cache, where it may vanish: it can only add points.
 */

import type {
  Event,
  OnExecutePostChallenge,
  PasswordResetPostChallengeAPI,
} from '@auth0/actions/password-reset-post-challenge/v1';

/** How long an attempt counts, in milliseconds. */
const MEMORY = 60 * 60 * 1000;

interface Thresholds {
  challenge_at: number;
  deny_at: number;
  /** Where users are expected, ISO 3166-1 alpha-2. */
  home_countries: string[];
}

export const onExecutePostChallenge: OnExecutePostChallenge = async (event, api) => {
  const thresholds = thresholdsOf(event);
  const attempts = countAttempt(event, api);
  const points = score(event, thresholds, attempts);
  console.log(`risk score ${points}, attempt ${attempts}`);
  if (points >= thresholds.deny_at) {
    api.access.deny('This reset looks unusual. Please contact support.');
  } else if (points >= thresholds.challenge_at) {
    api.authentication.challengeWithAny([
      { type: 'webauthn-platform' },
      { type: 'otp' },
      { type: 'email' },
    ]);
  } else {
    // Nothing suspicious: the next attempt starts from zero.
    api.cache.delete(cacheKey(event));
  }
};

/** A comparison with what is missing is false: it must not be missing. */
function thresholdsOf(event: Event): Thresholds {
  const { challenge_at, deny_at, home_countries } = event.configuration;
  if (typeof challenge_at !== 'number' || typeof deny_at !== 'number') {
    throw new TypeError('the configuration needs the numbers challenge_at and deny_at');
  }
  if (!Array.isArray(home_countries)) {
    throw new TypeError('the configuration needs the list home_countries');
  }
  return { challenge_at, deny_at, home_countries };
}

function score(event: Event, { home_countries }: Thresholds, attempts: number): number {
  const country = event.request.geoip.countryCode;
  const akamai = event.authentication.riskAssessment?.supplemental?.akamai;
  const signs: [points: number, seen: boolean][] = [
    [20, country === undefined || !home_countries.includes(country)],
    [30, (akamai?.akamaiUserRisk?.score ?? 0) >= 50],
    [15, !event.user.last_password_reset],
    [10, !event.user.enrolledFactors?.length],
    [5, event.stats.logins_count < 3],
  ];
  const points = signs.filter(([, seen]) => seen).reduce((sum, [points]) => sum + points, 0);
  return points + 10 * (attempts - 1);
}

function countAttempt(event: Event, api: PasswordResetPostChallengeAPI): number {
  const key = cacheKey(event);
  const before = Number(api.cache.get(key)?.value ?? 0) || 0;
  const written = api.cache.set(key, String(before + 1), { ttl: MEMORY });
  if (written.type === 'error') {
    console.warn(`attempts are not counted: ${written.code}`);
  }
  return before + 1;
}

function cacheKey(event: Event): string {
  return [...`try:${event.user.user_id}`].slice(0, 60).join('');
}
