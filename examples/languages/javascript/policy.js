// The policy `load-variation`: prefers nodes whose load is low and steady.
//
// Formula, settings and the treatment of missing values are those of examples/policies/load-variation, whose README
// explains them.

let settings = null;

// What a component exports as an interface is an object of that interface's name.
export const scorer = { configure, score };

// An exception is the error of a `result`.
function configure(text) {
    if (settings !== null) {
        throw "this instance has its settings already: configure a new one";
    }
    settings = readSettings(text);
}

function score(pod, candidates) {
    if (settings === null) {
        throw "this instance was asked to score before it was configured: call `configure` first";
    }
    const cpu = scores(candidates, "cpu", pod.requests.cpu);
    const memory = scores(candidates, "memory", pod.requests.memory);
    for (let index = 0; index < cpu.length; index++) {
        cpu[index] = lower(cpu[index], memory[index]);
    }
    return cpu;
}

// The score of a resource of each candidate; NaN where its average, or what the node offers, is not known.
//
// Written for an interpreter, which pays for every call: loops in place of `map`, comparisons in place of Math.min.
function scores(candidates, resource, request) {
    const capacities = candidates.allocatable(resource);
    const averages = candidates.column(selector(resource, "average"));
    const deviations = candidates.column(selector(resource, "standard-deviation"));
    const requested = request > 0 ? request : 0;
    const { margin, sensitivity } = settings;
    const exponent = sensitivity < 0 ? 1 : 1 / sensitivity;
    const scores = new Float64Array(capacities.length);
    for (let index = 0; index < scores.length; index++) {
        const capacity = capacities[index];
        const average = averages[index];
        if (isNaN(capacity) || isNaN(average)) {
            scores[index] = NaN;
        } else if (capacity > 0) {
            // A load monitor that publishes no deviation leaves the average to decide.
            const deviation = isNaN(deviations[index]) ? 0 : deviations[index];
            const load = clamp((average * capacity) / 100, capacity) + requested;
            const mu = clamp(load / capacity, 1);
            const share = clamp((deviation * capacity) / 100 / capacity, 1);
            // 1 is 1 to any power but, in JavaScript alone, an infinite one, which the smallest sensitivities give.
            const power = exponent === 1 || share === 1 ? share : share ** exponent;
            const sigma = clamp(power * margin, 1);
            scores[index] = (1 - (mu + sigma) / 2) * 100;
        }
    }
    return scores;
}

// The names of resources are those of the variant's cases here.
function selector(resource, operator) {
    return { type: { tag: resource }, operator: { tag: operator }, rollup: null, name: null };
}

// The lower one of those that were measured, 0 when none was.
function lower(a, b) {
    if (isNaN(a)) {
        return isNaN(b) ? 0 : b;
    }
    return a > b ? b : a;
}

function clamp(value, most) {
    return value < 0 ? 0 : value > most ? most : value;
}

function readSettings(text) {
    const known = { margin: 1, sensitivity: 1 };
    if (text.trim() === "") {
        return known;
    }
    let given;
    try {
        given = JSON.parse(text);
    } catch (error) {
        throw `the settings are not JSON: ${error.message}`;
    }
    if (given === null) {
        return known;
    }
    if (typeof given !== "object" || Array.isArray(given)) {
        throw "the settings have to be an object, such as {\"margin\": 1.5}";
    }
    for (const [name, value] of Object.entries(given)) {
        if (!Object.hasOwn(known, name)) {
            throw `unknown field \`${name}\`, expected \`margin\` or \`sensitivity\``;
        }
        if (typeof value !== "number") {
            throw `\`${name}\` is ${JSON.stringify(value)}: it has to be a number`;
        }
        known[name] = value;
    }
    // Of a name that is given twice, JSON.parse silently keeps the last. By now there is one colon for each member, and
    // none within a name or a value, unless a member was dropped.
    if (text.split(":").length - 1 !== Object.keys(given).length) {
        throw "a setting is given twice: `margin` or `sensitivity`";
    }
    if (!(Number.isFinite(known.margin) && known.margin >= 0)) {
        throw `\`margin\` is ${known.margin}: it has to be finite and at least 0`;
    }
    if (!Number.isFinite(known.sensitivity) || known.sensitivity === 0) {
        const words = "it has to be finite and not 0; a negative one takes the deviation as it is";
        throw `\`sensitivity\` is ${known.sensitivity}: ${words}`;
    }
    return known;
}
