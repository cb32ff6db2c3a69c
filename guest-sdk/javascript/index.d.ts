/**
 * Types of the event and the api that a JavaScript action of the
 * *password reset / post-challenge* trigger gets.
 *
 * The exported names `Event`, `PasswordResetPostChallengeAPI`,
 * `PasswordResetPostChallengeAction`, `Secrets` and `Configuration` are those
 * of Auth0's module `@auth0/actions/password-reset-post-challenge/v1`, so that
 * a file typed with that module checks against this one too. README.md says
 * how.
 *
 * Nothing here exists at run time: import it with `import type`, or from a
 * JSDoc comment.
 */

// The handlers.

/**
 * `onExecutePostChallenge`: runs when the flow reaches the action. What it
 * returns is ignored; a promise is waited for. When it throws, or its promise
 * is rejected, nothing it asked for takes effect and the flow fails.
 */
export type OnExecutePostChallenge = (event: Event, api: PasswordResetPostChallengeAPI) => any;

/**
 * `onContinuePostChallenge`: runs when the user comes back from a redirect or
 * has answered a prompt of this action. `event.request` is then the request
 * they came back with. A met challenge does not lead here: the flow goes on
 * with the next action.
 */
export type OnContinuePostChallenge = (event: Event, api: PasswordResetPostChallengeAPI) => any;

/** Either handler, under the name that Auth0 has for it. */
export type PasswordResetPostChallengeAction = OnExecutePostChallenge;

// The event.

/** Free JSON: which keys there are depends on who filled it in. */
export interface Data {
  [key: string]: any;
}

/** Names and strings. */
export interface Metadata {
  [name: string]: string;
}

/** The secrets of the action at hand, as its flow file names them. */
export interface Secrets {
  [name: string]: string;
}

/** The configuration of the action at hand, from its flow file. */
export interface Configuration {
  [key: string]: any;
}

/**
 * Who wants to set a new password, from where, and what is known. A plain
 * object: changing it changes nothing outside the run.
 *
 * Objects with an index signature may hold more than is listed here; it is
 * handed on as it came in.
 */
export interface Event {
  /** How the user has proven who they are so far. */
  authentication: Authentication;
  authorization: {
    /** Names of the user's roles. */
    roles: string[];
  };
  /** The application the reset was started from. */
  client: Client;
  /** `{}` when the flow file gives the action none. */
  readonly configuration: Configuration;
  /** The database the user is stored in. */
  connection: Connection;
  custom_domain?: CustomDomain;
  /** Only where the reset was started for an organization. */
  organization?: Organization;
  /** The prompt that was answered: only in `onContinuePostChallenge`, after a prompt. */
  prompt?: AnsweredPrompt;
  /** The request at hand: the one that started the flow, or that the user came back with. */
  request: Request;
  /** `{}` when the flow file gives the action none. */
  readonly secrets: Secrets;
  stats: {
    /** How often the user has logged in. */
    logins_count: number;
  };
  tenant: {
    /** The tenant's name. */
    id: string;
  };
  transaction: Transaction;
  user: User;
}

export interface Authentication {
  /**
   * The methods used, oldest first. A factor met in this flow is listed from
   * the next action on, never during a run.
   */
  methods: AuthenticationMethod[];
  /** What third parties say about the risk. */
  riskAssessment?: RiskAssessment;
  [key: string]: unknown;
}

export interface AuthenticationMethod {
  /** The first factor, `mfa` for a further one, or a URL for a method of one's own. */
  name:
    | 'email'
    | 'phone_number'
    | 'pwd'
    | 'federated'
    | 'passkey'
    | 'sms'
    | 'mock'
    | 'mfa'
    | (string & {});
  /** When it was completed, ISO 8601. */
  timestamp: string;
  /** Of an `mfa` method: the factor, such as `otp`. */
  type?: string;
}

export interface RiskAssessment {
  supplemental?: {
    akamai?: {
      akamaiBot?: AkamaiBot;
      akamaiUserRisk?: AkamaiUserRisk;
    };
  };
}

/** Results of Akamai Bot Manager. */
export interface AkamaiBot {
  type?: string;
  action?: string;
  botCategory?: string[];
  botScore?: number;
  botScoreResponseSegment?: string;
  botnetId?: string;
}

/** Results of Akamai Account Protector. */
export interface AkamaiUserRisk {
  action?: string;
  emailDomain?: string;
  ouid?: string;
  requestid?: string;
  username?: string;
  uuid?: string;
  allow?: number;
  score?: number;
  status?: number;
  general?: Data;
  risk?: Data;
  trust?: Data;
}

export interface Client {
  client_id: string;
  name: string;
  metadata: Metadata;
  [key: string]: unknown;
}

export interface Connection {
  id: string;
  name: string;
  /** `auth0` for a database. Enterprise strategies are refused before any action runs. */
  strategy: string;
  metadata?: Metadata;
}

export interface CustomDomain {
  domain: string;
  domain_metadata: Metadata;
}

export interface Organization {
  id: string;
  /** The name people see. */
  display_name: string;
  name: string;
  metadata: Metadata;
  [key: string]: unknown;
}

export interface AnsweredPrompt {
  id: string;
  /** What the user filled in. */
  fields?: Data;
  /** What the action passed to the prompt. */
  vars?: Data;
}

export interface Request {
  /** The form body. */
  body: Data;
  /** The query string. */
  query: Data;
  method: string;
  ip: string;
  hostname?: string;
  /** What the browser asks for. */
  language?: string;
  user_agent?: string;
  geoip: Geoip;
}

/** Where the address is. */
export interface Geoip {
  cityName?: string;
  continentCode?: string;
  /** ISO 3166-1 alpha-2. */
  countryCode?: string;
  /** ISO 3166-1 alpha-3. */
  countryCode3?: string;
  countryName?: string;
  subdivisionCode?: string;
  subdivisionName?: string;
  timeZone?: string;
  /** Degrees. */
  latitude?: number;
  /** Degrees. */
  longitude?: number;
  [key: string]: unknown;
}

/** Stays as it was when the flow started. */
export interface Transaction {
  correlation_id?: string;
  /** The language to speak to the user. */
  locale: string;
  login_hint?: string;
  /** The application's own state; that of a redirect is another. */
  state?: string;
  ui_locales: string[];
  acr_values?: string[];
  requested_scopes?: string[];
  protocol?: string;
  redirect_uri?: string;
  prompt?: string[];
  response_mode?: string;
  response_type?: string[];
  linking_id?: string;
  [key: string]: unknown;
}

export interface User {
  user_id: string;
  app_metadata: Data;
  user_metadata: Data;
  /** ISO 8601. */
  created_at: string;
  /** ISO 8601. */
  updated_at: string;
  email?: string;
  email_verified: boolean;
  family_name?: string;
  given_name?: string;
  /** ISO 8601. Absent when the password was never reset. */
  last_password_reset?: string;
  name?: string;
  nickname?: string;
  phone_number?: string;
  phone_verified?: boolean;
  /** A URL. */
  picture?: string;
  username?: string;
  identities: Identity[];
  /** `[]`: the user has none. Absent: they could not be fetched. */
  enrolledFactors?: EnrolledFactor[];
  [key: string]: unknown;
}

export interface Identity {
  connection?: string;
  provider?: string;
  user_id?: string;
  isSocial?: boolean;
  profileData?: Data;
  [key: string]: unknown;
}

export interface EnrolledFactor {
  type: 'push-notification' | 'phone' | 'email' | 'otp' | 'webauthn-roaming' | 'webauthn-platform';
  options?: Data;
}

// The api.

/**
 * What an action may ask for. Each call that is no question appends a command;
 * commands take effect only after the handler has ended without an error. A
 * run may issue 32, then a call throws with the code `MaxSideEffectsExceeded`.
 *
 * A call that is refused throws an error with a stable `code`;
 * `flowhost explain CODE` tells more about each. The calls of `cache` throw
 * nothing, they answer with the code.
 */
export interface PasswordResetPostChallengeAPI {
  /** Whether the reset may go on. */
  readonly access: AccessAPI;
  /** Further proof of who the user is. */
  readonly authentication: AuthenticationAPI;
  /** A small store shared by the actions of the flow. */
  readonly cache: CacheAPI;
  /** Show the user a form. */
  readonly prompt: PromptAPI;
  /** Send the user to another site and have them come back. */
  readonly redirect: RedirectAPI;
  /** The transaction as a whole. */
  readonly transaction: TransactionAPI;
}

export interface AccessAPI {
  /**
   * Refuse the reset. The handler runs on to its end, then the flow ends: no
   * later action runs, and a redirect, prompt or challenge of the same run is
   * dropped.
   *
   * @param reason May be shown to the user. At most 1 KiB, else it throws
   * `DenyReasonTooLong`. When called twice the first reason stands.
   */
  deny(reason: string): PasswordResetPostChallengeAPI;
}

/**
 * A factor to challenge the user with. Ignored are factors that were met
 * already in this flow, that the flow has not enabled or that the user has not
 * enrolled; `email` counts as enrolled when the address is verified. When none
 * is left the challenge counts as met if one was met before, else the flow
 * fails with `no_usable_factor`.
 *
 * Any other type, such as `sms`, is ignored with a warning in the run's log.
 */
export type FactorSelector =
  | {
      type: 'otp' | 'email' | 'webauthn-platform' | 'webauthn-roaming' | 'recovery-code';
      options?: Data;
    }
  | {
      type: 'phone';
      options?: {
        /** How to reach the phone, if it can be chosen. */
        preferredMethod?: 'sms' | 'voice' | 'both';
      };
    }
  | {
      type: 'push-notification' | 'push';
      options?: {
        /** Offer a one-time password when the push does not arrive. */
        otpFallback?: boolean;
      };
    };

export interface ChallengeWithOptions {
  /** The user may choose one of these instead. */
  additionalFactors?: FactorSelector[];
}

/**
 * A challenge suspends the flow after the run. When it is met the flow goes on
 * with the *next* action. Two challenges in one run must both be met, in call
 * order. A flow may have 4, over all its actions; a fifth fails it. A challenge
 * beside a redirect or a prompt fails the flow with `conflicting_commands`.
 */
export interface AuthenticationAPI {
  /** Ask for `factor`. */
  challengeWith(factor: FactorSelector, options?: ChallengeWithOptions): PasswordResetPostChallengeAPI;

  /** Let the user pick one of `factors`. When only one is usable there is nothing to pick. */
  challengeWithAny(factors: FactorSelector[]): PasswordResetPostChallengeAPI;
}

/**
 * Answers at once, and counts as no command. Per tenant and trigger at most 20
 * entries and 8192 bytes, keys and values together. Entries may vanish early.
 */
export interface CacheAPI {
  /** The entry, or `undefined` when there is none or it has expired. */
  get(key: string): CacheRecord | undefined;

  /**
   * Write an entry.
   *
   * @param key At most 64 bytes.
   * @param value At most 4096 bytes.
   */
  set(key: string, value: string, options?: CacheSetOptions): CacheSetResult;

  /** Remove an entry. */
  delete(key: string): CacheDeleteResult;
}

export interface CacheRecord {
  value: string;
  /** Milliseconds since the Unix epoch. */
  expires_at: number;
}

/**
 * When the entry ends: the earlier of the two when both are given, 15 minutes
 * from now when none is, at most 24 hours from now.
 */
export interface CacheSetOptions {
  /** Milliseconds from now. */
  ttl?: number;
  /** Milliseconds since the Unix epoch. */
  expires_at?: number;
}

export type CacheSetResult =
  | { type: 'success'; record: CacheRecord }
  | {
      type: 'error';
      code:
        | 'CacheKeySizeExceeded'
        | 'CacheValueSizeExceeded'
        | 'CacheSizeExceeded'
        | 'InvalidExpiry'
        | 'ItemAlreadyExpired';
    };

export type CacheDeleteResult =
  | { type: 'success' }
  | { type: 'error'; code: 'CacheKeyDoesNotExist' };

export interface PromptAPI {
  /**
   * Show the prompt called `id` and go on in `onContinuePostChallenge` with
   * the answers in `event.prompt`. One prompt in a run, and no redirect beside
   * it. Throws `InvalidPrompt` when a bound is passed or a secret is in it.
   *
   * @param id At most 48 characters.
   * @param options At most 24 KiB as JSON.
   */
  render(id: string, options?: PromptOptions): PasswordResetPostChallengeAPI;
}

export interface PromptOptions {
  /** At most 24, named like `^[a-zA-Z_][a-zA-Z0-9_]{0,49}$`. */
  fields?: Data;
  /** At most 24. */
  vars?: Data;
}

export interface UrlOptions {
  /** Each pair replaces the parameters of its name. Values are made strings. */
  query?: { [name: string]: string | number | boolean };
}

export interface RedirectAPI {
  /**
   * Send the user to an absolute URL and go on in `onContinuePostChallenge`
   * when they return. The host adds `state`, which they have to bring back.
   * The last redirect of a run wins.
   *
   * Throws `ERR_INVALID_URL` when the URL is none, `UrlNotAllowed` when its
   * scheme or origin is not allowed, `UrlTooLong` from 8 KiB on, `SecretInUrl`
   * when the value of a secret is in it.
   */
  sendUserTo(url: string, options?: UrlOptions): PasswordResetPostChallengeAPI;

  /**
   * Make a session token: a JWT, signed with HS256, whose claims are `iat`,
   * `iss` (the request's hostname), `sub` (the user's id), `exp`, `ip` and
   * those of the payload, which win. All but the payload comes from the host,
   * whatever the action has done to the event.
   */
  encodeToken(options: EncodeTokenOptions): string;

  /**
   * Validate the token the user came back with and give its claims.
   *
   * Looks into the body of the request, then into the query. The signature
   * must be right, `state` the one of this flow, `sub` this user; `iss` and
   * `iat` must be there and `exp` ahead. Else it throws an error with the code
   * `TokenMissing` or `TokenInvalid`, whose message says why.
   */
  validateToken(options: ValidateTokenOptions): SessionTokenClaims;
}

export interface EncodeTokenOptions {
  /** From `event.secrets`. */
  secret: string;
  payload: { [claim: string]: unknown };
  /** 900 when left out; 0 expires at once. */
  expiresInSeconds?: number;
}

export interface ValidateTokenOptions {
  /** From `event.secrets`. */
  secret: string;
  /** `session_token` when left out. */
  tokenParameterName?: string;
}

export interface SessionTokenClaims {
  state: string;
  sub: string;
  iss: string;
  /** Seconds since the Unix epoch. */
  iat: number;
  /** Seconds since the Unix epoch. */
  exp: number;
  [claim: string]: any;
}

export interface TransactionAPI {
  /**
   * Where the user goes after the password was changed. The rules for URLs
   * are those of `redirect.sendUserTo`. The last call of a flow wins.
   */
  setResultUrl(url: string, options?: UrlOptions): PasswordResetPostChallengeAPI;
}
