// The policy `{{name}}`: prefers nodes whose load is low and steady.
#include "contract.h"

#include <math.h>

// How many standard deviations are added to the average load: the one setting.
static double margin = 1;

const char *configure(const char *settings) {
    setting_t setting;
    while (next_setting(&settings, &setting)) {
        if (!equals(setting.name, "margin")) {
            return words("unknown field `", setting.name, "`, expected `margin`");
        }
        if (!(isfinite(setting.number) && setting.number >= 0)) {
            return words("`margin` is ", setting.value, ": it has to be finite and at least 0");
        }
        margin = setting.number;
    }
    return settings == NULL ? "the settings have to be a JSON object of numbers, such as {\"margin\": 1.5}" : NULL;
}

const char *score(const pod_t *pod, candidates_t candidates, size_t count, double *scores) {
    (void)pod;
    // What was not measured is NaN.
    doubles_t averages = column(candidates, CPU, AVERAGE);
    doubles_t deviations = column(candidates, CPU, STANDARD_DEVIATION);
    for (size_t index = 0; index < count; index++) {
        // A load monitor that publishes no deviation leaves the average to decide.
        double deviation = isnan(deviations.start[index]) ? 0 : deviations.start[index];
        double load = averages.start[index] + margin * deviation;
        // Nobody knows what a node does that was not measured: it comes last.
        scores[index] = isnan(load) ? 0 : 100 - fmin(fmax(load, 0), 100);
    }
    return NULL;
}
