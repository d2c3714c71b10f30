// Two holes:  g(y) = (cos t, sin t cos t),  t the angle of y.  With u = y / |y|:  (u1, u1 u2).

import { direction, directionBack } from "./plane.js";

export class FigureEight {
  forward(y, n, z) {
    for (let i = 0; i < 2 * n; i += 2) {
      const [u1, u2] = direction(y[i], y[i + 1]);
      z[i] = u1;
      z[i + 1] = u1 * u2;
    }
  }

  backward(y, n, dz, dy) {
    for (let i = 0; i < 2 * n; i += 2) {
      const [u1, u2, radius] = direction(y[i], y[i + 1]);
      const du1 = dz[i] + u2 * dz[i + 1], du2 = u1 * dz[i + 1];
      [dy[i], dy[i + 1]] = directionBack(u1, u2, radius, du1, du2);
    }
  }
}
