// The conformance action in TypeScript, as an ES module: it does what its
// configuration says, and logs what each call came to. `tests/conformance/README.md`
// in the project says how. What the WIT calls `user-id` is `user_id` here, and so on:
// the tables below.

import type {
  Event,
  FactorSelector,
  OnExecutePostChallenge,
  PasswordResetPostChallengeAPI as Api,
} from '@auth0/actions/password-reset-post-challenge/v1';

/** A call and its arguments. */
type Step = { call: string; [argument: string]: any };

/** Writes the messages of a value below a path. */
type Shape = (path: string, value: any) => void;

const play = (handler: 'execute' | 'continue'): OnExecutePostChallenge => async (event, api) => {
  for (const step of (event.configuration[handler] ?? []) as Step[]) {
    let line: string;
    try {
      const result = perform(step, event, api);
      line = result === undefined ? 'ok' : `ok ${result}`;
    } catch (refusal) {
      if (refusal instanceof Ending) throw refusal.error;
      line = `error ${codeOf(refusal)}`;
    }
    console.info(`${step.call}: ${line}`);
  }
};

export const onExecutePostChallenge = play('execute');
export const onContinuePostChallenge = play('continue');

/** What ends the run, as opposed to what is refused. */
class Ending extends Error {
  error: unknown;

  constructor(error: unknown) {
    super();
    this.error = error;
  }
}

const codeOf = (refusal: any): string =>
  refusal.code === 'ERR_INVALID_URL' ? 'InvalidUrl' : (refusal.code ?? refusal.name);

function perform(step: Step, event: Event, api: Api): string | undefined {
  switch (step.call) {
    case 'deny':
      return done(api.access.deny(step.reason));
    case 'challenge-with': {
      const additionalFactors = factors(step.additional);
      return done(api.authentication.challengeWith(factor(step.factor), { additionalFactors }));
    }
    case 'challenge-with-any':
      return done(api.authentication.challengeWithAny(factors(step.factors)));
    case 'cache-get':
      return record(api.cache.get(step.key));
    case 'cache-set': {
      const options = { ttl: step.ttl, expires_at: step['expires-at'] };
      return record(accepted(api.cache.set(step.key, step.value, options)).record);
    }
    case 'cache-delete':
      return done(accepted(api.cache.delete(step.key)));
    case 'render':
      return done(api.prompt.render(step.id, { fields: json(step, 'fields'), vars: json(step, 'vars') }));
    case 'send-user-to':
      return done(api.redirect.sendUserTo(step.url, { query: query(step) }));
    case 'set-result-url':
      return done(api.transaction.setResultUrl(step.url, { query: query(step) }));
    case 'encode-token':
      return api.redirect.encodeToken({
        secret: secret(step, event),
        payload: json(step, 'payload'),
        expiresInSeconds: step['expires-in-seconds'],
      });
    case 'validate-token':
      return JSON.stringify(
        api.redirect.validateToken({
          secret: secret(step, event),
          tokenParameterName: step['token-parameter-name'],
        }),
      );
    case 'log':
      return done(console[step.level as 'debug' | 'info' | 'warn' | 'error']('%s', step.message));
    case 'event':
      return done(look(step.group, event));
    case 'get-secret':
      return shown(event.secrets[step.name]);
    case 'get-json':
      return JSON.stringify(event);
    case 'get-json-at':
      return JSON.stringify(at(event, step.pointer)) ?? 'none';
    case 'get-text-at': {
      const found = at(event, step.pointer);
      return shown(typeof found === 'string' ? found : undefined);
    }
    case 'fail': {
      const error = Object.assign(new Error(step.message), { name: step.name });
      if (step.stack !== undefined) error.stack = step.stack;
      throw new Ending(error);
    }
    case 'loop':
      for (;;);
    case 'trap':
      throw new Ending(bug(() => (undefined as any).bug));
    default:
      throw new Ending(Object.assign(new Error(step.call), { name: 'UnknownCall' }));
  }
}

const done = (_: unknown) => undefined;

const bug = (mistake: () => unknown): unknown => {
  try {
    return mistake();
  } catch (error) {
    return error;
  }
};

/** The cache answers with codes; elsewhere they are thrown. */
function accepted<T extends { type: string }>(answer: T): Exclude<T, { type: 'error' }> {
  if ('code' in answer) throw Object.assign(new Error('refused'), { code: answer.code });
  return answer as Exclude<T, { type: 'error' }>;
}

const record = (found: { value: string; expires_at: number } | undefined): string =>
  (found ? `${JSON.stringify(found.value)} ${found.expires_at}` : 'none');

const shown = (value: unknown): string => JSON.stringify(value) ?? 'none';

const secret = (step: Step, event: Event): string =>
  step['secret-value'] ?? event.secrets[step['secret-named']];

/** An argument of JSON, or the text that stands for it. */
const json = (step: { [argument: string]: any }, name: string): any => step[`${name}-text`] ?? step[name];

const query = (step: Step): Record<string, string> => Object.fromEntries(step.query ?? []);

const factors = (list: any[] | undefined): FactorSelector[] => (list ?? []).map(factor);

function factor({ type, 'preferred-method': preferredMethod, 'otp-fallback': otpFallback, ...step }: any): FactorSelector {
  switch (type) {
    case 'phone':
      return { type, options: { preferredMethod } };
    case 'push-notification':
      return { type, options: { otpFallback } };
    default:
      return { type, options: json(step, 'options') };
  }
}

/** RFC 6901, over values. */
function at(event: any, pointer: string): any {
  const [root, ...keys] = pointer.split('/');
  if (root !== '') return undefined;
  return keys
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((value: any, key) => (value !== null && typeof value === 'object' && Object.hasOwn(value, key) ? value[key] : undefined), event);
}

// The event as messages: one for each field, in the order of the contract. A shape
// is a function of a path and a value.

const line = (path: string, text: string) => console.info('%s', `event.${path} = ${text}`);

const plain: Shape = (path, value) => line(path, shown(value));

const optional =
  (shape: Shape): Shape =>
  (path, value) =>
  
  value === undefined || value === null ? line(path, 'none') : shape(path, value);

const list = (shape: Shape): Shape => (path, value) => {
  if (!value?.length) return line(path, '[]');
  value.forEach((item: any, index: number) => shape(`${path}[${index}]`, item));
};

const pairs: Shape = (path, value) => {
  const found = Object.entries(value ?? {});
  if (found.length === 0) return line(path, '[]');
  for (const [name, text] of found) plain(`${path}[${JSON.stringify(name)}]`, text);
};

/** Fields as `WIT name: [name here, shape]`, or only the shape where both are one. */
const fields = (table: Record<string, Shape | [string, Shape]>): Shape => (path, value) => {
  for (const [name, entry] of Object.entries(table)) {
    const [here, shape]: [string, Shape] = Array.isArray(entry) ? entry : [name, entry];
    shape(`${path}.${name}`, value[here]);
  }
};

const text = optional(plain);
const texts = list(plain);

const risk = fields({
  supplemental: optional(
    fields({
      akamai: optional(
        fields({
          'akamai-bot': [
            'akamaiBot',
            optional(
              fields({
                type: text,
                action: text,
                'bot-category': ['botCategory', texts],
                'bot-score': ['botScore', text],
                'bot-score-response-segment': ['botScoreResponseSegment', text],
                'botnet-id': ['botnetId', text],
              }),
            ),
          ],
          'akamai-user-risk': [
            'akamaiUserRisk',
            optional(
              fields({
                action: text,
                'email-domain': ['emailDomain', text],
                ouid: text,
                requestid: text,
                username: text,
                uuid: text,
                allow: text,
                score: text,
                status: text,
                general: text,
                risk: text,
                trust: text,
              }),
            ),
          ],
        }),
      ),
    }),
  ),
});

const groups: Record<string, Shape> = {
  authentication: fields({
    methods: list(fields({ name: plain, timestamp: plain, type: text })),
    'risk-assessment': ['riskAssessment', optional(risk)],
  }),
  authorization: fields({ roles: texts }),
  client: fields({ 'client-id': ['client_id', plain], name: plain, metadata: pairs }),
  connection: fields({ id: plain, name: plain, strategy: plain, metadata: pairs }),
  'custom-domain': optional(fields({ domain: plain, 'domain-metadata': ['domain_metadata', pairs] })),
  organization: optional(
    fields({ id: plain, 'display-name': ['display_name', plain], name: plain, metadata: pairs }),
  ),
  prompt: optional(fields({ id: plain, fields: text, vars: text })),
  request: fields({
    body: plain,
    query: plain,
    method: plain,
    ip: plain,
    hostname: text,
    language: text,
    'user-agent': ['user_agent', text],
    geoip: fields({
      'city-name': ['cityName', text],
      'continent-code': ['continentCode', text],
      'country-code': ['countryCode', text],
      'country-code3': ['countryCode3', text],
      'country-name': ['countryName', text],
      'subdivision-code': ['subdivisionCode', text],
      'subdivision-name': ['subdivisionName', text],
      'time-zone': ['timeZone', text],
      latitude: text,
      longitude: text,
    }),
  }),
  stats: fields({ 'logins-count': ['logins_count', plain] }),
  tenant: fields({ id: plain }),
  transaction: fields({
    'correlation-id': ['correlation_id', text],
    locale: plain,
    'login-hint': ['login_hint', text],
    state: text,
    'ui-locales': ['ui_locales', texts],
    'acr-values': ['acr_values', texts],
    'requested-scopes': ['requested_scopes', texts],
    protocol: text,
    'redirect-uri': ['redirect_uri', text],
    prompt: texts,
    'response-mode': ['response_mode', text],
    'response-type': ['response_type', texts],
    'linking-id': ['linking_id', text],
  }),
  user: fields({
    'user-id': ['user_id', plain],
    'created-at': ['created_at', plain],
    'updated-at': ['updated_at', plain],
    email: text,
    'email-verified': ['email_verified', plain],
    'family-name': ['family_name', text],
    'given-name': ['given_name', text],
    'last-password-reset': ['last_password_reset', text],
    name: text,
    nickname: text,
    'phone-number': ['phone_number', text],
    'phone-verified': ['phone_verified', text],
    picture: text,
    username: text,
  }),
  identities: list(
    fields({
      connection: text,
      provider: text,
      'user-id': ['user_id', text],
      'is-social': ['isSocial', text],
      'profile-data': ['profileData', text],
    }),
  ),
  'enrolled-factors': optional(list(fields({ type: plain, options: text }))),
  'app-metadata': plain,
  'user-metadata': plain,
  secrets: pairs,
  configuration: plain,
};

/** Where in the event a group is. */
const values: Record<string, (event: Event) => unknown> = {
  'custom-domain': (event) => event.custom_domain,
  identities: (event) => event.user.identities,
  'enrolled-factors': (event) => event.user.enrolledFactors,
  'app-metadata': (event) => event.user.app_metadata,
  'user-metadata': (event) => event.user.user_metadata,
};

function look(group: string, event: Event) {
  const value = values[group] ?? ((event: any) => event[group]);
  groups[group]!(group, value(event));
}
