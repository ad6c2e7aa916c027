// The policy `{{name}}`: the less a node does, the better it scores.

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

// Takes the settings, as JSON; the empty string asks for the defaults. What is thrown refuses them, in words.
function configure(text) {
    for (const [name, value] of Object.entries(read(text))) {
        if (!Object.hasOwn(settings, name)) {
            throw `unknown field \`${name}\`, expected \`full_at\``;
        }
        settings[name] = value;
    }
    const { full_at } = settings;
    if (!(typeof full_at === "number" && full_at >= 1 && full_at <= 100)) {
        throw `\`full_at\` is ${full_at}: it has to be within 1 to 100 per cent`;
    }
}

function read(text) {
    try {
        return (text.trim() === "" ? null : JSON.parse(text)) ?? {};
    } catch (error) {
        throw `the settings are not JSON: ${error.message}`;
    }
}

// What a policy exports, by the names of the contract in `wit/`.
export const scorer = { configure, score };
