// The event as messages: one for each field, in the order of the contract.

#pragma once

#include <string_view>

// Whether there is a group of this name.
bool look_at(std::string_view group);
