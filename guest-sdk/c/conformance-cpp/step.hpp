// A step of the configuration: a JSON Pointer, below which its arguments stand.

#pragma once

#include <flowhost_action.hpp>
#include <string>
#include <vector>

class Step {
 public:
  explicit Step(std::string pointer) : pointer_(std::move(pointer)) {}

  Step part(std::string_view name) const;
  Step item(size_t index) const;
  bool is_there() const;

  flowhost::text_option text(std::string_view name) const;
  flowhost::text required(std::string_view name) const;
  // JSON, or the text in its place.
  flowhost::text_option json(std::string_view name) const;
  fh_option_int64 number(std::string_view name) const;
  std::vector<fh_pair> pairs(std::string_view name) const;
  fh_factor factor() const;
  std::vector<fh_factor> factors(std::string_view name) const;
  flowhost::secret secret() const;

 private:
  fh_option_bool flag(std::string_view name) const;

  std::string pointer_;
};
