// How the host calls a policy, and a policy the host. Nothing here is about one policy in particular.
#include "contract.h"

#include <stdlib.h>
#include <string.h>

#define IMPORT(interface, name) \
    __attribute__((import_module("scorelet:policy/" interface "@0.1.0"), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name)))
#define SCORER "scorelet:policy/scorer@0.1.0#"

// --- What the host offers ---

// A handle that was lent has to be dropped before the call ends.
IMPORT("scheduling", "[resource-drop]candidates")
void candidates_drop(candidates_t self);

IMPORT("scheduling", "[method]candidates.len")
size_t candidates_len(candidates_t self);

IMPORT("scheduling", "[method]candidates.allocatable")
void candidates_allocatable(candidates_t self, const char *resource, size_t resource_length, doubles_t *result);

// A selector is flattened into its parts: each variant and each option is a number, and pointer and length of its string.
IMPORT("scheduling", "[method]candidates.column")
void candidates_column(candidates_t self, int32_t type, const char *other_type, size_t other_type_length,
                       int32_t operator_, const char *other_operator, size_t other_operator_length,
                       int32_t has_rollup, const char *rollup, size_t rollup_length,
                       int32_t has_name, const char *name, size_t name_length, doubles_t *result);

IMPORT("logging", "log")
void log_message(int32_t level, const char *message, size_t message_length);

doubles_t column(candidates_t candidates, metric_type_t type, operator_t operator_) {
    doubles_t result;
    candidates_column(candidates, (int32_t)type, NULL, 0, (int32_t)operator_, NULL, 0, 0, NULL, 0, 0, NULL, 0, &result);
    return result;
}

doubles_t allocatable(candidates_t candidates, const char *resource) {
    doubles_t result;
    candidates_allocatable(candidates, resource, strlen(resource), &result);
    return result;
}

void log_info(const char *message) {
    const int32_t info = 2;
    log_message(info, message, strlen(message));
}

// --- What the host calls ---

// result<_, string>, and result<list<f64>, string>
typedef struct {
    uint8_t is_error;
    union {
        doubles_t scores;
        text_t error;
    };
} result_t;

// The parameters of `score` are more than sixteen numbers, so they come as one record.
typedef struct {
    pod_t pod;
    candidates_t candidates;
} parameters_t;

// What a call returns: one at a time, until its `cabi_post_…`.
static result_t result;

static const result_t *answer(const char *error, doubles_t scores) {
    if (error != NULL) {
        result = (result_t){.is_error = 1, .error = {error, strlen(error)}};
    } else {
        result = (result_t){.is_error = 0, .scores = scores};
    }
    return &result;
}

EXPORT(SCORER "configure")
const result_t *exported_configure(const char *text, size_t length) {
    char *settings = allocate(length + 1, 1);
    memcpy(settings, text, length);
    settings[length] = 0;
    return answer(configure(settings), (doubles_t){NULL, 0});
}

EXPORT(SCORER "score")
const result_t *exported_score(const parameters_t *parameters) {
    size_t count = candidates_len(parameters->candidates);
    double *scores = allocate(count * sizeof(double), _Alignof(double));
    const char *error = score(&parameters->pod, parameters->candidates, count, scores);
    candidates_drop(parameters->candidates);
    return answer(error, (doubles_t){scores, count});
}

static void free_all(void);

EXPORT("cabi_post_" SCORER "configure")
void exported_configure_post(const result_t *unused) {
    (void)unused;
    free_all();
}

EXPORT("cabi_post_" SCORER "score")
void exported_score_post(const result_t *unused) {
    (void)unused;
    free_all();
}

// --- Memory until the end of a call: the next free byte, and no list of free ones ---

// Where the linker put the end of what is in the file.
extern char __heap_base;

static uintptr_t next;

void *allocate(size_t size, size_t alignment) {
    const uint64_t page = 65536;
    const uint64_t mask = alignment - 1;
    // In 64 bits, where no size of 32 bits overflows.
    uint64_t start = ((next == 0 ? (uintptr_t)&__heap_base : next) + mask) & ~mask;
    uint64_t end = start + size;
    uint64_t has = __builtin_wasm_memory_size(0) * page;
    if (end > UINT32_MAX) {
        __builtin_trap();
    }
    if (end > has && __builtin_wasm_memory_grow(0, (end - has + page - 1) / page) == SIZE_MAX) {
        __builtin_trap();
    }
    next = end;
    return (void *)(uintptr_t)start;
}

static void free_all(void) {
    next = 0;
}

// Where the host puts what it hands over.
EXPORT("cabi_realloc")
void *cabi_realloc(void *old, size_t old_size, size_t alignment, size_t new_size) {
    if (new_size <= old_size) {
        return old;
    }
    void *new = allocate(new_size, alignment);
    if (old_size > 0) {
        memcpy(new, old, old_size);
    }
    return new;
}

// --- Settings and words ---

static const char *after_spaces(const char *at) {
    return at + strspn(at, " \t\r\n");
}

bool next_setting(const char **settings, setting_t *setting) {
    const char *at = after_spaces(*settings);
    *settings = at;
    if (*at == 0 || strcmp(at, "null") == 0) {
        return false;
    }
    bool is_first = *at == '{';
    if (is_first || *at == ',') {
        at = after_spaces(at + 1);
        if (*at == '"') {
            const char *name = at + 1;
            at = name + strcspn(name, "\"\\");
            setting->name = (text_t){name, (size_t)(at - name)};
            at = *at == '"' ? after_spaces(at + 1) : at;
            const char *value = *at == ':' ? after_spaces(at + 1) : "";
            size_t length = strspn(value, "0123456789+-.eE");
            char *end;
            setting->number = strtod(value, &end);
            setting->value = (text_t){value, length};
            at = after_spaces(end);
            bool is_whole = length > 0 && end == value + length && (*at == ',' || *at == '}');
            *settings = is_whole ? at : NULL;
            return is_whole;
        }
    }
    bool is_end = *at == '}' && (is_first || at == *settings) && *after_spaces(at + 1) == 0;
    if (!is_end) {
        *settings = NULL;
    }
    return false;
}

bool equals(text_t text, const char *other) {
    return text.length == strlen(other) && memcmp(text.start, other, text.length) == 0;
}

const char *words(const char *before, text_t quoted, const char *after) {
    size_t before_length = strlen(before), after_length = strlen(after);
    char *all = allocate(before_length + quoted.length + after_length + 1, 1);
    memcpy(all, before, before_length);
    memcpy(all + before_length, quoted.start, quoted.length);
    memcpy(all + before_length + quoted.length, after, after_length + 1);
    return all;
}
