// The policy `{{name}}`: the less a node does, the better it scores.
#include "contract.h"

#include <math.h>

// The utilisation in per cent from which on a node counts as full: the one setting.
static double full_at = 80;

const char *configure(const char *settings) {
    setting_t setting;
    while (next_setting(&settings, &setting)) {
        if (!equals(setting.name, "full_at")) {
            return words("unknown field `", setting.name, "`, expected `full_at`");
        }
        if (!(setting.number >= 1 && setting.number <= 100)) {
            return words("`full_at` is ", setting.value, ": it has to be within 1 to 100 per cent");
        }
        full_at = setting.number;
    }
    return settings == NULL ? "the settings have to be a JSON object of numbers, such as {\"full_at\": 60}" : NULL;
}

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

const char *score(const pod_t *pod, candidates_t candidates, size_t count, double *scores) {
    doubles_t cpu = column(candidates, CPU, AVERAGE);
    doubles_t memory = column(candidates, MEMORY, AVERAGE);
    for (size_t index = 0; index < count; index++) {
        scores[index] = score_node(pod, (node_t){cpu.start[index], memory.start[index]});
    }
    return NULL;
}
