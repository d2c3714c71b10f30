// The Gaussian: density, quantiles, KL divergences in nats, and draws that are the same at each visit.

import { erf } from "./activations.js";

export const density = (x) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
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

// Uniform numbers in (0, 1) from a seed. Source: T. Ettinger's mulberry32, public domain.
export function uniform(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 0.5) / 4294967296;
  };
}

// Draws of N(0, 1), by Box and Muller.
export function normals(seed, size) {
  const random = uniform(seed);
  return Float64Array.from({ length: size }, () =>
    Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random()),
  );
}
