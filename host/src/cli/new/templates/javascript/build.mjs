// Makes a component of policy.js: `npm run build`.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { componentize } from "@bytecodealliance/componentize-js";

const { component } = await componentize(await readFile("policy.js", "utf8"), {
    sourceName: "policy.js",
    witPath: "wit",
    worldName: "policy",
    // Nothing of WASI: a policy has neither clock nor randomness, and logs through the contract.
    disableFeatures: ["random", "stdio", "clocks", "http", "fetch-event"],
});
await mkdir("build", { recursive: true });
await writeFile("{{policy}}", component);
