// How much variation matters.
#pragma once

#include <stdbool.h>

#include "policy.h"

typedef struct {
    double margin;
    double sensitivity;
} settings_t;

// Reads JSON into `settings`; the empty string asks for the defaults. False with the reason in `refusal`, which is to be
// freed.
bool read_settings(const policy_string_t *text, settings_t *settings, policy_string_t *refusal);
