// One hole:  g(y) = y / |y|.  The whole plane goes onto the unit circle.

import { direction, directionBack } from "./plane.js";

export class Circle {
  forward(y, n, z) {
    for (let i = 0; i < 2 * n; i += 2) [z[i], z[i + 1]] = direction(y[i], y[i + 1]);
  }

  backward(y, n, dz, dy) {
    for (let i = 0; i < 2 * n; i += 2) {
      const [u1, u2, radius] = direction(y[i], y[i + 1]);
      [dy[i], dy[i + 1]] = directionBack(u1, u2, radius, dz[i], dz[i + 1]);
    }
  }
}
