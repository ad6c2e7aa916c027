// The contract of `wit/` for C, as much of it as a policy of columns needs, and what `policy.c` has to provide.
//
// There is nothing behind it but structs and names: records lie in memory as C lays them out, a string or a list is a
// pointer and a length, and functions are named by their interface. To see how a function of `wit/` that is missing here is
// called: `wasm-tools component embed --dummy-names legacy --world policy -t wit`.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// UTF-8, not terminated.
typedef struct {
    const char *start;
    size_t length;
} text_t;

// list<f64>
typedef struct {
    const double *start;
    size_t length;
} doubles_t;

// Lists that are not looked into here.
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
    text_t name;
    text_t namespace_;
    list_t labels;      // list<tuple<string, string>>
    list_t annotations; // list<tuple<string, string>>
    resources_t requests;
    resources_t limits;
    list_t containers; // list<container>
    resources_t overhead;
    int32_t priority;
} pod_t;

// types: metric-type and operator, without the case `other`
typedef enum { CPU, MEMORY, NETWORK, DISK, PODS, EPHEMERAL_STORAGE } metric_type_t;
typedef enum { AVERAGE, STANDARD_DEVIATION, LATEST, CAPACITY, UNKNOWN } operator_t;

// scheduling: the resource `candidates`
typedef int32_t candidates_t;

// A metric of each candidate; NaN where it was not measured.
doubles_t column(candidates_t candidates, metric_type_t type, operator_t operator_);

// What each candidate offers to pods of a resource such as "cpu" (millicores) or "memory" (bytes); NaN where it states nothing.
doubles_t allocatable(candidates_t candidates, const char *resource);

// Writes a line to the log that comes back with the scores.
void log_info(const char *message);

// A member of the settings, which are a JSON object of numbers.
typedef struct {
    text_t name;
    text_t value; // as it was written
    double number;
} setting_t;

// Reads the next member of the settings, and moves on. False at their end; then they are NULL if they are something else.
bool next_setting(const char **settings, setting_t *setting);

bool equals(text_t text, const char *other);

// Memory until the end of the call.
void *allocate(size_t size, size_t alignment);

// Words with something quoted between them, until the end of the call.
const char *words(const char *before, text_t quoted, const char *after);

// --- What `policy.c` provides ---

// Takes the settings; the empty string asks for the defaults. NULL, or why they are refused.
const char *configure(const char *settings);

// Writes every candidate's score, 0 to 100, in their order. NULL, or why it refuses to score.
const char *score(const pod_t *pod, candidates_t candidates, size_t count, double *scores);
