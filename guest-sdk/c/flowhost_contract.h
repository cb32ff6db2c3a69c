// The contract flowhost:post-challenge 1.0.0 in C and C++. Made of the WIT: change nothing here.
// Include `flowhost_action.h` or `flowhost_action.hpp` instead.

#ifndef FLOWHOST_CONTRACT_H
#define FLOWHOST_CONTRACT_H

#include "flowhost_shapes.h"

#ifdef __cplusplus
extern "C" {
#endif

#define FH_ON_EXECUTE "flowhost:post-challenge/on-execute@1.0.0#handle"
#define FH_ON_CONTINUE "flowhost:post-challenge/on-continue@1.0.0#handle"

// flowhost:post-challenge/types@1.0.0

// JSON text (RFC 8259).
typedef fh_string fh_json;

// A call that was refused. Nothing was recorded.
typedef struct {
  // Stable and fit for comparing, such as `MaxSideEffectsExceeded`.
  // `wit/README.md` lists all of them.
  fh_string code;
  // For the action's author.
  fh_string message;
} fh_api_error;

FH_OPTION(fh_option_string, fh_string)

// Why a handler gave up. The flow fails with it.
typedef struct {
  // The error's kind, such as `TypeError`.
  fh_string name;
  fh_string message;
  // Where it happened, if the language can tell.
  fh_option_string stack;
} fh_failure;

// flowhost:post-challenge/access@1.0.0

typedef struct {
  bool is_error;
  union {
    fh_api_error error;
  } value;
} fh_answer;

FH_IMPORT("flowhost:post-challenge/access@1.0.0", "deny")
void fh_import_access_deny(const void *, size_t, fh_answer *);

// flowhost:post-challenge/authentication@1.0.0

typedef uint8_t fh_phone_method;
enum { FH_PHONE_METHOD_SMS, FH_PHONE_METHOD_VOICE, FH_PHONE_METHOD_BOTH };

FH_OPTION(fh_option_phone_method, fh_phone_method)

typedef struct {
  fh_option_phone_method preferred_method;
} fh_phone_options;

FH_OPTION(fh_option_bool, bool)

typedef struct {
  // Offer a one-time password when the push does not arrive.
  fh_option_bool otp_fallback;
} fh_push_options;

typedef struct {
  fh_string type;
  fh_option_string options;
} fh_other_factor;

enum { FH_FACTOR_OTP, FH_FACTOR_EMAIL, FH_FACTOR_WEBAUTHN_PLATFORM, FH_FACTOR_WEBAUTHN_ROAMING, FH_FACTOR_RECOVERY_CODE, FH_FACTOR_PHONE, FH_FACTOR_PUSH_NOTIFICATION, FH_FACTOR_OTHER };
// A factor to challenge the user with.
//
// Ignored are factors met already in this flow, not enabled in the flow's
// settings or not enrolled by the user. When none is left the challenge
// counts as met if one was met before, else the flow fails with
// `no_usable_factor`.
typedef struct {
  uint8_t tag;
  union {
    fh_option_string recovery_code;
    fh_phone_options phone;
    fh_push_options push_notification;
    fh_other_factor other;
  } value;
} fh_factor;

FH_LIST(fh_list_factor, fh_factor)

FH_IMPORT("flowhost:post-challenge/authentication@1.0.0", "challenge-with")
void fh_import_authentication_challenge_with(int32_t, const void *, const void *, size_t, const void *, size_t, const void *, size_t, fh_answer *);

FH_IMPORT("flowhost:post-challenge/authentication@1.0.0", "challenge-with-any")
void fh_import_authentication_challenge_with_any(const void *, size_t, fh_answer *);

// flowhost:post-challenge/cache@1.0.0

typedef struct {
  fh_string value;
  // Milliseconds since the Unix epoch.
  int64_t expires_at;
} fh_cache_record;

FH_OPTION(fh_option_int64, int64_t)

// When an entry ends; the earlier of the two when both are given, 15
// minutes from now when none is, at most 24 hours from now.
typedef struct {
  // Milliseconds from now.
  fh_option_int64 ttl;
  // Milliseconds since the Unix epoch.
  fh_option_int64 expires_at;
} fh_expiry;

FH_OPTION(fh_option_cache_record, fh_cache_record)

FH_IMPORT("flowhost:post-challenge/cache@1.0.0", "get")
void fh_import_cache_get(const void *, size_t, fh_option_cache_record *);

typedef struct {
  bool is_error;
  union {
    fh_cache_record ok;
    fh_api_error error;
  } value;
} fh_answer_cache_record;

FH_IMPORT("flowhost:post-challenge/cache@1.0.0", "set")
void fh_import_cache_set(const void *, size_t, const void *, size_t, int32_t, int64_t, int32_t, int64_t, fh_answer_cache_record *);

FH_IMPORT("flowhost:post-challenge/cache@1.0.0", "delete")
void fh_import_cache_delete(const void *, size_t, fh_answer *);

// flowhost:post-challenge/prompt@1.0.0

FH_IMPORT("flowhost:post-challenge/prompt@1.0.0", "render")
void fh_import_prompt_render(const void *, size_t, int32_t, const void *, size_t, int32_t, const void *, size_t, fh_answer *);

// flowhost:post-challenge/redirect@1.0.0

enum { FH_SECRET_NAMED, FH_SECRET_VALUE };
// A secret of the action by its name, or any text.
typedef struct {
  uint8_t tag;
  union {
    fh_string named;
    fh_string value;
  } value;
} fh_secret;

FH_LIST(fh_list_pair, fh_pair)

FH_IMPORT("flowhost:post-challenge/redirect@1.0.0", "send-user-to")
void fh_import_redirect_send_user_to(const void *, size_t, const void *, size_t, fh_answer *);

typedef struct {
  bool is_error;
  union {
    fh_string ok;
    fh_api_error error;
  } value;
} fh_answer_string;

FH_IMPORT("flowhost:post-challenge/redirect@1.0.0", "encode-token")
void fh_import_redirect_encode_token(int32_t, const void *, size_t, const void *, size_t, int32_t, int64_t, fh_answer_string *);

FH_IMPORT("flowhost:post-challenge/redirect@1.0.0", "validate-token")
void fh_import_redirect_validate_token(int32_t, const void *, size_t, int32_t, const void *, size_t, fh_answer_string *);

// flowhost:post-challenge/transaction@1.0.0

FH_IMPORT("flowhost:post-challenge/transaction@1.0.0", "set-result-url")
void fh_import_transaction_set_result_url(const void *, size_t, const void *, size_t, fh_answer *);

// flowhost:post-challenge/event@1.0.0

typedef struct {
  // `email`, `phone_number`, `pwd`, `federated`, `passkey`, `sms`, `mock`,
  // `mfa`, or a URL for a custom method.
  fh_string name;
  // When it was completed, ISO 8601.
  fh_string timestamp;
  // The factor of an `mfa` method, such as `otp`.
  fh_option_string type;
} fh_authentication_method;

FH_LIST(fh_list_string, fh_string)

FH_OPTION(fh_option_double, double)

// Results of Akamai Bot Manager.
typedef struct {
  fh_option_string type;
  fh_option_string action;
  fh_list_string bot_category;
  fh_option_double bot_score;
  fh_option_string bot_score_response_segment;
  fh_option_string botnet_id;
} fh_akamai_bot;

// Results of Akamai Account Protector. `general`, `risk` and `trust` are
// JSON objects.
typedef struct {
  fh_option_string action;
  fh_option_string email_domain;
  fh_option_string ouid;
  fh_option_string requestid;
  fh_option_string username;
  fh_option_string uuid;
  fh_option_double allow;
  fh_option_double score;
  fh_option_double status;
  fh_option_string general;
  fh_option_string risk;
  fh_option_string trust;
} fh_akamai_user_risk;

FH_OPTION(fh_option_akamai_bot, fh_akamai_bot)

FH_OPTION(fh_option_akamai_user_risk, fh_akamai_user_risk)

typedef struct {
  fh_option_akamai_bot akamai_bot;
  fh_option_akamai_user_risk akamai_user_risk;
} fh_akamai_signals;

FH_OPTION(fh_option_akamai_signals, fh_akamai_signals)

typedef struct {
  fh_option_akamai_signals akamai;
} fh_supplemental_signals;

FH_OPTION(fh_option_supplemental_signals, fh_supplemental_signals)

typedef struct {
  fh_option_supplemental_signals supplemental;
} fh_risk_assessment;

FH_LIST(fh_list_authentication_method, fh_authentication_method)

FH_OPTION(fh_option_risk_assessment, fh_risk_assessment)

// `event.authentication`: how the user has proven who they are so far.
typedef struct {
  // The methods used, oldest first. A factor met in this flow shows up as
  // `mfa` from the next action on.
  fh_list_authentication_method methods;
  fh_option_risk_assessment risk_assessment;
} fh_authentication;

// `event.authorization`.
typedef struct {
  fh_list_string roles;
} fh_authorization;

// `event.client`: the application the reset was started from.
typedef struct {
  fh_string client_id;
  fh_string name;
  fh_list_pair metadata;
} fh_client;

// `event.connection`: the database the user is stored in.
typedef struct {
  fh_string id;
  fh_string name;
  fh_string strategy;
  fh_list_pair metadata;
} fh_connection;

// `event.custom_domain`.
typedef struct {
  fh_string domain;
  fh_list_pair domain_metadata;
} fh_custom_domain;

// `event.organization`; further keys: `get-json-at("/organization")`.
typedef struct {
  fh_string id;
  fh_string display_name;
  fh_string name;
  fh_list_pair metadata;
} fh_organization;

// `event.prompt`: the prompt that was answered; only after a prompt.
typedef struct {
  fh_string id;
  // What the user filled in, a JSON object.
  fh_option_string fields;
  // What the action passed to the prompt, a JSON object.
  fh_option_string vars;
} fh_prompt;

// Where the address is; further keys: `get-json-at("/request/geoip")`.
typedef struct {
  fh_option_string city_name;
  fh_option_string continent_code;
  fh_option_string country_code;
  fh_option_string country_code3;
  fh_option_string country_name;
  fh_option_string subdivision_code;
  fh_option_string subdivision_name;
  fh_option_string time_zone;
  // Degrees.
  fh_option_double latitude;
  // Degrees.
  fh_option_double longitude;
} fh_geoip;

// `event.request`: in `on-execute` the request that started the flow, in
// `on-continue` the one the user came back with.
typedef struct {
  // The form body, a JSON object.
  fh_json body;
  // The query string, a JSON object.
  fh_json query;
  fh_string method;
  fh_string ip;
  fh_option_string hostname;
  fh_option_string language;
  fh_option_string user_agent;
  fh_geoip geoip;
} fh_request;

// `event.stats`.
typedef struct {
  double logins_count;
} fh_stats;

// `event.tenant`.
typedef struct {
  fh_string id;
} fh_tenant;

// `event.transaction`; further keys: `get-json-at("/transaction")`.
typedef struct {
  fh_option_string correlation_id;
  fh_string locale;
  fh_option_string login_hint;
  fh_option_string state;
  fh_list_string ui_locales;
  fh_list_string acr_values;
  fh_list_string requested_scopes;
  fh_option_string protocol;
  fh_option_string redirect_uri;
  fh_list_string prompt;
  fh_option_string response_mode;
  fh_list_string response_type;
  fh_option_string linking_id;
} fh_transaction;

// `event.user` without what has a function of its own: identities,
// enrolled factors and metadata. Further keys: `get-json-at("/user")`.
typedef struct {
  fh_string user_id;
  // ISO 8601.
  fh_string created_at;
  // ISO 8601.
  fh_string updated_at;
  fh_option_string email;
  bool email_verified;
  fh_option_string family_name;
  fh_option_string given_name;
  // ISO 8601.
  fh_option_string last_password_reset;
  fh_option_string name;
  fh_option_string nickname;
  fh_option_string phone_number;
  fh_option_bool phone_verified;
  fh_option_string picture;
  fh_option_string username;
} fh_user;

// One of `event.user.identities`.
typedef struct {
  fh_option_string connection;
  fh_option_string provider;
  fh_option_string user_id;
  fh_option_bool is_social;
  // A JSON object.
  fh_option_string profile_data;
} fh_identity;

// One of `event.user.enrolledFactors`.
typedef struct {
  // `push-notification`, `phone`, `email`, `otp`, `webauthn-roaming` or
  // `webauthn-platform`.
  fh_string type;
  // A JSON object.
  fh_option_string options;
} fh_enrolled_factor;

FH_IMPORT("flowhost:post-challenge/event@1.0.0", "get-authentication")
void fh_import_event_get_authentication(fh_authentication *);

static inline fh_authentication fh_get_authentication(void) {
  fh_authentication answer;
  fh_import_event_get_authentication(&answer);
  return answer;
}

FH_IMPORT("flowhost:post-challenge/event@1.0.0", "get-authorization")
void fh_import_event_get_authorization(fh_authorization *);

static inline fh_authorization fh_get_authorization(void) {
  fh_authorization answer;
  fh_import_event_get_authorization(&answer);
  return answer;
}

FH_IMPORT("flowhost:post-challenge/event@1.0.0", "get-client")
void fh_import_event_get_client(fh_client *);

static inline fh_client fh_get_client(void) {
  fh_client answer;
  fh_import_event_get_client(&answer);
  return answer;
}

FH_IMPORT("flowhost:post-challenge/event@1.0.0", "get-connection")
void fh_import_event_get_connection(fh_connection *);

static inline fh_connection fh_get_connection(void) {
  fh_connection answer;
  fh_import_event_get_connection(&answer);
  return answer;
}

FH_OPTION(fh_option_custom_domain, fh_custom_domain)

FH_IMPORT("flowhost:post-challenge/event@1.0.0", "get-custom-domain")
void fh_import_event_get_custom_domain(fh_option_custom_domain *);

static inline fh_option_custom_domain fh_get_custom_domain(void) {
  fh_option_custom_domain answer;
  fh_import_event_get_custom_domain(&answer);
  return answer;
}

FH_OPTION(fh_option_organization, fh_organization)

FH_IMPORT("flowhost:post-challenge/event@1.0.0", "get-organization")
void fh_import_event_get_organization(fh_option_organization *);

static inline fh_option_organization fh_get_organization(void) {
  fh_option_organization answer;
  fh_import_event_get_organization(&answer);
  return answer;
}

FH_OPTION(fh_option_prompt, fh_prompt)

FH_IMPORT("flowhost:post-challenge/event@1.0.0", "get-prompt")
void fh_import_event_get_prompt(fh_option_prompt *);

static inline fh_option_prompt fh_get_prompt(void) {
  fh_option_prompt answer;
  fh_import_event_get_prompt(&answer);
  return answer;
}

FH_IMPORT("flowhost:post-challenge/event@1.0.0", "get-request")
void fh_import_event_get_request(fh_request *);

static inline fh_request fh_get_request(void) {
  fh_request answer;
  fh_import_event_get_request(&answer);
  return answer;
}

FH_IMPORT("flowhost:post-challenge/event@1.0.0", "get-stats")
double fh_import_event_get_stats(void);

static inline fh_stats fh_get_stats(void) {
  fh_stats answer = { fh_import_event_get_stats() };
  return answer;
}

FH_IMPORT("flowhost:post-challenge/event@1.0.0", "get-tenant")
void fh_import_event_get_tenant(fh_tenant *);

static inline fh_tenant fh_get_tenant(void) {
  fh_tenant answer;
  fh_import_event_get_tenant(&answer);
  return answer;
}

FH_IMPORT("flowhost:post-challenge/event@1.0.0", "get-transaction")
void fh_import_event_get_transaction(fh_transaction *);

static inline fh_transaction fh_get_transaction(void) {
  fh_transaction answer;
  fh_import_event_get_transaction(&answer);
  return answer;
}

FH_IMPORT("flowhost:post-challenge/event@1.0.0", "get-user")
void fh_import_event_get_user(fh_user *);

static inline fh_user fh_get_user(void) {
  fh_user answer;
  fh_import_event_get_user(&answer);
  return answer;
}

FH_LIST(fh_list_identity, fh_identity)

FH_IMPORT("flowhost:post-challenge/event@1.0.0", "get-identities")
void fh_import_event_get_identities(fh_list_identity *);

// `event.user.identities`.
static inline fh_list_identity fh_get_identities(void) {
  fh_list_identity answer;
  fh_import_event_get_identities(&answer);
  return answer;
}

FH_LIST(fh_list_enrolled_factor, fh_enrolled_factor)

FH_OPTION(fh_option_list_enrolled_factor, fh_list_enrolled_factor)

FH_IMPORT("flowhost:post-challenge/event@1.0.0", "get-enrolled-factors")
void fh_import_event_get_enrolled_factors(fh_option_list_enrolled_factor *);

// `event.user.enrolledFactors`. An empty list: the user has none. None:
// they could not be fetched.
static inline fh_option_list_enrolled_factor fh_get_enrolled_factors(void) {
  fh_option_list_enrolled_factor answer;
  fh_import_event_get_enrolled_factors(&answer);
  return answer;
}

FH_IMPORT("flowhost:post-challenge/event@1.0.0", "get-app-metadata")
void fh_import_event_get_app_metadata(fh_json *);

// `event.user.app_metadata`, a JSON object.
static inline fh_json fh_get_app_metadata(void) {
  fh_json answer;
  fh_import_event_get_app_metadata(&answer);
  return answer;
}

FH_IMPORT("flowhost:post-challenge/event@1.0.0", "get-user-metadata")
void fh_import_event_get_user_metadata(fh_json *);

// `event.user.user_metadata`, a JSON object.
static inline fh_json fh_get_user_metadata(void) {
  fh_json answer;
  fh_import_event_get_user_metadata(&answer);
  return answer;
}

FH_IMPORT("flowhost:post-challenge/event@1.0.0", "get-secrets")
void fh_import_event_get_secrets(fh_list_pair *);

// `event.secrets` of the action at hand. Prefer naming a secret to the
// token functions of `redirect` over reading it here.
static inline fh_list_pair fh_get_secrets(void) {
  fh_list_pair answer;
  fh_import_event_get_secrets(&answer);
  return answer;
}

FH_IMPORT("flowhost:post-challenge/event@1.0.0", "get-secret")
void fh_import_event_get_secret(const void *, size_t, fh_option_string *);

FH_IMPORT("flowhost:post-challenge/event@1.0.0", "get-configuration")
void fh_import_event_get_configuration(fh_json *);

// `event.configuration` of the action at hand, a JSON object; `{}` when
// there is none.
static inline fh_json fh_get_configuration(void) {
  fh_json answer;
  fh_import_event_get_configuration(&answer);
  return answer;
}

FH_IMPORT("flowhost:post-challenge/event@1.0.0", "get-json")
void fh_import_event_get_json(fh_json *);

// The whole event as JSON text: every group as it came in, key order,
// unknown keys and number spelling included, with the secrets and the
// configuration of the action at hand.
static inline fh_json fh_get_json(void) {
  fh_json answer;
  fh_import_event_get_json(&answer);
  return answer;
}

FH_IMPORT("flowhost:post-challenge/event@1.0.0", "get-json-at")
void fh_import_event_get_json_at(const void *, size_t, fh_option_string *);

FH_IMPORT("flowhost:post-challenge/event@1.0.0", "get-text-at")
void fh_import_event_get_text_at(const void *, size_t, fh_option_string *);

// flowhost:post-challenge/log@1.0.0

typedef uint8_t fh_level;
enum { FH_LEVEL_DEBUG, FH_LEVEL_INFO, FH_LEVEL_WARN, FH_LEVEL_ERROR };

FH_IMPORT("flowhost:post-challenge/log@1.0.0", "write")
void fh_import_log_write(int32_t, const void *, size_t);

#ifdef __cplusplus
}
#endif

#endif
