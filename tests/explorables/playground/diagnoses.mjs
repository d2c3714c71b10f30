// Driven by test_playground_figures.py: trains a row for each setting, and prints what the page says of it.

import { load } from "./settings.mjs";

const { defaults, chosen, dataOptions, trainingSettings } = await load("page/state.js");
const { drawData } = await load("model/data.js");
const { OffData, REFERENCE_SIZE } = await load("model/off-data.js");
const { drawSamples, encode, fractionOff, meanTerms } = await load("model/measures.js");
const { generator } = await load("model/random.js");
const { Training } = await load("model/training.js");
const { occupancy, remark } = await load("page/remarks.js");

const results = JSON.parse(process.argv[2]).map(([changes, row]) => {
  // Data and g as their controls set them, with their recipes; then what the case changes besides.
  let state = defaults();
  for (const name of ["data", "g"]) if (name in changes) state = chosen(state, name, changes[name]);
  state = { ...state, ...changes };
  const draw = (n, at) => drawData(state.data, dataOptions(state), n, generator(at));
  const data = draw(state.n, 50), held = draw(1000, 51), offData = new OffData(draw(REFERENCE_SIZE, 52));
  const training = new Training(trainingSettings(state, row), data), { model, g } = training;
  while (training.step < state.steps) training.advance();
  const noise = generator(6).fillNormal(new Float64Array(512));
  const cut = g.name === "clusters" || g.name === "star", codes = cut ? encode(model, held, 256, noise) : null;
  const figures = {
    ...meanTerms(model, held, held.n, generator(4)),
    sigma: model.likelihood.sigma,
    off: fractionOff(drawSamples(model, 10_000, generator(3)).x, offData),
  };
  return remark({
    figures, step: training.step, steps: state.steps, g, state, ordinary: row === "ordinary",
    occupied: codes && occupancy(codes.y, codes.n, g), trained: training.terms.reconstruction,
  });
});
process.stdout.write(JSON.stringify(results));
