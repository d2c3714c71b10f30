// Driven by test_playground_keras.py: takes settings, weights, batches and noise as JSON on standard input, does the
// steps, and prints the terms of each, and the weights afterwards.

import { readFileSync } from "node:fs";

import { load } from "./settings.mjs";

const { createMapping } = await load("mappings/index.js");
const { Model } = await load("model/model.js");
const { Adam } = await load("model/optimizer.js");

const job = JSON.parse(readFileSync(0, "utf8"));
const model = new Model(job.settings, createMapping(job.settings.g.name, job.settings.g));
if (model.weights.length !== job.weights.length) throw new Error(`${model.weights.length} weights here`);
model.weights.set(job.weights);
const optimizer = new Adam(model.weights.length), terms = [], n = job.x[0].length / 2;
for (const [step, x] of job.x.entries()) {
  const { reconstruction, kl } = model.lossAndGradient(Float64Array.from(x), Float64Array.from(job.noise[step]), n, job.kl_weight);
  terms.push([reconstruction, kl]);
  optimizer.step(model.weights, model.gradient, job.rate);
}
process.stdout.write(JSON.stringify({ terms, weights: Array.from(model.weights) }));
