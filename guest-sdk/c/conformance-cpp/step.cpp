#include "step.hpp"

#include <charconv>
#include <cstdlib>

namespace fh = flowhost;

Step Step::part(std::string_view name) const {
  return Step(pointer_ + "/" + std::string(name));
}

Step Step::item(size_t index) const { return part(std::to_string(index)); }

bool Step::is_there() const { return fh::event::json_at(pointer_).has_value(); }

fh::text_option Step::text(std::string_view name) const {
  return fh::event::text_at(part(name).pointer_);
}

fh::text Step::required(std::string_view name) const {
  auto found = text(name);
  if (!found) std::abort();
  return *found;
}

fh::text_option Step::json(std::string_view name) const {
  if (auto instead = text(std::string(name) + "-text")) return instead;
  return fh::event::json_at(part(name).pointer_);
}

fh_option_int64 Step::number(std::string_view name) const {
  auto digits = fh::event::json_at(part(name).pointer_);
  if (!digits) return std::nullopt;
  int64_t number = 0;
  std::from_chars(digits->ptr, digits->ptr + digits->len, number);
  return number;
}

fh_option_bool Step::flag(std::string_view name) const {
  auto word = fh::event::json_at(part(name).pointer_);
  if (!word) return std::nullopt;
  return *word == "true";
}

std::vector<fh_pair> Step::pairs(std::string_view name) const {
  std::vector<fh_pair> pairs;
  for (Step at = part(name).item(0); at.is_there(); at = part(name).item(pairs.size())) {
    pairs.push_back({at.required("0"), at.required("1")});
  }
  return pairs;
}

fh_factor Step::factor() const {
  auto type = required("type");
  if (type == "otp") return fh::factor::otp();
  if (type == "email") return fh::factor::email();
  if (type == "webauthn-platform") return fh::factor::webauthn_platform();
  if (type == "webauthn-roaming") return fh::factor::webauthn_roaming();
  if (type == "recovery-code") return fh::factor::recovery_code(json("options"));
  if (type == "push-notification") return fh::factor::push_notification(flag("otp-fallback"));
  if (type != "phone") return fh::factor::other(type, json("options"));
  auto method = text("preferred-method");
  if (!method) return fh::factor::phone();
  if (*method == "sms") return fh::factor::phone(FH_PHONE_METHOD_SMS);
  if (*method == "voice") return fh::factor::phone(FH_PHONE_METHOD_VOICE);
  if (*method == "both") return fh::factor::phone(FH_PHONE_METHOD_BOTH);
  std::abort();
}

std::vector<fh_factor> Step::factors(std::string_view name) const {
  std::vector<fh_factor> factors;
  for (Step at = part(name).item(0); at.is_there(); at = part(name).item(factors.size())) {
    factors.push_back(at.factor());
  }
  return factors;
}

fh::secret Step::secret() const {
  if (auto name = text("secret-named")) return fh::secret_named(*name);
  return fh::secret_value(required("secret-value"));
}
