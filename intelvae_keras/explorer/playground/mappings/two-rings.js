// Two rings, of radius 1 and 2:  g(y) = r u,  u = y / |y|,
//   r = 3/2 + tanh( (|y| - m) / width ) / 2,    m = sqrt(2 log 2), the median of |y| under N(0, I)
//
// Half of the prior's mass goes to each ring.

import { direction, directionBack, steep } from "./plane.js";

const MEDIAN = Math.sqrt(2 * Math.log(2));

export class TwoRings {
  constructor({ width }) {
    this.width = width;
  }

  forward(y, n, z) {
    for (let i = 0; i < 2 * n; i += 2) {
      const [u1, u2, radius] = direction(y[i], y[i + 1]);
      const r = 1.5 + steep(radius - MEDIAN, this.width)[0] / 2;
      z[i] = r * u1;
      z[i + 1] = r * u2;
    }
  }

  backward(y, n, dz, dy) {
    for (let i = 0; i < 2 * n; i += 2) {
      const [u1, u2, radius] = direction(y[i], y[i + 1]);
      const [height, slope] = steep(radius - MEDIAN, this.width);
      const r = 1.5 + height / 2, byRadius = (dz[i] * u1 + dz[i + 1] * u2) * slope / 2;
      const [a, b] = directionBack(u1, u2, radius, r * dz[i], r * dz[i + 1]);
      dy[i] = a + byRadius * u1;
      dy[i + 1] = b + byRadius * u2;
    }
  }
}
