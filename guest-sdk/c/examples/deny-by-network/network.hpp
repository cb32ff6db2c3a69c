// A network in CIDR notation (RFC 4632): IPv4, for IPv6 has no short parser.

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

std::optional<uint32_t> address(std::string_view text);

// None for what is no network like 198.51.100.0/24.
std::optional<bool> contains(std::string_view network, uint32_t address);
