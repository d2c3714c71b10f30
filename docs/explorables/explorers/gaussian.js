// The Gaussian: its mass below a point, quantiles, and the KL divergence in nats.

import { erf } from "../runner/activations.js";

export const cumulative = (x) => (1 + erf(x / Math.SQRT2)) / 2;

export function quantile(probability) {
  let [low, high] = [-8, 8];
  for (let step = 0; step < 50; step += 1) {
    const middle = (low + high) / 2;
    if (cumulative(middle) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

// KL( N(mean, deviation²) || N(0, 1) ), nats.
export const kl = (mean, deviation) => (mean ** 2 + deviation ** 2 - 1) / 2 - Math.log(deviation);
