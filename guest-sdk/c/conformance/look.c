#include "look.h"

#include <stdio.h>
#include <stdlib.h>

static void line(fh_string path, fh_string value) {
  fh_log(FH_LEVEL_INFO, fh_concat(path, " = ", value));
}

static fh_string below(fh_string path, const char *name) { return fh_concat(path, ".", name); }

static fh_string at(fh_string path, size_t index) {
  return fh_concat(path, "[", fh_from_int((int64_t)index), "]");
}

static void show_string(fh_string path, fh_string text) { line(path, fh_quote(text)); }
static void show_json(fh_string path, fh_string json) { line(path, json); }
static void show_bool(fh_string path, bool value) {
  line(path, fh_text(value ? "true" : "false"));
}

// The fewest digits that mean this number, and no point where it is whole.
static void show_double(fh_string path, double value) {
  char digits[32];
  if (value > -1e15 && value < 1e15 && value == (double)(int64_t)value) {
    line(path, fh_from_int((int64_t)value));
    return;
  }
  for (int precision = 1; precision <= 17; precision++) {
    snprintf(digits, sizeof digits, "%.*g", precision, value);
    if (strtod(digits, NULL) == value) break;
  }
  line(path, fh_text(digits));
}

static void show_pairs(fh_string path, fh_list_pair pairs) {
  if (pairs.len == 0) line(path, fh_text("[]"));
  for (size_t i = 0; i < pairs.len; i++) {
    show_string(fh_concat(path, "[", fh_quote(pairs.ptr[i].name), "]"), pairs.ptr[i].value);
  }
}

// An option and a list of what can be shown.
#define OPTION(kind, type)                                            \
  static void show_option_##kind(fh_string path, type option) {       \
    if (option.is_some) show_##kind(path, option.value);              \
    else line(path, fh_text("none"));                                 \
  }
#define LIST(kind, type)                                                           \
  static void show_list_##kind(fh_string path, type list) {                        \
    if (list.len == 0) line(path, fh_text("[]"));                                  \
    for (size_t i = 0; i < list.len; i++) show_##kind(at(path, i), list.ptr[i]);   \
  }
// A record: the kinds and names of its fields.
#define RECORD(kind, fields)                                 \
  static void show_##kind(fh_string path, fh_##kind record) { \
    fields                                                   \
  }
#define FIELD(kind, field, name) show_##kind(below(path, name), record.field);

OPTION(string, fh_option_string)
OPTION(json, fh_option_string)
OPTION(bool, fh_option_bool)
OPTION(double, fh_option_double)
LIST(string, fh_list_string)

RECORD(authentication_method,
       FIELD(string, name, "name")
       FIELD(string, timestamp, "timestamp")
       FIELD(option_string, type, "type"))
LIST(authentication_method, fh_list_authentication_method)

RECORD(akamai_bot,
       FIELD(option_string, type, "type")
       FIELD(option_string, action, "action")
       FIELD(list_string, bot_category, "bot-category")
       FIELD(option_double, bot_score, "bot-score")
       FIELD(option_string, bot_score_response_segment, "bot-score-response-segment")
       FIELD(option_string, botnet_id, "botnet-id"))
OPTION(akamai_bot, fh_option_akamai_bot)

RECORD(akamai_user_risk,
       FIELD(option_string, action, "action")
       FIELD(option_string, email_domain, "email-domain")
       FIELD(option_string, ouid, "ouid")
       FIELD(option_string, requestid, "requestid")
       FIELD(option_string, username, "username")
       FIELD(option_string, uuid, "uuid")
       FIELD(option_double, allow, "allow")
       FIELD(option_double, score, "score")
       FIELD(option_double, status, "status")
       FIELD(option_json, general, "general")
       FIELD(option_json, risk, "risk")
       FIELD(option_json, trust, "trust"))
OPTION(akamai_user_risk, fh_option_akamai_user_risk)

RECORD(akamai_signals,
       FIELD(option_akamai_bot, akamai_bot, "akamai-bot")
       FIELD(option_akamai_user_risk, akamai_user_risk, "akamai-user-risk"))
OPTION(akamai_signals, fh_option_akamai_signals)
RECORD(supplemental_signals, FIELD(option_akamai_signals, akamai, "akamai"))
OPTION(supplemental_signals, fh_option_supplemental_signals)
RECORD(risk_assessment, FIELD(option_supplemental_signals, supplemental, "supplemental"))
OPTION(risk_assessment, fh_option_risk_assessment)

RECORD(authentication,
       FIELD(list_authentication_method, methods, "methods")
       FIELD(option_risk_assessment, risk_assessment, "risk-assessment"))

RECORD(authorization, FIELD(list_string, roles, "roles"))

RECORD(client,
       FIELD(string, client_id, "client-id")
       FIELD(string, name, "name")
       FIELD(pairs, metadata, "metadata"))

RECORD(connection,
       FIELD(string, id, "id")
       FIELD(string, name, "name")
       FIELD(string, strategy, "strategy")
       FIELD(pairs, metadata, "metadata"))

RECORD(custom_domain,
       FIELD(string, domain, "domain")
       FIELD(pairs, domain_metadata, "domain-metadata"))
OPTION(custom_domain, fh_option_custom_domain)

RECORD(organization,
       FIELD(string, id, "id")
       FIELD(string, display_name, "display-name")
       FIELD(string, name, "name")
       FIELD(pairs, metadata, "metadata"))
OPTION(organization, fh_option_organization)

RECORD(prompt,
       FIELD(string, id, "id")
       FIELD(option_json, fields, "fields")
       FIELD(option_json, vars, "vars"))
OPTION(prompt, fh_option_prompt)

RECORD(geoip,
       FIELD(option_string, city_name, "city-name")
       FIELD(option_string, continent_code, "continent-code")
       FIELD(option_string, country_code, "country-code")
       FIELD(option_string, country_code3, "country-code3")
       FIELD(option_string, country_name, "country-name")
       FIELD(option_string, subdivision_code, "subdivision-code")
       FIELD(option_string, subdivision_name, "subdivision-name")
       FIELD(option_string, time_zone, "time-zone")
       FIELD(option_double, latitude, "latitude")
       FIELD(option_double, longitude, "longitude"))

RECORD(request,
       FIELD(json, body, "body")
       FIELD(json, query, "query")
       FIELD(string, method, "method")
       FIELD(string, ip, "ip")
       FIELD(option_string, hostname, "hostname")
       FIELD(option_string, language, "language")
       FIELD(option_string, user_agent, "user-agent")
       FIELD(geoip, geoip, "geoip"))

RECORD(stats, FIELD(double, logins_count, "logins-count"))
RECORD(tenant, FIELD(string, id, "id"))

RECORD(transaction,
       FIELD(option_string, correlation_id, "correlation-id")
       FIELD(string, locale, "locale")
       FIELD(option_string, login_hint, "login-hint")
       FIELD(option_string, state, "state")
       FIELD(list_string, ui_locales, "ui-locales")
       FIELD(list_string, acr_values, "acr-values")
       FIELD(list_string, requested_scopes, "requested-scopes")
       FIELD(option_string, protocol, "protocol")
       FIELD(option_string, redirect_uri, "redirect-uri")
       FIELD(list_string, prompt, "prompt")
       FIELD(option_string, response_mode, "response-mode")
       FIELD(list_string, response_type, "response-type")
       FIELD(option_string, linking_id, "linking-id"))

RECORD(user,
       FIELD(string, user_id, "user-id")
       FIELD(string, created_at, "created-at")
       FIELD(string, updated_at, "updated-at")
       FIELD(option_string, email, "email")
       FIELD(bool, email_verified, "email-verified")
       FIELD(option_string, family_name, "family-name")
       FIELD(option_string, given_name, "given-name")
       FIELD(option_string, last_password_reset, "last-password-reset")
       FIELD(option_string, name, "name")
       FIELD(option_string, nickname, "nickname")
       FIELD(option_string, phone_number, "phone-number")
       FIELD(option_bool, phone_verified, "phone-verified")
       FIELD(option_string, picture, "picture")
       FIELD(option_string, username, "username"))

RECORD(identity,
       FIELD(option_string, connection, "connection")
       FIELD(option_string, provider, "provider")
       FIELD(option_string, user_id, "user-id")
       FIELD(option_bool, is_social, "is-social")
       FIELD(option_json, profile_data, "profile-data"))
LIST(identity, fh_list_identity)

RECORD(enrolled_factor,
       FIELD(string, type, "type")
       FIELD(option_json, options, "options"))
LIST(enrolled_factor, fh_list_enrolled_factor)
OPTION(list_enrolled_factor, fh_option_list_enrolled_factor)

bool look_at(fh_string group) {
  fh_string path = fh_concat("event.", group);
#define GROUP(name, kind, getter)        \
  if (fh_eq(group, name)) {              \
    show_##kind(path, fh_get_##getter()); \
    return true;                         \
  }
  GROUP("authentication", authentication, authentication)
  GROUP("authorization", authorization, authorization)
  GROUP("client", client, client)
  GROUP("connection", connection, connection)
  GROUP("custom-domain", option_custom_domain, custom_domain)
  GROUP("organization", option_organization, organization)
  GROUP("prompt", option_prompt, prompt)
  GROUP("request", request, request)
  GROUP("stats", stats, stats)
  GROUP("tenant", tenant, tenant)
  GROUP("transaction", transaction, transaction)
  GROUP("user", user, user)
  GROUP("identities", list_identity, identities)
  GROUP("enrolled-factors", option_list_enrolled_factor, enrolled_factors)
  GROUP("app-metadata", json, app_metadata)
  GROUP("user-metadata", json, user_metadata)
  GROUP("secrets", pairs, secrets)
  GROUP("configuration", json, configuration)
  return false;
}
