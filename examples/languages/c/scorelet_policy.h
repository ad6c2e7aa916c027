// The package scorelet:policy@0.1.0 for C, by hand: as much of it as a policy of columns needs.
//
// wit-bindgen generates such a header for the whole package. This one shows that nothing is behind it but C structs
// and names: the canonical ABI lays records out as C does, passes a string or a list as pointer and length, and names
// functions by their interface. `wasm-tools component embed --dummy-names legacy --world policy -t wit` prints the
// names and signatures of what is missing here (the collector's queries); a core module imports only what it calls.
//
// What the host hands over lies in memory that it takes from the policy's `cabi_realloc`; what the policy returns has to
// stay until the host calls `cabi_post_…`.
#pragma once

#include <stddef.h>
#include <stdint.h>

#define IMPORT(interface, name) \
    __attribute__((import_module("scorelet:policy/" interface "@0.1.0"), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name)))

// UTF-8, not terminated.
typedef struct {
    const char *start;
    size_t length;
} string_t;

// list<f64>
typedef struct {
    const double *start;
    size_t length;
} doubles_t;

// Lists that this policy does not look into.
typedef struct {
    const void *start;
    size_t length;
} list_t;

// scheduling: resources
typedef struct {
    double cpu;    // millicores
    double memory; // bytes
    list_t other;  // list<tuple<string, f64>>
} resources_t;

// scheduling: pod
typedef struct {
    string_t name;
    string_t namespace_;
    list_t labels;      // list<tuple<string, string>>
    list_t annotations; // list<tuple<string, string>>
    resources_t requests;
    resources_t limits;
    int32_t priority;
} pod_t;

// types: metric-type; the payload belongs to METRIC_OTHER alone, and is passed beside the number.
enum metric_type {
    METRIC_CPU,
    METRIC_MEMORY,
    METRIC_NETWORK,
    METRIC_DISK,
    METRIC_PODS,
    METRIC_EPHEMERAL_STORAGE,
    METRIC_OTHER,
};

// types: operator
enum metric_operator {
    OPERATOR_AVERAGE,
    OPERATOR_STANDARD_DEVIATION,
    OPERATOR_LATEST,
    OPERATOR_CAPACITY,
    OPERATOR_UNKNOWN,
    OPERATOR_OTHER,
};

// scheduling: the resource `candidates`, as a handle. One that was lent has to be dropped before the call ends.
typedef int32_t candidates_t;

IMPORT("scheduling", "[resource-drop]candidates")
void candidates_drop(candidates_t self);

IMPORT("scheduling", "[method]candidates.allocatable")
void candidates_allocatable(candidates_t self, const char *resource, size_t resource_length, doubles_t *result);

// A selector is flattened into its parts: each variant and each option is a number, and pointer and length of its
// string.
IMPORT("scheduling", "[method]candidates.column")
void candidates_column_flat(candidates_t self, int32_t type, const char *other_type, size_t other_type_length,
                            int32_t operator_, const char *other_operator, size_t other_operator_length,
                            int32_t has_rollup, const char *rollup, size_t rollup_length,
                            int32_t has_name, const char *name, size_t name_length, doubles_t *result);

// Of any rollup and name.
static inline doubles_t candidates_column(candidates_t self, enum metric_type type, enum metric_operator operator_) {
    doubles_t column;
    candidates_column_flat(self, type, NULL, 0, operator_, NULL, 0, 0, NULL, 0, 0, NULL, 0, &column);
    return column;
}

enum log_level { LOG_TRACE, LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

IMPORT("logging", "log")
void log_message(int32_t level, const char *message, size_t message_length);

// The parameters of `score` are more than sixteen numbers, so they come as one record.
typedef struct {
    pod_t pod;
    candidates_t candidates;
} score_parameters_t;

// result<_, string>, and result<list<f64>, string>
typedef struct {
    uint8_t is_error;
    union {
        doubles_t scores;
        string_t error;
    };
} result_t;

// What the policy exports: the interface `scorer`.
#define SCORER "scorelet:policy/scorer@0.1.0#"

EXPORT(SCORER "configure")
const result_t *scorer_configure(const char *settings, size_t length);

EXPORT(SCORER "score")
const result_t *scorer_score(const score_parameters_t *parameters);

EXPORT("cabi_post_" SCORER "configure")
void scorer_configure_post(const result_t *result);

EXPORT("cabi_post_" SCORER "score")
void scorer_score_post(const result_t *result);

// Where the host puts what it hands over.
EXPORT("cabi_realloc")
void *cabi_realloc(void *old, size_t old_size, size_t alignment, size_t new_size);
