// The policy `{{name}}`: prefers nodes whose load is low and steady.
import { log } from "scorelet:policy/logging@0.1.0";

// What can be set, with its default.
const settings = {
    // How many standard deviations are added to the average load.
    margin: 1,
};

// Every candidate's score, 0 to 100, in their order.
function score(pod, candidates) {
    const averages = candidates.column(ofCpu("average"));
    const deviations = candidates.column(ofCpu("standard-deviation"));
    const scores = new Float64Array(averages.length);
    for (let index = 0; index < scores.length; index++) {
        // A load monitor that publishes no deviation leaves the average to decide.
        const deviation = isNaN(deviations[index]) ? 0 : deviations[index];
        const load = averages[index] + settings.margin * deviation;
        // Nobody knows what a node does that was not measured: it comes last.
        scores[index] = isNaN(load) ? 0 : 100 - Math.min(Math.max(load, 0), 100);
    }
    return scores;
}

// A column of the candidates. What was not measured is NaN in it.
function ofCpu(operator) {
    return { type: { tag: "cpu" }, operator: { tag: operator }, rollup: null, name: null };
}

// Takes the settings, as JSON; the empty string asks for the defaults. Text that is thrown refuses them, in words.
function configure(text) {
    for (const [name, value] of Object.entries(read(text))) {
        if (!Object.hasOwn(settings, name)) {
            const expected = Object.keys(settings).map((known) => `\`${known}\``);
            throw `unknown field \`${name}\`, expected ${expected.join(" or ")}`;
        }
        if (typeof value !== "number") {
            throw `\`${name}\` is ${JSON.stringify(value)}: it has to be a number`;
        }
        settings[name] = value;
    }
    const { margin } = settings;
    if (!(Number.isFinite(margin) && margin >= 0)) {
        throw `\`margin\` is ${margin}: it has to be finite and at least 0`;
    }
}

// The settings that are given, by name.
function read(text) {
    let given;
    try {
        given = text.trim() === "" ? null : JSON.parse(text);
    } catch (error) {
        throw `the settings are not JSON: ${error.message}`;
    }
    if (given === null) {
        return {};
    }
    if (typeof given !== "object" || Array.isArray(given)) {
        throw `the settings have to be an object, such as {"margin": 1}, and are ${JSON.stringify(given)}`;
    }
    return given;
}

// A function that tells in the log of whatever it throws by mistake, with the message last, which the host quotes. Text is
// thrown on purpose: it refuses, in words.
function explained(call) {
    return (...given) => {
        try {
            return call(...given);
        } catch (error) {
            if (typeof error !== "string") {
                const stack = error?.stack?.trim().split("\n") ?? [];
                for (const line of [...stack, `${error}`]) {
                    log("error", line);
                }
            }
            throw error;
        }
    };
}

// What a policy exports, by the names of the contract in `wit/`.
export const scorer = { configure: explained(configure), score: explained(score) };
