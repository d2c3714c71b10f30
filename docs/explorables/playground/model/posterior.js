// The posterior q(y|x) = N(mu, L L^T) of two latents, from the encoder's output for x.
//
//   L = [ l11   0  ]      l11 and l22 = softplus(raw + log(e - 1)) + 1e-5,   l21 = raw
//       [ l21  l22 ]      ("diagonal": l21 = 0)
//
// Sampling:  y = mu + L e,  e ~ N(0, I), so that the gradient reaches mu and L (Kingma and Welling, 2014).

import { LOG_2PI, SMALLEST, UNIT, sigmoid, softplus } from "./scales.js";

/** How many numbers the encoder gives for one x: (mu1, mu2, raw22, l21, raw11), or (mu1, mu2, raw1, raw2). */
export const numParameters = (covariance) => (covariance === "full" ? 5 : 4);

export class Posterior {
  constructor(covariance, maxBatch) {
    this.full = covariance === "full";
    this.width = numParameters(covariance);
    // Where the package's Keras layer, too, has them.
    this.at = this.full ? { l11: 4, l21: 3, l22: 2 } : { l11: 2, l22: 3 };
    const column = () => new Float64Array(maxBatch);
    Object.assign(this, { l11: column(), l21: column(), l22: column() });
    this.mean = new Float64Array(2 * maxBatch);
    this.gradient = new Float64Array(this.width * maxBatch);
  }

  /** Reads mu and L of n points from the encoder's output. */
  read(output, n) {
    const { width, at } = this;
    this.raw = output;
    for (let r = 0; r < n; r++) {
      const row = r * width;
      this.mean[2 * r] = output[row];
      this.mean[2 * r + 1] = output[row + 1];
      this.l11[r] = softplus(output[row + at.l11] + UNIT) + SMALLEST;
      this.l22[r] = softplus(output[row + at.l22] + UNIT) + SMALLEST;
      this.l21[r] = this.full ? output[row + at.l21] : 0;
    }
  }

  /** y = mu + L e for n points, from the noise e. */
  sample(noise, n, y) {
    for (let r = 0; r < n; r++) {
      const e1 = noise[2 * r], e2 = noise[2 * r + 1];
      y[2 * r] = this.mean[2 * r] + this.l11[r] * e1;
      y[2 * r + 1] = this.mean[2 * r + 1] + this.l21[r] * e1 + this.l22[r] * e2;
    }
  }

  /** log q(y|x) of point r at its sample y = mu + L e:  -|e|^2 / 2 - log l11 - log l22 - log 2 pi. */
  logDensity(noise, r) {
    const squares = noise[2 * r] ** 2 + noise[2 * r + 1] ** 2;
    return -squares / 2 - Math.log(this.l11[r] * this.l22[r]) - LOG_2PI;
  }

  /**
   * The gradient by the encoder's output, from that by y, and from the prior's by mu and L.
   * @param {Float64Array} dy      of the loss by the sample y
   * @param {object} direct        { mean, l11, l21, l22 } of the KL divergence in closed form
   */
  backward(noise, dy, direct, n) {
    const { width, at, gradient, raw } = this;
    for (let r = 0; r < n; r++) {
      const row = r * width, e1 = noise[2 * r], e2 = noise[2 * r + 1];
      const dy1 = dy[2 * r], dy2 = dy[2 * r + 1];
      gradient[row] = dy1 + direct.mean[2 * r];
      gradient[row + 1] = dy2 + direct.mean[2 * r + 1];
      gradient[row + at.l11] = (dy1 * e1 + direct.l11[r]) * sigmoid(raw[row + at.l11] + UNIT);
      gradient[row + at.l22] = (dy2 * e2 + direct.l22[r]) * sigmoid(raw[row + at.l22] + UNIT);
      if (this.full) gradient[row + at.l21] = dy2 * e1 + direct.l21[r];
    }
    return gradient;
  }
}
