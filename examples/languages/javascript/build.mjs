// Makes a component of a policy in JavaScript: `node build.mjs WIT POLICY.js OUTPUT.wasm`.
import { readFile, writeFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { componentize } from "@bytecodealliance/componentize-js";

const [wit, source, output] = process.argv.slice(2);
const { component } = await componentize(await readFile(source, "utf8"), {
    sourceName: basename(source),
    witPath: resolve(wit),
    worldName: "policy",
    // Nothing of WASI: a policy has neither clock nor randomness, and logs through the contract.
    disableFeatures: ["random", "stdio", "clocks", "http", "fetch-event"],
});
await writeFile(output, component);
