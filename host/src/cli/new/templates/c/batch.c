// The policy `{{name}}`: prefers nodes whose load is low and steady.
//
// `policy.h` is what wit-bindgen makes of the contract in `wit/`.
#include <math.h>
#include <stdlib.h>

#include "policy.h"
#include "settings.h"

// How many standard deviations are added to the average load.
static double margin = 1;

static bool is_finite_and_not_negative(double number) {
    return isfinite(number) && number >= 0;
}

// What can be set.
static const setting_t SETTINGS[] = {
    {"margin", &margin, is_finite_and_not_negative, "it has to be finite and at least 0"},
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

// The score of one node, 0 to 100. What was not measured is NaN.
static double score_node(double average, double deviation) {
    // A load monitor that publishes no deviation leaves the average to decide.
    double load = average + margin * (isnan(deviation) ? 0 : deviation);
    // Nobody knows what a node does that was not measured: it comes last.
    return isnan(load) ? 0 : 100 - fmin(fmax(load, 0), 100);
}

// Says why in the log, and ends the evaluation.
static _Noreturn void fail(const char *words) {
    policy_string_t line;
    policy_string_set(&line, words);
    scorelet_policy_logging_log(SCORELET_POLICY_LOGGING_LEVEL_ERROR, &line);
    abort();
}

// A column of the cpu of all candidates, in their order; to be freed.
static policy_list_f64_t of_cpu(candidates_t candidates, uint8_t operator) {
    scorelet_policy_types_selector_t selector = {
        .type = {.tag = SCORELET_POLICY_TYPES_METRIC_TYPE_CPU},
        .operator_ = {.tag = operator},
    };
    policy_list_f64_t column;
    scorelet_policy_scheduling_method_candidates_column(candidates, &selector, &column);
    return column;
}

// Every candidate's score, in their order. False refuses to score, in words.
bool exports_scorelet_policy_scorer_score(pod_t *pod, candidates_t candidates, policy_list_f64_t *scores,
                                          policy_string_t *refusal) {
    (void)refusal;
    policy_list_f64_t averages = of_cpu(candidates, SCORELET_POLICY_TYPES_OPERATOR_AVERAGE);
    policy_list_f64_t deviations = of_cpu(candidates, SCORELET_POLICY_TYPES_OPERATOR_STANDARD_DEVIATION);
    *scores = (policy_list_f64_t){.ptr = calloc(averages.len, sizeof(double)), .len = averages.len};
    if (scores->ptr == NULL && scores->len > 0) {
        fail("there is no memory for the scores");
    }
    for (size_t index = 0; index < scores->len; index++) {
        scores->ptr[index] = score_node(averages.ptr[index], deviations.ptr[index]);
    }
    policy_list_f64_free(&averages);
    policy_list_f64_free(&deviations);
    // However it ends, both are given back: the candidates were lent, the pod was copied.
    scorelet_policy_scheduling_candidates_drop_borrow(candidates);
    exports_scorelet_policy_scorer_pod_free(pod);
    return true;
}
