// A learned prior, the rival of g: a mixture of Gaussians in y, trained with everything else.
//
//   p(y) = sum_k w_k N(y; m_k, diag(s_k^2)),   w = softmax(logits),   s = softplus(raw + log(e - 1)) + 1e-5
//
// KL(q || p) has no closed form here. One sample of y estimates it: log q(y|x) - log p(y).
// With R_k = w_k N_k(y) / p(y), the weight of component k given y, and t = (y - m_k) / s_k, d log p(y) is
//
//   by y: - sum_k R_k t / s_k     by m_k: R_k t / s_k     by s_k: R_k (t^2 - 1) / s_k     by logit k: R_k - w_k

import { LOG_2PI, SMALLEST, UNIT, sigmoid, softplus } from "./scales.js";

export const COMPONENTS = 10;

export class Mixture {
  static numWeights = 5 * COMPONENTS;

  constructor(weights, gradient, maxBatch) {
    const parts = (array) => ({
      means: array.subarray(0, 2 * COMPONENTS),
      raw: array.subarray(2 * COMPONENTS, 4 * COMPONENTS),
      logits: array.subarray(4 * COMPONENTS, 5 * COMPONENTS),
    });
    Object.assign(this, parts(weights));
    this.gradients = parts(gradient);
    this.scales = new Float64Array(2 * COMPONENTS);
    this.proportions = new Float64Array(COMPONENTS);
    this.log = new Float64Array(COMPONENTS);
    const column = () => new Float64Array(maxBatch);
    this.direct = { mean: new Float64Array(2 * maxBatch), l11: column(), l21: column(), l22: column() };
  }

  /** Means from N(0, I), scales 1, equal weights. */
  initialise(random) {
    random.fillNormal(this.means);
    this.raw.fill(0);
    this.logits.fill(0);
    this.refresh();
  }

  /** Scales and weights from the numbers that training moves. */
  refresh() {
    for (let i = 0; i < 2 * COMPONENTS; i++) this.scales[i] = softplus(this.raw[i] + UNIT) + SMALLEST;
    const highest = Math.max(...this.logits);
    let sum = 0;
    for (let k = 0; k < COMPONENTS; k++) sum += this.proportions[k] = Math.exp(this.logits[k] - highest);
    for (let k = 0; k < COMPONENTS; k++) this.proportions[k] /= sum;
  }

  /** log p(y); leaves log w_k N_k(y) in `this.log`. */
  logDensity(y1, y2) {
    const { means, scales, proportions, log } = this;
    let highest = -Infinity, sum = 0;
    for (let k = 0; k < COMPONENTS; k++) {
      const s1 = scales[2 * k], s2 = scales[2 * k + 1];
      const t1 = (y1 - means[2 * k]) / s1, t2 = (y2 - means[2 * k + 1]) / s2;
      log[k] = Math.log(proportions[k] / (s1 * s2)) - (t1 * t1 + t2 * t2) / 2 - LOG_2PI;
      if (log[k] > highest) highest = log[k];
    }
    for (let k = 0; k < COMPONENTS; k++) sum += Math.exp(log[k] - highest);
    return highest + Math.log(sum);
  }

  divergence(q, y, noise, n, kl) {
    this.refresh();
    for (let r = 0; r < n; r++) kl[r] = q.logDensity(noise, r) - this.logDensity(y[2 * r], y[2 * r + 1]);
  }

  /** weight * dKL: by y added to dy, by L returned (from log q: -1 / l), by the mixture added to its gradient. */
  backward(q, y, n, weight, dy) {
    const { means, scales, proportions, raw, log, direct, gradients } = this;
    for (let r = 0; r < n; r++) {
      const logP = this.logDensity(y[2 * r], y[2 * r + 1]);
      for (let k = 0; k < COMPONENTS; k++) {
        const responsibility = Math.exp(log[k] - logP);
        gradients.logits[k] -= weight * (responsibility - proportions[k]);
        for (let d = 0; d < 2; d++) {
          const at = 2 * k + d, t = (y[2 * r + d] - means[at]) / scales[at];
          const slope = weight * responsibility / scales[at];
          dy[2 * r + d] += slope * t;
          gradients.means[at] -= slope * t;
          gradients.raw[at] -= slope * (t * t - 1) * sigmoid(raw[at] + UNIT);
        }
      }
      direct.l11[r] = -weight / q.l11[r];
      direct.l22[r] = -weight / q.l22[r];
    }
    return direct;
  }

  /** Draws n codes: first a component, then a point of it. */
  sample(random, n, y) {
    this.refresh();
    for (let r = 0; r < n; r++) {
      let k = 0, left = random.uniform();
      while (k < COMPONENTS - 1 && (left -= this.proportions[k]) > 0) k++;
      y[2 * r] = this.means[2 * k] + this.scales[2 * k] * random.normal();
      y[2 * r + 1] = this.means[2 * k + 1] + this.scales[2 * k + 1] * random.normal();
    }
  }
}
