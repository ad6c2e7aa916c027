// The policy `{{name}}`: the less a node does, the better it scores.
//
// `policy.h` is what wit-bindgen makes of the contract in `wit/`.
#include <math.h>
#include <stdlib.h>

#include "policy.h"
#include "settings.h"

// The utilisation in per cent from which on a node counts as full.
static double full_at = 80;

static bool is_from_1_to_100(double number) {
    return number >= 1 && number <= 100;
}

// What can be set.
static const setting_t SETTINGS[] = {
    {"full_at", &full_at, is_from_1_to_100, "it has to be within 1 to 100 per cent"},
};

// Takes the settings, as JSON; the empty string asks for the defaults. False refuses them, in words.
bool exports_scorelet_policy_scorer_configure(policy_string_t *settings, policy_string_t *refusal) {
    bool is_accepted = read_settings(settings, SETTINGS, sizeof SETTINGS / sizeof *SETTINGS, refusal);
    // What the host hands over lies in memory of malloc, and the policy gives it back.
    policy_string_free(settings);
    return is_accepted;
}

typedef exports_scorelet_policy_scorer_pod_t pod_t;
typedef exports_scorelet_policy_scorer_borrow_candidates_t candidates_t;

// What is known of one node: average loads in per cent. What was not measured is NaN.
typedef struct {
    double cpu;
    double memory;
} node_t;

// The score of one node, 0 to 100.
static double score_node(const pod_t *pod, node_t node) {
    (void)pod;
    // The higher one of those that were measured: fmax passes over a NaN.
    double used = fmax(node.cpu, node.memory);
    // Nobody knows what a node does that was not measured: it comes last.
    if (isnan(used)) {
        return 0;
    }
    double left = fmin(fmax(full_at - used, 0), full_at);
    return 100 * (left / full_at);
}

// Says why in the log, and ends the evaluation.
static _Noreturn void fail(const char *words) {
    policy_string_t line;
    policy_string_set(&line, words);
    scorelet_policy_logging_log(SCORELET_POLICY_LOGGING_LEVEL_ERROR, &line);
    abort();
}

// An average of all candidates, in their order; to be freed.
static policy_list_f64_t averages(candidates_t candidates, uint8_t metric_type) {
    scorelet_policy_types_selector_t selector = {
        .type = {.tag = metric_type},
        .operator_ = {.tag = SCORELET_POLICY_TYPES_OPERATOR_AVERAGE},
    };
    policy_list_f64_t column;
    scorelet_policy_scheduling_method_candidates_column(candidates, &selector, &column);
    return column;
}

// Every candidate's score, in their order. False refuses to score, in words.
bool exports_scorelet_policy_scorer_score(pod_t *pod, candidates_t candidates, policy_list_f64_t *scores,
                                          policy_string_t *refusal) {
    (void)refusal;
    policy_list_f64_t cpu = averages(candidates, SCORELET_POLICY_TYPES_METRIC_TYPE_CPU);
    policy_list_f64_t memory = averages(candidates, SCORELET_POLICY_TYPES_METRIC_TYPE_MEMORY);
    *scores = (policy_list_f64_t){.ptr = calloc(cpu.len, sizeof(double)), .len = cpu.len};
    if (scores->ptr == NULL && scores->len > 0) {
        fail("there is no memory for the scores");
    }
    for (size_t index = 0; index < scores->len; index++) {
        scores->ptr[index] = score_node(pod, (node_t){cpu.ptr[index], memory.ptr[index]});
    }
    policy_list_f64_free(&cpu);
    policy_list_f64_free(&memory);
    // However it ends, both are given back: the candidates were lent, the pod was copied.
    scorelet_policy_scheduling_candidates_drop_borrow(candidates);
    exports_scorelet_policy_scorer_pod_free(pod);
    return true;
}
