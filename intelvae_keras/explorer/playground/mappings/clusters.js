// K parts with gaps between them:  g(y) = y + strength tanh(d / width) u_k
//
// d: distance from y to the nearest of K rays from the origin;  u_k: along the middle of y's sector k.
// Beside a ray g jumps: a step of about `width` in y becomes a gap of about 2 strength sin(pi / K) in z.
// Back, with s = dz . u_k:   dy = dz + strength s tanh'(d / width) / width  grad d

import { sector, steep } from "./plane.js";

export class Clusters {
  constructor({ K, strength, width, turn = 0 }) {
    Object.assign(this, { K, strength, width, turn });
  }

  forward(y, n, z) {
    for (let i = 0; i < 2 * n; i += 2) {
      const { u1, u2, distance } = sector(y[i], y[i + 1], this.K, this.turn);
      const push = this.strength * steep(distance, this.width)[0];
      z[i] = y[i] + push * u1;
      z[i + 1] = y[i + 1] + push * u2;
    }
  }

  backward(y, n, dz, dy) {
    for (let i = 0; i < 2 * n; i += 2) {
      const { u1, u2, distance, n1, n2 } = sector(y[i], y[i + 1], this.K, this.turn);
      const along = dz[i] * u1 + dz[i + 1] * u2;
      const slope = this.strength * along * steep(distance, this.width)[1];
      dy[i] = dz[i] + slope * n1;
      dy[i + 1] = dz[i + 1] + slope * n2;
    }
  }
}
