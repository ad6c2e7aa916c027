// The policy `{{name}}`: the less a node does, the better it scores.
import { log } from "scorelet:policy/logging@0.1.0";

// What can be set, with its default.
const settings = {
    // The utilisation in per cent from which on a node counts as full.
    full_at: 80,
};

// The score of one node, 0 to 100, from its average load in per cent. What was not measured is NaN.
function scoreNode(pod, node) {
    const used = worse(node.cpu, node.memory);
    // Nobody knows what a node does that was not measured: it comes last.
    if (isNaN(used)) {
        return 0;
    }
    const free = Math.min(Math.max(settings.full_at - used, 0), settings.full_at);
    return 100 * (free / settings.full_at);
}

// The higher one of those that were measured.
function worse(a, b) {
    if (isNaN(a)) {
        return b;
    }
    return b > a ? b : a;
}

// Every candidate's score, in their order.
function score(pod, candidates) {
    const cpu = candidates.column(average("cpu"));
    const memory = candidates.column(average("memory"));
    const scores = new Float64Array(cpu.length);
    for (let index = 0; index < scores.length; index++) {
        scores[index] = scoreNode(pod, { cpu: cpu[index], memory: memory[index] });
    }
    return scores;
}

function average(resource) {
    return { type: { tag: resource }, operator: { tag: "average" }, rollup: null, name: null };
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
    const { full_at } = settings;
    if (!(full_at >= 1 && full_at <= 100)) {
        throw `\`full_at\` is ${full_at}: it has to be within 1 to 100 per cent`;
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
        throw `the settings have to be an object, such as {"full_at": 1}, and are ${JSON.stringify(given)}`;
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
