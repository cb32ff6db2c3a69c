//! The contract flowhost:post-challenge 1.0.0 in Zig. Made of the WIT: change nothing here.
//! Import `flowhost` instead.

pub const Text = []const u8;
pub const Pair = struct { Text, Text };
pub const on_execute = "flowhost:post-challenge/on-execute@1.0.0#handle";
pub const on_continue = "flowhost:post-challenge/on-continue@1.0.0#handle";

/// JSON text (RFC 8259).
pub const Json = Text;

/// A call that was refused. Nothing was recorded.
pub const ApiError = struct {
    /// Stable and fit for comparing, such as `MaxSideEffectsExceeded`.
    /// `wit/README.md` lists all of them.
    code: Text,
    /// For the action's author.
    message: Text,
};

/// Why a handler gave up. The flow fails with it.
pub const Failure = struct {
    /// The error's kind, such as `TypeError`.
    name: Text,
    message: Text,
    /// Where it happened, if the language can tell.
    stack: ?Text = null,
};

pub const access = struct {
    /// Refuse the password reset. The flow ends after this run, no later action
    /// runs, and a redirect, prompt or challenge of the same run is dropped.
    ///
    /// `reason` may be shown to the user: at most 1 KiB, else
    /// `DenyReasonTooLong`. When called twice the first reason stands. A handler
    /// that returns `ok` although its denial or challenge was refused, and no
    /// other denial recorded, fails the flow: no objection gets lost.
    pub extern "flowhost:post-challenge/access@1.0.0" fn deny(_: usize, _: usize, _: *anyopaque) void;
};

pub const PhoneMethod = enum(u8) { sms, voice, both };

pub const PhoneOptions = struct {
    preferred_method: ?PhoneMethod = null,
};

pub const PushOptions = struct {
    /// Offer a one-time password when the push does not arrive.
    otp_fallback: ?bool = null,
};

pub const OtherFactor = struct {
    type: Text,
    options: ?Json = null,
};

/// A factor to challenge the user with.
///
/// Ignored are factors met already in this flow, not enabled in the flow's
/// settings or not enrolled by the user. When none is left the challenge
/// counts as met if one was met before, else the flow fails with
/// `no_usable_factor`.
pub const Factor = union(enum(u8)) {
    otp,
    email,
    webauthn_platform,
    webauthn_roaming,
    recovery_code: ?Json,
    phone: PhoneOptions,
    push_notification: PushOptions,
    /// Any other name. Ignored, with a warning in the run's log.
    other: OtherFactor,
};

pub const authentication = struct {
    /// Ask for `factor`; the user may choose one of `additional-factors`
    /// instead. When it is met the flow goes on with the *next* action.
    ///
    /// Two challenges in one run must both be met, in call order. At most 4
    /// challenges in a flow, over all actions; a fifth fails the flow.
    ///
    /// Only the first factor of each kind counts. Options are JSON objects of at
    /// most 4 KiB, else `InvalidPayload`.
    pub extern "flowhost:post-challenge/authentication@1.0.0" fn @"challenge-with"(_: i32, _: usize, _: usize, _: usize, _: usize, _: usize, _: usize, _: usize, _: *anyopaque) void;
    /// Let the user pick one of `factors`; the picker is skipped when only one
    /// of them is usable.
    pub extern "flowhost:post-challenge/authentication@1.0.0" fn @"challenge-with-any"(_: usize, _: usize, _: *anyopaque) void;
};

pub const CacheRecord = struct {
    value: Text,
    /// Milliseconds since the Unix epoch.
    expires_at: i64,
};

/// When an entry ends; the earlier of the two when both are given, 15
/// minutes from now when none is, at most 24 hours from now.
pub const Expiry = struct {
    /// Milliseconds from now.
    ttl: ?i64 = null,
    /// Milliseconds since the Unix epoch.
    expires_at: ?i64 = null,
};

pub const cache = struct {
    /// The entry, or none when there is none or it has expired.
    pub extern "flowhost:post-challenge/cache@1.0.0" fn get(_: usize, _: usize, _: *anyopaque) void;
    /// Write an entry. Keys are at most 64 bytes (`CacheKeySizeExceeded`),
    /// values at most 4,096 bytes (`CacheValueSizeExceeded`); further codes:
    /// `CacheSizeExceeded`, `InvalidExpiry`, `ItemAlreadyExpired`.
    pub extern "flowhost:post-challenge/cache@1.0.0" fn set(_: usize, _: usize, _: usize, _: usize, _: i32, _: i64, _: i32, _: i64, _: *anyopaque) void;
    /// Remove an entry; `CacheKeyDoesNotExist` when there is none.
    pub extern "flowhost:post-challenge/cache@1.0.0" fn delete(_: usize, _: usize, _: *anyopaque) void;
};

pub const prompt = struct {
    /// Render the prompt called `id` (at most 48 characters). `fields` and
    /// `vars` are JSON objects: at most 24 keys each, field names matching
    /// `^[a-zA-Z_][a-zA-Z0-9_]{0,49}$`, together at most 24 KiB; else
    /// `InvalidPrompt`.
    ///
    /// Only one prompt, and no redirect beside it, in one run.
    pub extern "flowhost:post-challenge/prompt@1.0.0" fn render(_: usize, _: usize, _: i32, _: usize, _: usize, _: i32, _: usize, _: usize, _: *anyopaque) void;
};

/// A secret of the action by its name, or any text.
pub const Secret = union(enum(u8)) {
    named: Text,
    value: Text,
};

pub const redirect = struct {
    /// Redirect to an absolute URL; each pair of `query` replaces the
    /// parameters of the same name. The host adds `state` when the flow
    /// suspends. Schemes: `https`, and `http` to loopback addresses unless the
    /// flow allows more. At most 8 KiB. Errors: `InvalidUrl`,
    /// `UrlNotAllowed`, `UrlTooLong`, `SecretInUrl`.
    ///
    /// The last redirect of a run wins.
    pub extern "flowhost:post-challenge/redirect@1.0.0" fn @"send-user-to"(_: usize, _: usize, _: usize, _: usize, _: *anyopaque) void;
    /// Make a session token: a JWT (RFC 7519) signed with HS256 whose claims
    /// are `iat`, `iss` (the request's hostname), `sub` (the user's id), `exp`,
    /// `ip`, and those of `payload`, a JSON object, which win. Lives 900
    /// seconds unless said otherwise; 0 expires at once. Errors:
    /// `InvalidPayload`, `UnknownSecret`.
    pub extern "flowhost:post-challenge/redirect@1.0.0" fn @"encode-token"(_: i32, _: usize, _: usize, _: usize, _: usize, _: i32, _: i64, _: *anyopaque) void;
    /// Validate the token the user came back with, found in the request's body
    /// or query under `token-parameter-name`, by default `session_token`.
    /// Returns its claims, a JSON object.
    ///
    /// The signature must be right (HS256 only), `state` must be the one the
    /// flow was suspended with, `sub` the user's id, `iss` and `iat` present
    /// and `exp` in the future. Codes: `TokenMissing`, `TokenInvalid`,
    /// `UnknownSecret`.
    pub extern "flowhost:post-challenge/redirect@1.0.0" fn @"validate-token"(_: i32, _: usize, _: usize, _: i32, _: usize, _: usize, _: *anyopaque) void;
};

pub const transaction = struct {
    /// Where the user goes after the password was changed. URL rules and errors
    /// as in `redirect.send-user-to`. The last call of a flow wins.
    pub extern "flowhost:post-challenge/transaction@1.0.0" fn @"set-result-url"(_: usize, _: usize, _: usize, _: usize, _: *anyopaque) void;
};

pub const AuthenticationMethod = struct {
    /// `email`, `phone_number`, `pwd`, `federated`, `passkey`, `sms`, `mock`,
    /// `mfa`, or a URL for a custom method.
    name: Text,
    /// When it was completed, ISO 8601.
    timestamp: Text,
    /// The factor of an `mfa` method, such as `otp`.
    type: ?Text = null,
};

/// Results of Akamai Bot Manager.
pub const AkamaiBot = struct {
    type: ?Text = null,
    action: ?Text = null,
    bot_category: []const Text,
    bot_score: ?f64 = null,
    bot_score_response_segment: ?Text = null,
    botnet_id: ?Text = null,
};

/// Results of Akamai Account Protector. `general`, `risk` and `trust` are
/// JSON objects.
pub const AkamaiUserRisk = struct {
    action: ?Text = null,
    email_domain: ?Text = null,
    ouid: ?Text = null,
    requestid: ?Text = null,
    username: ?Text = null,
    uuid: ?Text = null,
    allow: ?f64 = null,
    score: ?f64 = null,
    status: ?f64 = null,
    general: ?Json = null,
    risk: ?Json = null,
    trust: ?Json = null,
};

pub const AkamaiSignals = struct {
    akamai_bot: ?AkamaiBot = null,
    akamai_user_risk: ?AkamaiUserRisk = null,
};

pub const SupplementalSignals = struct {
    akamai: ?AkamaiSignals = null,
};

pub const RiskAssessment = struct {
    supplemental: ?SupplementalSignals = null,
};

/// `event.authentication`: how the user has proven who they are so far.
pub const Authentication = struct {
    /// The methods used, oldest first. A factor met in this flow shows up as
    /// `mfa` from the next action on.
    methods: []const AuthenticationMethod,
    risk_assessment: ?RiskAssessment = null,
};

/// `event.authorization`.
pub const Authorization = struct {
    roles: []const Text,
};

/// `event.client`: the application the reset was started from.
pub const Client = struct {
    client_id: Text,
    name: Text,
    metadata: []const Pair,
};

/// `event.connection`: the database the user is stored in.
pub const Connection = struct {
    id: Text,
    name: Text,
    strategy: Text,
    metadata: []const Pair,
};

/// `event.custom_domain`.
pub const CustomDomain = struct {
    domain: Text,
    domain_metadata: []const Pair,
};

/// `event.organization`; further keys: `get-json-at("/organization")`.
pub const Organization = struct {
    id: Text,
    display_name: Text,
    name: Text,
    metadata: []const Pair,
};

/// `event.prompt`: the prompt that was answered; only after a prompt.
pub const Prompt = struct {
    id: Text,
    /// What the user filled in, a JSON object.
    fields: ?Json = null,
    /// What the action passed to the prompt, a JSON object.
    vars: ?Json = null,
};

/// Where the address is; further keys: `get-json-at("/request/geoip")`.
pub const Geoip = struct {
    city_name: ?Text = null,
    continent_code: ?Text = null,
    country_code: ?Text = null,
    country_code3: ?Text = null,
    country_name: ?Text = null,
    subdivision_code: ?Text = null,
    subdivision_name: ?Text = null,
    time_zone: ?Text = null,
    /// Degrees.
    latitude: ?f64 = null,
    /// Degrees.
    longitude: ?f64 = null,
};

/// `event.request`: in `on-execute` the request that started the flow, in
/// `on-continue` the one the user came back with.
pub const Request = struct {
    /// The form body, a JSON object.
    body: Json,
    /// The query string, a JSON object.
    query: Json,
    method: Text,
    ip: Text,
    hostname: ?Text = null,
    language: ?Text = null,
    user_agent: ?Text = null,
    geoip: Geoip,
};

/// `event.stats`.
pub const Stats = struct {
    logins_count: f64,
};

/// `event.tenant`.
pub const Tenant = struct {
    id: Text,
};

/// `event.transaction`; further keys: `get-json-at("/transaction")`.
pub const Transaction = struct {
    correlation_id: ?Text = null,
    locale: Text,
    login_hint: ?Text = null,
    state: ?Text = null,
    ui_locales: []const Text,
    acr_values: []const Text,
    requested_scopes: []const Text,
    protocol: ?Text = null,
    redirect_uri: ?Text = null,
    prompt: []const Text,
    response_mode: ?Text = null,
    response_type: []const Text,
    linking_id: ?Text = null,
};

/// `event.user` without what has a function of its own: identities,
/// enrolled factors and metadata. Further keys: `get-json-at("/user")`.
pub const User = struct {
    user_id: Text,
    /// ISO 8601.
    created_at: Text,
    /// ISO 8601.
    updated_at: Text,
    email: ?Text = null,
    email_verified: bool,
    family_name: ?Text = null,
    given_name: ?Text = null,
    /// ISO 8601.
    last_password_reset: ?Text = null,
    name: ?Text = null,
    nickname: ?Text = null,
    phone_number: ?Text = null,
    phone_verified: ?bool = null,
    picture: ?Text = null,
    username: ?Text = null,
};

/// One of `event.user.identities`.
pub const Identity = struct {
    connection: ?Text = null,
    provider: ?Text = null,
    user_id: ?Text = null,
    is_social: ?bool = null,
    /// A JSON object.
    profile_data: ?Json = null,
};

/// One of `event.user.enrolledFactors`.
pub const EnrolledFactor = struct {
    /// `push-notification`, `phone`, `email`, `otp`, `webauthn-roaming` or
    /// `webauthn-platform`.
    type: Text,
    /// A JSON object.
    options: ?Json = null,
};

pub const event = struct {
    pub extern "flowhost:post-challenge/event@1.0.0" fn @"get-authentication"(_: *anyopaque) void;
    pub extern "flowhost:post-challenge/event@1.0.0" fn @"get-authorization"(_: *anyopaque) void;
    pub extern "flowhost:post-challenge/event@1.0.0" fn @"get-client"(_: *anyopaque) void;
    pub extern "flowhost:post-challenge/event@1.0.0" fn @"get-connection"(_: *anyopaque) void;
    pub extern "flowhost:post-challenge/event@1.0.0" fn @"get-custom-domain"(_: *anyopaque) void;
    pub extern "flowhost:post-challenge/event@1.0.0" fn @"get-organization"(_: *anyopaque) void;
    pub extern "flowhost:post-challenge/event@1.0.0" fn @"get-prompt"(_: *anyopaque) void;
    pub extern "flowhost:post-challenge/event@1.0.0" fn @"get-request"(_: *anyopaque) void;
    pub extern "flowhost:post-challenge/event@1.0.0" fn @"get-stats"() f64;
    pub extern "flowhost:post-challenge/event@1.0.0" fn @"get-tenant"(_: *anyopaque) void;
    pub extern "flowhost:post-challenge/event@1.0.0" fn @"get-transaction"(_: *anyopaque) void;
    pub extern "flowhost:post-challenge/event@1.0.0" fn @"get-user"(_: *anyopaque) void;
    /// `event.user.identities`.
    pub extern "flowhost:post-challenge/event@1.0.0" fn @"get-identities"(_: *anyopaque) void;
    /// `event.user.enrolledFactors`. An empty list: the user has none. None:
    /// they could not be fetched.
    pub extern "flowhost:post-challenge/event@1.0.0" fn @"get-enrolled-factors"(_: *anyopaque) void;
    /// `event.user.app_metadata`, a JSON object.
    pub extern "flowhost:post-challenge/event@1.0.0" fn @"get-app-metadata"(_: *anyopaque) void;
    /// `event.user.user_metadata`, a JSON object.
    pub extern "flowhost:post-challenge/event@1.0.0" fn @"get-user-metadata"(_: *anyopaque) void;
    /// `event.secrets` of the action at hand. Prefer naming a secret to the
    /// token functions of `redirect` over reading it here.
    pub extern "flowhost:post-challenge/event@1.0.0" fn @"get-secrets"(_: *anyopaque) void;
    /// One of `get-secrets`.
    pub extern "flowhost:post-challenge/event@1.0.0" fn @"get-secret"(_: usize, _: usize, _: *anyopaque) void;
    /// `event.configuration` of the action at hand, a JSON object; `{}` when
    /// there is none.
    pub extern "flowhost:post-challenge/event@1.0.0" fn @"get-configuration"(_: *anyopaque) void;
    /// The whole event as JSON text: every group as it came in, key order,
    /// unknown keys and number spelling included, with the secrets and the
    /// configuration of the action at hand.
    pub extern "flowhost:post-challenge/event@1.0.0" fn @"get-json"(_: *anyopaque) void;
    /// The JSON text of one place in the event, by JSON Pointer (RFC 6901):
    /// `/user/app_metadata/plan`. None when nothing is there.
    pub extern "flowhost:post-challenge/event@1.0.0" fn @"get-json-at"(_: usize, _: usize, _: *anyopaque) void;
    /// The same for a place that holds a string: its value, without quotes and
    /// escapes. None when nothing is there or it is no string.
    pub extern "flowhost:post-challenge/event@1.0.0" fn @"get-text-at"(_: usize, _: usize, _: *anyopaque) void;
};

pub const Level = enum(u8) { debug, info, warn, @"error" };

pub const log = struct {
    /// Write one message. A run keeps 16 KiB and 256 lines; what is over is
    /// counted, and the count is the last line.
    pub extern "flowhost:post-challenge/log@1.0.0" fn write(_: i32, _: usize, _: usize) void;
};
