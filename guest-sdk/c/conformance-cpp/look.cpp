#include "look.hpp"

#include <charconv>
#include <flowhost_action.hpp>
#include <string>

namespace fh = flowhost;

// JSON, which is shown as it is. In the contract's types it is text like other.
struct Json {
  fh::text text;
};
static fh::option<Json> json(fh::text_option text) {
  if (!text) return std::nullopt;
  return Json{*text};
}

static void line(const std::string &path, std::string_view value) {
  fh::log(FH_LEVEL_INFO, path + " = " + std::string(value));
}

static void show(const std::string &path, fh::text text) { line(path, fh::quote(text)); }
static void show(const std::string &path, Json json) { line(path, json.text); }
static void show(const std::string &path, bool value) { line(path, value ? "true" : "false"); }

// The fewest digits that mean this number, and no point where it is whole.
static void show(const std::string &path, double value) {
  char digits[32];
  auto end = std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed).ptr;
  line(path, {digits, static_cast<size_t>(end - digits)});
}

static void show(const std::string &path, const fh::pairs &pairs) {
  if (pairs.empty()) line(path, "[]");
  for (auto &[name, value] : pairs) {
    show(path + "[" + std::string(fh::quote(name).view()) + "]", value);
  }
}

// The records are of the global namespace, so that all of these find each other.
// Declared before they are used in each other.
template <class T>
static void show(const std::string &path, const fh::option<T> &option);
template <class T>
static void show(const std::string &path, const fh::list<T> &list);

// A record, as names and fields.
static void fields(const std::string &) {}
template <class T, class... Rest>
static void fields(const std::string &path, const char *name, const T &value, const Rest &...rest) {
  show(path + "." + name, value);
  fields(path, rest...);
}

static void show(const std::string &path, const fh_authentication_method &it) {
  fields(path, "name", it.name, "timestamp", it.timestamp, "type", it.type);
}

static void show(const std::string &path, const fh_akamai_bot &it) {
  fields(path, "type", it.type, "action", it.action, "bot-category", it.bot_category,
         "bot-score", it.bot_score, "bot-score-response-segment", it.bot_score_response_segment,
         "botnet-id", it.botnet_id);
}

static void show(const std::string &path, const fh_akamai_user_risk &it) {
  fields(path, "action", it.action, "email-domain", it.email_domain, "ouid", it.ouid,
         "requestid", it.requestid, "username", it.username, "uuid", it.uuid, "allow", it.allow,
         "score", it.score, "status", it.status, "general", json(it.general), "risk",
         json(it.risk), "trust", json(it.trust));
}

static void show(const std::string &path, const fh_akamai_signals &it) {
  fields(path, "akamai-bot", it.akamai_bot, "akamai-user-risk", it.akamai_user_risk);
}

static void show(const std::string &path, const fh_supplemental_signals &it) {
  fields(path, "akamai", it.akamai);
}

static void show(const std::string &path, const fh_risk_assessment &it) {
  fields(path, "supplemental", it.supplemental);
}

static void show(const std::string &path, const fh_authentication &it) {
  fields(path, "methods", it.methods, "risk-assessment", it.risk_assessment);
}

static void show(const std::string &path, const fh_authorization &it) {
  fields(path, "roles", it.roles);
}

static void show(const std::string &path, const fh_client &it) {
  fields(path, "client-id", it.client_id, "name", it.name, "metadata", it.metadata);
}

static void show(const std::string &path, const fh_connection &it) {
  fields(path, "id", it.id, "name", it.name, "strategy", it.strategy, "metadata", it.metadata);
}

static void show(const std::string &path, const fh_custom_domain &it) {
  fields(path, "domain", it.domain, "domain-metadata", it.domain_metadata);
}

static void show(const std::string &path, const fh_organization &it) {
  fields(path, "id", it.id, "display-name", it.display_name, "name", it.name, "metadata",
         it.metadata);
}

static void show(const std::string &path, const fh_prompt &it) {
  fields(path, "id", it.id, "fields", json(it.fields), "vars", json(it.vars));
}

static void show(const std::string &path, const fh_geoip &it) {
  fields(path, "city-name", it.city_name, "continent-code", it.continent_code, "country-code",
         it.country_code, "country-code3", it.country_code3, "country-name", it.country_name,
         "subdivision-code", it.subdivision_code, "subdivision-name", it.subdivision_name,
         "time-zone", it.time_zone, "latitude", it.latitude, "longitude", it.longitude);
}

static void show(const std::string &path, const fh_request &it) {
  fields(path, "body", Json{it.body}, "query", Json{it.query}, "method", it.method, "ip", it.ip,
         "hostname", it.hostname, "language", it.language, "user-agent", it.user_agent, "geoip",
         it.geoip);
}

static void show(const std::string &path, const fh_stats &it) {
  fields(path, "logins-count", it.logins_count);
}

static void show(const std::string &path, const fh_tenant &it) { fields(path, "id", it.id); }

static void show(const std::string &path, const fh_transaction &it) {
  fields(path, "correlation-id", it.correlation_id, "locale", it.locale, "login-hint",
         it.login_hint, "state", it.state, "ui-locales", it.ui_locales, "acr-values",
         it.acr_values, "requested-scopes", it.requested_scopes, "protocol", it.protocol,
         "redirect-uri", it.redirect_uri, "prompt", it.prompt, "response-mode",
         it.response_mode, "response-type", it.response_type, "linking-id", it.linking_id);
}

static void show(const std::string &path, const fh_user &it) {
  fields(path, "user-id", it.user_id, "created-at", it.created_at, "updated-at", it.updated_at,
         "email", it.email, "email-verified", it.email_verified, "family-name", it.family_name,
         "given-name", it.given_name, "last-password-reset", it.last_password_reset, "name",
         it.name, "nickname", it.nickname, "phone-number", it.phone_number, "phone-verified",
         it.phone_verified, "picture", it.picture, "username", it.username);
}

static void show(const std::string &path, const fh_identity &it) {
  fields(path, "connection", it.connection, "provider", it.provider, "user-id", it.user_id,
         "is-social", it.is_social, "profile-data", json(it.profile_data));
}

static void show(const std::string &path, const fh_enrolled_factor &it) {
  fields(path, "type", it.type, "options", json(it.options));
}

template <class T>
static void show(const std::string &path, const fh::option<T> &option) {
  if (option) {
    show(path, *option);
  } else {
    line(path, "none");
  }
}

template <class T>
static void show(const std::string &path, const fh::list<T> &list) {
  if (list.empty()) line(path, "[]");
  size_t index = 0;
  for (auto &item : list) show(path + "[" + std::to_string(index++) + "]", item);
}

bool look_at(std::string_view group) {
  namespace event = fh::event;
  const std::string path = "event." + std::string(group);
  if (group == "authentication") return show(path, event::authentication()), true;
  if (group == "authorization") return show(path, event::authorization()), true;
  if (group == "client") return show(path, event::client()), true;
  if (group == "connection") return show(path, event::connection()), true;
  if (group == "custom-domain") return show(path, event::custom_domain()), true;
  if (group == "organization") return show(path, event::organization()), true;
  if (group == "prompt") return show(path, event::prompt()), true;
  if (group == "request") return show(path, event::request()), true;
  if (group == "stats") return show(path, event::stats()), true;
  if (group == "tenant") return show(path, event::tenant()), true;
  if (group == "transaction") return show(path, event::transaction()), true;
  if (group == "user") return show(path, event::user()), true;
  if (group == "identities") return show(path, event::identities()), true;
  if (group == "enrolled-factors") return show(path, event::enrolled_factors()), true;
  if (group == "app-metadata") return show(path, Json{event::app_metadata()}), true;
  if (group == "user-metadata") return show(path, Json{event::user_metadata()}), true;
  if (group == "secrets") return show(path, event::secrets()), true;
  if (group == "configuration") return show(path, Json{event::configuration()}), true;
  return false;
}
