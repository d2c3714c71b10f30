// A mapping of the plane over a batch: y and z hold n points as pairs, point after point.
//
// z = g(y) is the runner's, one formula for this page and for that of a trained model. A mapping here adds what
// training needs of it: the gradient of the loss by y, J^T dz, from that by z.

/** The runner rounds to float32 as Keras does, where a cut is near. A derivative is that of the exact function. */
export const exact = (value) => value;

export class Pointwise {
  /** @param {object} numbers  of the mapping, by the names that the runner reads */
  constructor(numbers = {}) {
    Object.assign(this, numbers);
  }

  forward(y, n, z) {
    for (let i = 0; i < 2 * n; i += 2) {
      const point = this.value([y[i], y[i + 1]]);
      z[i] = point[0];
      z[i + 1] = point[1];
    }
  }

  backward(y, n, dz, dy) {
    for (let i = 0; i < 2 * n; i += 2) {
      const point = this.gradient([y[i], y[i + 1]], [dz[i], dz[i + 1]]);
      dy[i] = point[0];
      dy[i + 1] = point[1];
    }
  }
}
