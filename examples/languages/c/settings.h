// How much variation matters.
#pragma once

#include <stdbool.h>

#include "scorelet_policy.h"

typedef struct {
    double margin;
    double sensitivity;
} settings_t;

// Reads JSON into `settings`; the empty string asks for the defaults. False with the reason in `refusal`.
bool read_settings(string_t text, settings_t *settings, string_t *refusal);
