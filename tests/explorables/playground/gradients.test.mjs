// Every gradient against central finite differences: of each mapping by y, and of the loss by all weights.

import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./settings.mjs";

const { MAPPINGS, createMapping } = await load("mappings/index.js");
const { Model } = await load("model/model.js");
const { generator } = await load("model/random.js");

const STEP = 1e-6;
const NUMBERS = [
  { K: 5, strength: 2, width: 0.3, angle: 20, fold: 1 },
  { K: 2, strength: 0.5, width: 0.2, angle: 0, fold: 0.4 },
  { K: 9, strength: 3, width: 0.1, angle: -35, fold: 0.8 },
];

const close = (got, wanted, where) => {
  const scale = Math.max(1, Math.abs(wanted));
  assert.ok(Math.abs(got - wanted) / scale < 2e-6, `${where}: ${got}, finite differences give ${wanted}`);
};

for (const name of Object.keys(MAPPINGS)) {
  for (const [index, numbers] of NUMBERS.entries()) {
    test(`gradient by y of ${name}, numbers ${index}`, () => {
      const g = createMapping(name, numbers), n = 100, random = generator(5 + index);
      const y = random.fillNormal(new Float64Array(2 * n)), dz = random.fillNormal(new Float64Array(2 * n));
      const dy = new Float64Array(2 * n), z = new Float64Array(2 * n);
      g.backward(y, n, dz, dy);
      const at = (i, change) => {
        const moved = Float64Array.from(y);
        moved[i] += change;
        g.forward(moved, n, z);
        return z.reduce((sum, value, j) => sum + value * dz[j], 0);
      };
      for (let i = 0; i < 2 * n; i++) {
        close(dy[i], (at(i, STEP) - at(i, -STEP)) / (2 * STEP), `${name}, y[${i}] of (${y[i & ~1]}, ${y[i | 1]})`);
      }
    });
  }
}

for (const name of Object.keys(MAPPINGS)) {
  for (const covariance of ["full", "diagonal"]) {
    for (const prior of ["normal", "mixture"]) {
      test(`gradient by the weights: ${name}, ${covariance} posterior, ${prior} prior`, () => {
        const random = generator(11), n = 7;
        const model = new Model({ hidden: 5, covariance, prior, startScale: 0.3 }, createMapping(name, NUMBERS[0]));
        model.initialise(random);
        // Away from the start, where biases of 0 put units exactly on the kink of their ReLU.
        for (let i = 0; i < model.weights.length; i++) model.weights[i] += 0.2 * random.normal();
        const x = random.fillNormal(new Float64Array(2 * n)), noise = random.fillNormal(new Float64Array(2 * n));
        const loss = () => {
          const { reconstruction, kl } = model.terms(x, noise, n);
          return reconstruction + 0.7 * kl;
        };
        model.lossAndGradient(x, noise, n, 0.7);
        const gradient = Float64Array.from(model.gradient);
        assert.ok(gradient.some((value) => value !== 0));
        for (let i = 0; i < gradient.length; i++) {
          const kept = model.weights[i];
          model.weights[i] = kept + STEP;
          const above = loss();
          model.weights[i] = kept - STEP;
          const below = loss();
          model.weights[i] = kept;
          close(gradient[i], (above - below) / (2 * STEP), `weight ${i}`);
        }
      });
    }
  }
}
