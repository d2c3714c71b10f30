// Driven by test_playground_figures.py: trains both rows as the page does, for each seed, and prints the percentages off
// the data and log p(x).

import { load } from "./settings.mjs";

const { defaults, dataOptions, trainingSettings } = await load("page/state.js");
const { drawData } = await load("model/data.js");
const { OffData, REFERENCE_SIZE } = await load("model/off-data.js");
const { drawSamples, fractionOff, logLikelihood } = await load("model/measures.js");
const { generator } = await load("model/random.js");
const { Training } = await load("model/training.js");

const [changes, seeds] = JSON.parse(process.argv[2]), results = [];
for (const seed of seeds) {
  const state = { ...defaults(), ...changes, seed }, options = dataOptions(state);
  const draw = (n, at) => drawData(state.data, options, n, generator(at));
  const data = draw(state.n, 100 * seed + 50), held = draw(1000, 100 * seed + 51);
  const offData = new OffData(draw(REFERENCE_SIZE, 100 * seed + 52));
  for (const row of ["ordinary", "intel"]) {
    const training = new Training(trainingSettings(state, row), data), { model } = training;
    while (training.step < state.steps) training.advance();
    const off = 100 * fractionOff(drawSamples(model, 10_000, generator(3)).x, offData);
    const iterator = logLikelihood(model, held, 500, 60, generator(6));
    let next = iterator.next();
    while (!next.done) next = iterator.next();
    results.push({ seed, row, off, logP: next.value, sigma: model.likelihood.sigma });
  }
}
process.stdout.write(JSON.stringify(results));
