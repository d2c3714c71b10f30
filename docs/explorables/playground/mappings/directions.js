// Derivatives of the mappings of a direction, u = y / |y|.

import { TINY, figureEight, twoRings, unitDirection } from "../../runner/directions.js";
import { Pointwise, exact } from "./pointwise.js";

/** The gradient by y of a function of u, from its gradient by u: (du - u (u . du)) / |y|. */
function directionBack(y, u, du) {
  const squares = y[0] * y[0] + y[1] * y[1];
  if (squares < TINY) return [0, 0];
  const radius = Math.sqrt(squares), along = u[0] * du[0] + u[1] * du[1];
  return [(du[0] - u[0] * along) / radius, (du[1] - u[1] * along) / radius];
}

/** One hole:  g(y) = u. */
export class Circle extends Pointwise {
  value(y) {
    return unitDirection(y);
  }

  gradient(y, dz) {
    return directionBack(y, unitDirection(y), dz);
  }
}

/** Two holes:  g(y) = (u1, u1 u2). */
export class FigureEight extends Pointwise {
  value(y) {
    return figureEight(y);
  }

  gradient(y, dz) {
    const u = unitDirection(y);
    return directionBack(y, u, [dz[0] + u[1] * dz[1], u[0] * dz[1]]);
  }
}

/** Two rings, of radius 1 and 2:  g(y) = r u.  Half of the prior's mass goes to each, beyond the median of |y|. */
export class TwoRings extends Pointwise {
  constructor({ width }) {
    super({ inner: 1, outer: 2, median: Math.sqrt(2 * Math.log(2)), width });
  }

  value(y) {
    return twoRings(y, this, exact);
  }

  /** With r = middle + half h, h = tanh(...):  dr / d|y| = half (1 - h^2) / width. */
  gradient(y, dz) {
    const u = unitDirection(y), r = Math.hypot(...this.value(y));
    const half = (this.outer - this.inner) / 2, height = (r - this.inner) / half - 1;
    const byRadius = (dz[0] * u[0] + dz[1] * u[1]) * half * (1 - height * height) / this.width;
    const [a, b] = directionBack(y, u, [r * dz[0], r * dz[1]]);
    return [a + byRadius * u[0], b + byRadius * u[1]];
  }
}
