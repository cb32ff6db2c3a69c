// The event as messages: one for each field, in the order of the contract.

#ifndef LOOK_H
#define LOOK_H

#include <flowhost_action.h>

// Whether there is a group of this name.
bool look_at(fh_string group);

#endif
