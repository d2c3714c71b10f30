// K rays from the origin:  star(y) = (y . u_k) tanh(d / width) u_k,  d and u_k as in clusters.js
//
// g(y) = fold star(y) + (1 - fold) y.  Training folds the plane slowly, from fold 0 to 1.
// Back, with s = dz . u_k:
//   dy = (1 - fold) dz + fold s ( tanh(d / width) u_k + (y . u_k) tanh'(d / width) / width  grad d )

import { sector, steep } from "./plane.js";

export class Star {
  constructor({ K, width, turn = 0, fold = 1 }) {
    Object.assign(this, { K, width, turn, fold });
  }

  forward(y, n, z) {
    const { fold } = this;
    for (let i = 0; i < 2 * n; i += 2) {
      const { u1, u2, distance } = sector(y[i], y[i + 1], this.K, this.turn);
      const along = (y[i] * u1 + y[i + 1] * u2) * steep(distance, this.width)[0];
      z[i] = fold * along * u1 + (1 - fold) * y[i];
      z[i + 1] = fold * along * u2 + (1 - fold) * y[i + 1];
    }
  }

  backward(y, n, dz, dy) {
    const { fold } = this;
    for (let i = 0; i < 2 * n; i += 2) {
      const { u1, u2, distance, n1, n2 } = sector(y[i], y[i + 1], this.K, this.turn);
      const [height, slope] = steep(distance, this.width);
      const s = fold * (dz[i] * u1 + dz[i + 1] * u2), along = (y[i] * u1 + y[i + 1] * u2) * slope;
      dy[i] = (1 - fold) * dz[i] + s * (height * u1 + along * n1);
      dy[i + 1] = (1 - fold) * dz[i + 1] + s * (height * u2 + along * n2);
    }
  }
}
