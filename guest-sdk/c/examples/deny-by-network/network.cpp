#include "network.hpp"

#include <charconv>

static std::optional<uint32_t> number(std::string_view text, uint32_t most) {
  uint32_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number > most) return {};
  return number;
}

std::optional<uint32_t> address(std::string_view text) {
  uint32_t address = 0;
  for (int part = 0; part < 4; part++) {
    auto end = part < 3 ? text.find('.') : text.size();
    if (end == text.npos) return {};
    auto byte = number(text.substr(0, end), 255);
    if (!byte) return {};
    address = address << 8 | *byte;
    text.remove_prefix(part < 3 ? end + 1 : end);
  }
  return address;
}

std::optional<bool> contains(std::string_view network, uint32_t other) {
  auto slash = network.find('/');
  if (slash == network.npos) return {};
  auto start = address(network.substr(0, slash));
  auto prefix = number(network.substr(slash + 1), 32);
  if (!start || !prefix) return {};
  uint32_t mask = *prefix == 0 ? 0 : ~0u << (32 - *prefix);
  return (*start & mask) == (other & mask);
}
