// The conformance action in C++: it does what its configuration says, and logs what each
// call came to. `tests/conformance/README.md` in the project says how.

#include <cstdlib>
#include <flowhost_action.hpp>

#include "look.hpp"
#include "step.hpp"

namespace fh = flowhost;

namespace {

// What a call came to: a refusal, or the text of its result, if it has one.
struct Answer {
  fh::result result = fh::ok();
  std::string text = "";

  Answer(fh::result result) : result(result) {}
  Answer(const fh::answer<fh::text> &answer) : result(answer.outcome) {
    if (answer) text = " " + std::string(answer->view());
  }
  explicit Answer(std::string_view said) : text(" " + std::string(said)) {}
};

Answer quoted(fh::text_option text) {
  return Answer(text ? fh::quote(*text).view() : std::string_view("none"));
}

std::string record(const fh_cache_record &record) {
  return std::string(fh::quote(record.value).view()) + " " + std::to_string(record.expires_at);
}

Answer cache_get(const Step &step) {
  auto found = fh::cache::get(step.required("key"));
  return Answer(found ? record(*found) : "none");
}

Answer cache_set(const Step &step) {
  fh_expiry expiry = {step.number("ttl"), step.number("expires-at")};
  auto kept = fh::cache::set(step.required("key"), step.required("value"), expiry);
  if (!kept) return kept.outcome;
  return Answer(record(*kept));
}

Answer encode_token(const Step &step) {
  auto payload = step.json("payload");
  if (!payload) std::abort();
  if (auto seconds = step.number("expires-in-seconds")) {
    return fh::encode_token(step.secret(), *payload, *seconds);
  }
  return fh::encode_token(step.secret(), *payload);
}

Answer validate_token(const Step &step) {
  if (auto parameter = step.text("token-parameter-name")) {
    return fh::validate_token(step.secret(), *parameter);
  }
  return fh::validate_token(step.secret());
}

Answer write_log(const Step &step) {
  auto name = step.required("level");
  fh_level level = name == "debug"  ? FH_LEVEL_DEBUG
                   : name == "info" ? FH_LEVEL_INFO
                   : name == "warn" ? FH_LEVEL_WARN
                                    : FH_LEVEL_ERROR;
  fh::log(level, step.required("message"));
  return fh::ok();
}

Answer look(const Step &step) {
  if (!look_at(step.required("group"))) std::abort();
  return fh::ok();
}

struct Call {
  std::string_view name;
  Answer (*perform)(const Step &);
};

const Call calls[] = {
    {"deny", [](const Step &s) -> Answer { return fh::deny(s.required("reason")); }},
    {"challenge-with",
     [](const Step &s) -> Answer {
       return fh::challenge_with(s.part("factor").factor(), s.factors("additional"));
     }},
    {"challenge-with-any",
     [](const Step &s) -> Answer { return fh::challenge_with_any(s.factors("factors")); }},
    {"cache-get", cache_get},
    {"cache-set", cache_set},
    {"cache-delete",
     [](const Step &s) -> Answer { return fh::cache::remove(s.required("key")); }},
    {"render",
     [](const Step &s) -> Answer {
       return fh::render(s.required("id"), s.json("fields"), s.json("vars"));
     }},
    {"send-user-to",
     [](const Step &s) -> Answer {
       return fh::send_user_to(s.required("url"), s.pairs("query"));
     }},
    {"set-result-url",
     [](const Step &s) -> Answer {
       return fh::set_result_url(s.required("url"), s.pairs("query"));
     }},
    {"encode-token", encode_token},
    {"validate-token", validate_token},
    {"log", write_log},
    {"event", look},
    {"get-secret", [](const Step &s) { return quoted(fh::event::secret(s.required("name"))); }},
    {"get-json", [](const Step &) { return Answer(fh::event::json().view()); }},
    {"get-json-at",
     [](const Step &s) {
       return Answer(fh::event::json_at(s.required("pointer")).value_or("none").view());
     }},
    {"get-text-at",
     [](const Step &s) { return quoted(fh::event::text_at(s.required("pointer"))); }},
};

// What ends the run, and is no call of the contract.
fh::result end(fh::text name, const Step &step) {
  if (name == "fail") {
    if (auto stack = step.text("stack")) {
      return fh::fail(step.required("name"), step.required("message"), *stack);
    }
    return fh::fail(step.required("name"), step.required("message"));
  }
  if (name == "trap") std::abort();
  if (name == "loop") {
    for (volatile bool on = true; on;) {
    }
  }
  return fh::fail("UnknownCall", name);
}

fh::result play(std::string_view handler) {
  const Step steps("/configuration/" + std::string(handler));
  for (size_t i = 0; steps.item(i).is_there(); i++) {
    const Step step = steps.item(i);
    auto name = step.required("call");
    const Call *call = nullptr;
    for (auto &known : calls) {
      if (name == known.name) call = &known;
    }
    if (call == nullptr) return end(name, step);
    Answer answer = call->perform(step);
    if (answer.result.ok()) {
      fh::log(FH_LEVEL_INFO, fh::concat(name, ": ok", answer.text));
    } else {
      fh::log(FH_LEVEL_INFO, fh::concat(name, ": error ", answer.result.name()));
    }
  }
  return fh::ok();
}

}  // namespace

fh::result on_execute() { return play("execute"); }
fh::result on_continue() { return play("continue"); }
