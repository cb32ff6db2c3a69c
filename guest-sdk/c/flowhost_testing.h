// Stands for the host in tests of an action: plain programs, without WebAssembly. Include
// it in the one file that has `main`:
//
//   fh_test_start();
//   fh_test.connection.name = fh_text("employees");
//   fh_result result = on_execute();
//   assert(!fh_failed(result) && fh_test_asked("challenge-with otp"));
//
// A double, not a second host: what a call may be refused for is for a run of the real one.

#ifndef FLOWHOST_TESTING_H
#define FLOWHOST_TESTING_H

#ifdef __wasm__
#error "flowhost_testing.h is for tests, which are no part of an action"
#endif

#include <stdio.h>

#include "flowhost_action.h"

#ifdef __cplusplus
extern "C" {
#endif

// As many as the host has by itself.
enum { FH_TEST_MOST = 32, FH_TEST_CACHE = 20 };

// The event: set what matters to the test. And what the action asked for, in order.
static struct {
  fh_authentication authentication;
  fh_authorization authorization;
  fh_client client;
  fh_connection connection;
  fh_option_custom_domain custom_domain;
  fh_option_organization organization;
  fh_option_prompt prompt;
  fh_request request;
  fh_stats stats;
  fh_tenant tenant;
  fh_transaction transaction;
  fh_user user;
  fh_list_identity identities;
  fh_option_list_enrolled_factor enrolled_factors;
  fh_json app_metadata, user_metadata, configuration, json;
  fh_list_pair secrets;
  // What is at JSON Pointers: names are pointers.
  fh_list_pair json_at, text_at;
  // What `fh_encode_token` gives, and `fh_validate_token`; none: there is no token.
  fh_string token;
  fh_option_string claims;

  fh_string commands[FH_TEST_MOST];
  size_t command_count;
  fh_pair cache[FH_TEST_CACHE];
  size_t cache_count;
} fh_test;

static inline fh_string fh_test_text(const char *text) { return fh_text_of(text); }

// A new run. Nothing is left of the one before.
static inline void fh_test_start(void) {
  memset((void *)&fh_test, 0, sizeof fh_test);
  fh_string empty = fh_test_text("{}");
  fh_test.connection.name = fh_test_text("users");
  fh_test.connection.strategy = fh_test_text("auth0");
  fh_test.client.client_id = fh_test_text("client");
  fh_test.request.body = fh_test.request.query = empty;
  fh_test.request.method = fh_test_text("GET");
  fh_test.request.ip = fh_test_text("192.0.2.1");
  fh_test.tenant.id = fh_test_text("tenant");
  fh_test.transaction.locale = fh_test_text("en");
  fh_test.user.user_id = fh_test_text("auth0|ada");
  fh_test.enrolled_factors.is_some = true;
  fh_test.app_metadata = fh_test.user_metadata = empty;
  fh_test.configuration = fh_test.json = empty;
  fh_test.token = fh_test_text("token");
}

// Whether this is one of the things that the action asked for: `deny REASON`,
// `challenge-with FACTOR FACTOR…`, `challenge-with-any FACTOR…`, `render ID FIELDS VARS`,
// `send-user-to URL NAME=VALUE…`, `set-result-url URL NAME=VALUE…`.
static inline bool fh_test_asked(const char *command) {
  fh_string text = fh_test_text(command);
  for (size_t i = 0; i < fh_test.command_count; i++) {
    fh_string asked = fh_test.commands[i];
    if (asked.len == text.len && memcmp(asked.ptr, text.ptr, text.len) == 0) return true;
  }
  return false;
}

static inline void fh_test_add(fh_string *command, fh_string word) {
  fh_string parts[3] = { *command, fh_test_text(command->len > 0 ? " " : ""), word };
  *command = fh_concat_list(parts, 3);
}

static inline void fh_test_record(fh_string command, fh_answer *answer) {
  memset((void *)answer, 0, sizeof *answer);
  if (fh_test.command_count == FH_TEST_MOST) {
    answer->is_error = true;
    answer->value.error.code = fh_test_text("MaxSideEffectsExceeded");
    return;
  }
  fh_test.commands[fh_test.command_count++] = command;
}

static inline fh_string fh_test_piece(const void *ptr, size_t len) {
  fh_string piece;
  piece.ptr = (const char *)ptr;
  piece.len = len;
  return piece;
}

static inline fh_option_string fh_test_find(fh_list_pair pairs, fh_string name) {
  for (size_t i = 0; i < pairs.len; i++) {
    fh_string found = pairs.ptr[i].name;
    if (found.len != name.len || memcmp(found.ptr, name.ptr, name.len) != 0) continue;
    fh_option_string some = fh_none();
    some.is_some = true;
    some.value = pairs.ptr[i].value;
    return some;
  }
  return fh_none();
}

// The imports.

#define FH_TEST_GROUP(group, type) \
  void fh_import_event_get_##group(type *answer) { *answer = fh_test.group; }
FH_TEST_GROUP(authentication, fh_authentication)
FH_TEST_GROUP(authorization, fh_authorization)
FH_TEST_GROUP(client, fh_client)
FH_TEST_GROUP(connection, fh_connection)
FH_TEST_GROUP(custom_domain, fh_option_custom_domain)
FH_TEST_GROUP(organization, fh_option_organization)
FH_TEST_GROUP(prompt, fh_option_prompt)
FH_TEST_GROUP(request, fh_request)
FH_TEST_GROUP(tenant, fh_tenant)
FH_TEST_GROUP(transaction, fh_transaction)
FH_TEST_GROUP(user, fh_user)
FH_TEST_GROUP(identities, fh_list_identity)
FH_TEST_GROUP(enrolled_factors, fh_option_list_enrolled_factor)
FH_TEST_GROUP(app_metadata, fh_json)
FH_TEST_GROUP(user_metadata, fh_json)
FH_TEST_GROUP(configuration, fh_json)
FH_TEST_GROUP(json, fh_json)
FH_TEST_GROUP(secrets, fh_list_pair)

double fh_import_event_get_stats(void) { return fh_test.stats.logins_count; }

void fh_import_event_get_secret(const void *name, size_t len, fh_option_string *answer) {
  *answer = fh_test_find(fh_test.secrets, fh_test_piece(name, len));
}
void fh_import_event_get_json_at(const void *pointer, size_t len, fh_option_string *answer) {
  *answer = fh_test_find(fh_test.json_at, fh_test_piece(pointer, len));
}
void fh_import_event_get_text_at(const void *pointer, size_t len, fh_option_string *answer) {
  *answer = fh_test_find(fh_test.text_at, fh_test_piece(pointer, len));
}

void fh_import_access_deny(const void *reason, size_t len, fh_answer *answer) {
  fh_string command = fh_test_text("deny");
  fh_test_add(&command, fh_test_piece(reason, len));
  fh_test_record(command, answer);
}

static inline void fh_test_add_factor(fh_string *command, fh_factor factor) {
  static const char *const names[] = { "otp",           "email", "webauthn-platform",
                                       "webauthn-roaming", "recovery-code", "phone",
                                       "push-notification" };
  fh_test_add(command, factor.tag == FH_FACTOR_OTHER ? factor.value.other.type
                                                     : fh_test_text(names[factor.tag]));
}

void fh_import_challenge_with(fh_factor factor, fh_list_factor others, fh_answer *answer) {
  fh_string command = fh_test_text("challenge-with");
  fh_test_add_factor(&command, factor);
  for (size_t i = 0; i < others.len; i++) fh_test_add_factor(&command, others.ptr[i]);
  fh_test_record(command, answer);
}

void fh_import_authentication_challenge_with_any(const void *factors, size_t len,
                                                 fh_answer *answer) {
  fh_string command = fh_test_text("challenge-with-any");
  for (size_t i = 0; i < len; i++) {
    fh_test_add_factor(&command, ((const fh_factor *)factors)[i]);
  }
  fh_test_record(command, answer);
}

void fh_import_prompt_render(const void *id, size_t id_len, int32_t has_fields,
                             const void *fields, size_t fields_len, int32_t has_vars,
                             const void *vars, size_t vars_len, fh_answer *answer) {
  fh_string command = fh_test_text("render");
  fh_test_add(&command, fh_test_piece(id, id_len));
  if (has_fields) fh_test_add(&command, fh_test_piece(fields, fields_len));
  if (has_vars) fh_test_add(&command, fh_test_piece(vars, vars_len));
  fh_test_record(command, answer);
}

static inline void fh_test_url(const char *name, fh_string url, const void *query, size_t len,
                               fh_answer *answer) {
  fh_string command = fh_test_text(name);
  fh_test_add(&command, url);
  for (size_t i = 0; i < len; i++) {
    fh_pair pair = ((const fh_pair *)query)[i];
    fh_string parts[3] = { pair.name, fh_test_text("="), pair.value };
    fh_test_add(&command, fh_concat_list(parts, 3));
  }
  fh_test_record(command, answer);
}

void fh_import_redirect_send_user_to(const void *url, size_t url_len, const void *query,
                                     size_t query_len, fh_answer *answer) {
  fh_test_url("send-user-to", fh_test_piece(url, url_len), query, query_len, answer);
}
void fh_import_transaction_set_result_url(const void *url, size_t url_len, const void *query,
                                          size_t query_len, fh_answer *answer) {
  fh_test_url("set-result-url", fh_test_piece(url, url_len), query, query_len, answer);
}

void fh_import_redirect_encode_token(int32_t tag, const void *secret, size_t secret_len,
                                     const void *payload, size_t payload_len,
                                     int32_t has_seconds, int64_t seconds,
                                     fh_answer_string *answer) {
  (void)tag, (void)secret, (void)secret_len, (void)payload, (void)payload_len;
  (void)has_seconds, (void)seconds;
  answer->is_error = false;
  answer->value.ok = fh_test.token;
}

void fh_import_redirect_validate_token(int32_t tag, const void *secret, size_t secret_len,
                                       int32_t has_parameter, const void *parameter,
                                       size_t parameter_len, fh_answer_string *answer) {
  (void)tag, (void)secret, (void)secret_len;
  (void)has_parameter, (void)parameter, (void)parameter_len;
  answer->is_error = !fh_test.claims.is_some;
  if (fh_test.claims.is_some) {
    answer->value.ok = fh_test.claims.value;
  } else {
    answer->value.error.code = fh_test_text("TokenMissing");
    answer->value.error.message = fh_test_text("there is no token");
  }
}

static inline fh_pair *fh_test_entry(fh_string key) {
  for (size_t i = 0; i < fh_test.cache_count; i++) {
    fh_string name = fh_test.cache[i].name;
    if (name.len == key.len && memcmp(name.ptr, key.ptr, key.len) == 0) {
      return &fh_test.cache[i];
    }
  }
  return NULL;
}

void fh_import_cache_get(const void *key, size_t len, fh_option_cache_record *answer) {
  memset((void *)answer, 0, sizeof *answer);
  fh_pair *entry = fh_test_entry(fh_test_piece(key, len));
  if (entry == NULL) return;
  answer->is_some = true;
  answer->value.value = entry->value;
}

void fh_import_cache_set(const void *key, size_t key_len, const void *value, size_t value_len,
                         int32_t has_ttl, int64_t ttl, int32_t has_end, int64_t end,
                         fh_answer_cache_record *answer) {
  (void)has_ttl, (void)ttl, (void)has_end, (void)end;
  memset((void *)answer, 0, sizeof *answer);
  fh_pair *entry = fh_test_entry(fh_test_piece(key, key_len));
  if (entry == NULL && fh_test.cache_count == FH_TEST_CACHE) {
    answer->is_error = true;
    answer->value.error.code = fh_test_text("CacheSizeExceeded");
    return;
  }
  if (entry == NULL) entry = &fh_test.cache[fh_test.cache_count++];
  entry->name = fh_test_piece(key, key_len);
  entry->value = answer->value.ok.value = fh_test_piece(value, value_len);
}

void fh_import_cache_delete(const void *key, size_t len, fh_answer *answer) {
  memset((void *)answer, 0, sizeof *answer);
  fh_pair *entry = fh_test_entry(fh_test_piece(key, len));
  if (entry != NULL) {
    *entry = fh_test.cache[--fh_test.cache_count];
    return;
  }
  answer->is_error = true;
  answer->value.error.code = fh_test_text("CacheKeyDoesNotExist");
}

void fh_import_log_write(int32_t level, const void *message, size_t len) {
  static const char *const levels[] = { "debug", "info", "warn", "error" };
  printf("%s: %.*s\n", levels[level], (int)len, (const char *)message);
}

#ifdef __cplusplus
}
#endif

#endif
