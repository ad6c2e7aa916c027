// The policy `load-variation`: prefers nodes whose load is low and steady.
//
// Formula, settings and the treatment of missing values are those of examples/policies/load-variation, whose README
// explains them. `policy.h` is what wit-bindgen makes of the contract.
#include <math.h>
#include <stdlib.h>

#include "policy.h"
#include "settings.h"

static settings_t settings;
static bool is_configured;

bool exports_scorelet_policy_scorer_configure(policy_string_t *text, policy_string_t *refusal) {
    bool is_accepted = false;
    if (is_configured) {
        policy_string_dup(refusal, "this instance has its settings already: configure a new one");
    } else {
        is_configured = is_accepted = read_settings(text, &settings, refusal);
    }
    // It was copied for the policy, which gives it back.
    policy_string_free(text);
    return is_accepted;
}

static double clamp(double value, double most) {
    return fmin(fmax(value, 0), most);
}

// The score of a resource of a node; NaN where its average, or what the node offers, is not known.
static double score(double capacity, double average, double deviation, double requested) {
    if (isnan(capacity) || isnan(average)) {
        return NAN;
    }
    if (capacity <= 0) {
        return 0;
    }
    // A load monitor that publishes no deviation leaves the average to decide.
    if (isnan(deviation)) {
        deviation = 0;
    }
    double load = clamp(average * capacity / 100, capacity) + fmax(requested, 0);
    double mu = clamp(load / capacity, 1);
    double share = clamp(deviation * capacity / 100 / capacity, 1);
    double power = settings.sensitivity < 0 ? share : pow(share, 1 / settings.sensitivity);
    double sigma = clamp(power * settings.margin, 1);
    return (1 - (mu + sigma) / 2) * 100;
}

// The columns of one resource.
typedef struct {
    policy_list_f64_t capacities, averages, deviations;
} usage_t;

typedef exports_scorelet_policy_scorer_borrow_candidates_t candidates_t;

// Of any rollup and name.
static policy_list_f64_t column(candidates_t candidates, uint8_t metric_type, uint8_t operator) {
    scorelet_policy_scheduling_selector_t selector = {.type = {.tag = metric_type}, .operator_ = {.tag = operator}};
    policy_list_f64_t column;
    scorelet_policy_scheduling_method_candidates_column(candidates, &selector, &column);
    return column;
}

static usage_t usage(candidates_t candidates, const char *resource, uint8_t metric_type) {
    usage_t usage;
    policy_string_t name;
    policy_string_set(&name, resource);
    scorelet_policy_scheduling_method_candidates_allocatable(candidates, &name, &usage.capacities);
    usage.averages = column(candidates, metric_type, SCORELET_POLICY_TYPES_OPERATOR_AVERAGE);
    usage.deviations = column(candidates, metric_type, SCORELET_POLICY_TYPES_OPERATOR_STANDARD_DEVIATION);
    return usage;
}

static void usage_free(usage_t *usage) {
    policy_list_f64_free(&usage->capacities);
    policy_list_f64_free(&usage->averages);
    policy_list_f64_free(&usage->deviations);
}

static double score_of(const usage_t *usage, size_t index, double requested) {
    return score(usage->capacities.ptr[index], usage->averages.ptr[index], usage->deviations.ptr[index], requested);
}

static void score_all(const exports_scorelet_policy_scorer_pod_t *pod, candidates_t candidates, policy_list_f64_t *scores) {
    usage_t cpu = usage(candidates, "cpu", SCORELET_POLICY_TYPES_METRIC_TYPE_CPU);
    usage_t memory = usage(candidates, "memory", SCORELET_POLICY_TYPES_METRIC_TYPE_MEMORY);
    *scores = (policy_list_f64_t){.ptr = calloc(cpu.capacities.len, sizeof(double)), .len = cpu.capacities.len};
    if (scores->ptr == NULL && scores->len > 0) {
        abort();
    }
    for (size_t index = 0; index < scores->len; index++) {
        // The lower one of those that were measured (fmin passes over a NaN), 0 when none was.
        double lower =
            fmin(score_of(&cpu, index, pod->requests.cpu), score_of(&memory, index, pod->requests.memory));
        scores->ptr[index] = isnan(lower) ? 0 : lower;
    }
    usage_free(&cpu);
    usage_free(&memory);
}

bool exports_scorelet_policy_scorer_score(exports_scorelet_policy_scorer_pod_t *pod, candidates_t candidates,
                                          policy_list_f64_t *scores, policy_string_t *refusal) {
    if (is_configured) {
        score_all(pod, candidates, scores);
    } else {
        policy_string_dup(refusal, "this instance was asked to score before it was configured: call `configure` first");
    }
    // However it ends, both are given back: the candidates were lent, the pod was copied.
    scorelet_policy_scheduling_candidates_drop_borrow(candidates);
    exports_scorelet_policy_scorer_pod_free(pod);
    return is_configured;
}
