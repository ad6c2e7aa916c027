// Settings that are numbers, from JSON.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "policy.h"

// A number that can be set.
typedef struct {
    const char *name;
    // Where it is; what it is before is the default.
    double *value;
    bool (*is_allowed)(double number);
    // What is said of a number that is not allowed.
    const char *rule;
} setting_t;

// Reads JSON: an object with any of these settings; the empty string and `null` leave all of them as they are. False with
// the reason in `refusal`, which is to be freed.
bool read_settings(const policy_string_t *text, const setting_t *settings, size_t count, policy_string_t *refusal);
