// Driven by test_playground_code.py: prints the Python of several settings, each for one row, as JSON.

import { readFileSync } from "node:fs";

import { load } from "./settings.mjs";

const { kerasCode } = await load("page/keras-code.js");
const { defaults } = await load("page/state.js");

const jobs = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(jobs.map(([changes, row]) => kerasCode({ ...defaults(), ...changes }, row))));
