// The policy `load-variation`: prefers nodes whose load is low and steady.
//
// Formula, settings and the treatment of missing values are those of examples/policies/load-variation, whose README
// explains them.
#include <math.h>
#include <string.h>

#include "memory.h"
#include "scorelet_policy.h"
#include "settings.h"

static settings_t settings;
static bool is_configured;
// What a call returns: one at a time, until `cabi_post_…`.
static result_t result;

static const result_t *error(const char *words) {
    result = (result_t){.is_error = 1, .error = {words, strlen(words)}};
    return &result;
}

const result_t *scorer_configure(const char *text, size_t length) {
    if (is_configured) {
        return error("this instance has its settings already: configure a new one");
    }
    string_t refusal;
    is_configured = read_settings((string_t){text, length}, &settings, &refusal);
    result = is_configured ? (result_t){.is_error = 0} : (result_t){.is_error = 1, .error = refusal};
    return &result;
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
    doubles_t capacities, averages, deviations;
} usage_t;

static usage_t usage(candidates_t candidates, const char *resource, enum metric_type type) {
    usage_t usage;
    candidates_allocatable(candidates, resource, strlen(resource), &usage.capacities);
    usage.averages = candidates_column(candidates, type, OPERATOR_AVERAGE);
    usage.deviations = candidates_column(candidates, type, OPERATOR_STANDARD_DEVIATION);
    return usage;
}

static double score_of(const usage_t *usage, size_t index, double requested) {
    return score(usage->capacities.start[index], usage->averages.start[index], usage->deviations.start[index],
                 requested);
}

const result_t *scorer_score(const score_parameters_t *parameters) {
    candidates_t candidates = parameters->candidates;
    if (!is_configured) {
        candidates_drop(candidates);
        return error("this instance was asked to score before it was configured: call `configure` first");
    }
    usage_t cpu = usage(candidates, "cpu", METRIC_CPU);
    usage_t memory = usage(candidates, "memory", METRIC_MEMORY);
    candidates_drop(candidates);

    size_t length = cpu.capacities.length;
    double *scores = allocate(length * sizeof(double), _Alignof(double));
    const resources_t *requests = &parameters->pod.requests;
    for (size_t index = 0; index < length; index++) {
        // The lower one of those that were measured (fmin passes over a NaN), 0 when none was.
        double lower = fmin(score_of(&cpu, index, requests->cpu), score_of(&memory, index, requests->memory));
        scores[index] = isnan(lower) ? 0 : lower;
    }
    result = (result_t){.is_error = 0, .scores = {scores, length}};
    return &result;
}

void scorer_configure_post(const result_t *unused) {
    (void)unused;
    free_all();
}

void scorer_score_post(const result_t *unused) {
    (void)unused;
    free_all();
}
