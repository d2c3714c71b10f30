// The likelihood p(x|z) = N(x; m, sigma^2 I): m from the decoder, one sigma for all points, learned.
//
//   -log p(x|z) = |x - m|^2 / (2 sigma^2) + 2 log sigma + log 2 pi,     sigma = softplus(raw) + 0.001

import { LOG_2PI, inverseSoftplus, sigmoid, softplus } from "./scales.js";

const SMALLEST_SIGMA = 1e-3;
const FIRST_SIGMA = 0.5;

export class Likelihood {
  static numWeights = 1;

  constructor(weights, gradient, maxBatch) {
    this.raw = weights;
    this.rawGradient = gradient;
    this.gradient = new Float64Array(2 * maxBatch);
  }

  initialise() {
    this.raw[0] = inverseSoftplus(FIRST_SIGMA - SMALLEST_SIGMA);
  }

  get sigma() {
    return softplus(this.raw[0]) + SMALLEST_SIGMA;
  }

  /** -log p(x|z) of n points, in nats, into `loss`. */
  negativeLog(x, m, n, loss) {
    const sigma = this.sigma, constant = 2 * Math.log(sigma) + LOG_2PI;
    for (let r = 0; r < n; r++) {
      const d1 = x[2 * r] - m[2 * r], d2 = x[2 * r + 1] - m[2 * r + 1];
      loss[r] = (d1 * d1 + d2 * d2) / (2 * sigma * sigma) + constant;
    }
  }

  /** weight * d(-log p): by m, returned; by raw, added to its gradient. */
  backward(x, m, n, weight) {
    const sigma = this.sigma, { gradient } = this;
    let bySigma = 0;
    for (let i = 0; i < 2 * n; i++) {
      const d = x[i] - m[i];
      gradient[i] = -weight * d / (sigma * sigma);
      bySigma += weight * (1 / sigma - d * d / sigma ** 3);
    }
    this.rawGradient[0] += bySigma * sigmoid(this.raw[0]);
    return gradient;
  }
}
