// The prior p(y), and KL( q(y|x) || p(y) ), the price of a code in nats.
//
// For p(y) = N(0, I) it has a closed form, with q = N(mu, L L^T):
//
//   KL = ( |mu|^2 + l11^2 + l21^2 + l22^2 - 2 ) / 2 - log l11 - log l22
//
// It looks at y alone: z = g(y) does not occur in it.

import { LOG_2PI } from "./scales.js";

export class StandardNormal {
  static numWeights = 0;

  constructor(weights, gradient, maxBatch) {
    const column = () => new Float64Array(maxBatch);
    this.direct = { mean: new Float64Array(2 * maxBatch), l11: column(), l21: column(), l22: column() };
  }

  initialise() {}

  /** KL of each of n posteriors, into kl. */
  divergence(q, y, noise, n, kl) {
    for (let r = 0; r < n; r++) {
      const { l11, l21, l22, mean } = q;
      const squares = mean[2 * r] ** 2 + mean[2 * r + 1] ** 2 + l11[r] ** 2 + l21[r] ** 2 + l22[r] ** 2;
      kl[r] = (squares - 2) / 2 - Math.log(l11[r] * l22[r]);
    }
  }

  /** weight * dKL: by mu and L, returned. (y does not occur in the closed form, and gets nothing.) */
  backward(q, y, n, weight, dy) {
    const { direct } = this;
    for (let r = 0; r < n; r++) {
      direct.mean[2 * r] = weight * q.mean[2 * r];
      direct.mean[2 * r + 1] = weight * q.mean[2 * r + 1];
      direct.l11[r] = weight * (q.l11[r] - 1 / q.l11[r]);
      direct.l21[r] = weight * q.l21[r];
      direct.l22[r] = weight * (q.l22[r] - 1 / q.l22[r]);
    }
    return direct;
  }

  /** Draws n codes y ~ N(0, I). */
  sample(random, n, y) {
    random.fillNormal(y, 2 * n);
  }

  /** log p(y) of one code. */
  logDensity(y1, y2) {
    return -(y1 * y1 + y2 * y2) / 2 - LOG_2PI;
  }
}
