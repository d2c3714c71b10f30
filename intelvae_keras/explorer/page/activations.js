// Activations, by their names in Keras. Each takes one number, but for softmax.

import { sigmoid, softplus } from "./scales.js";

const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.6732632423543772;

// erf, by its series near 0 and a continued fraction beyond: exact to 1e-12.
export function erf(x) {
  const size = Math.abs(x);
  if (size > 6) return Math.sign(x);
  if (size < 2) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-16 * Math.abs(sum); n += 1) {
      term *= (-x * x) / n;
      sum += term / (2 * n + 1);
      if (term === 0) break;
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = 0;
  for (let n = 40; n > 0; n -= 1) fraction = n / 2 / (size + fraction);
  return Math.sign(x) * (1 - Math.exp(-size * size) / Math.sqrt(Math.PI) / (size + fraction));
}

// E[x] of a continuous Bernoulli with this logit.
function continuousBernoulliMean(logit) {
  if (Math.abs(logit) < 0.02) return 0.5 + logit / 12 - logit ** 3 / 720;
  return -1 / Math.expm1(-logit) - 1 / logit;
}

export const SCALAR = {
  relu: (x) => (x > 0 ? x : 0),
  relu6: (x) => Math.min(Math.max(x, 0), 6),
  leaky_relu: (x) => (x > 0 ? x : 0.2 * x),
  elu: (x) => (x > 0 ? x : Math.expm1(x)),
  selu: (x) => SELU_SCALE * (x > 0 ? x : SELU_ALPHA * Math.expm1(x)),
  gelu: (x) => 0.5 * x * (1 + erf(x / Math.SQRT2)),
  silu: (x) => x * sigmoid(x),
  sigmoid,
  hard_sigmoid: (x) => Math.min(Math.max(x / 6 + 0.5, 0), 1),
  hard_silu: (x) => x * Math.min(Math.max(x / 6 + 0.5, 0), 1),
  tanh: Math.tanh,
  softplus,
  softsign: (x) => x / (1 + Math.abs(x)),
  exponential: Math.exp,
  mish: (x) => x * Math.tanh(softplus(x)),
  log_sigmoid: (x) => -softplus(-x),
  continuous_bernoulli_mean: continuousBernoulliMean,
};

// Over the last axis, of length `width`.
export function softmax(values, width) {
  for (let start = 0; start < values.length; start += width) {
    let largest = -Infinity;
    for (let i = start; i < start + width; i += 1) largest = Math.max(largest, values[i]);
    let sum = 0;
    for (let i = start; i < start + width; i += 1) sum += values[i] = Math.exp(values[i] - largest);
    for (let i = start; i < start + width; i += 1) values[i] /= sum;
  }
}
