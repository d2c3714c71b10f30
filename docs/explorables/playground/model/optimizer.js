// Adam (Kingma and Ba, 2015), as Keras computes it, with the gradient's length clipped.
//
//   g <- g min(1, clip / |g|)
//   m <- m + (1 - b1) (g - m),     v <- v + (1 - b2) (g^2 - v)
//   w <- w - rate sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + 1e-7)

const B1 = 0.9, B2 = 0.999, EPSILON = 1e-7;
export const CLIP = 5;

export class Adam {
  constructor(size) {
    this.m = new Float64Array(size);
    this.v = new Float64Array(size);
    this.t = 0;
  }

  step(weights, gradient, rate) {
    const { m, v } = this;
    let squares = 0;
    for (let i = 0; i < gradient.length; i++) squares += gradient[i] * gradient[i];
    const clip = CLIP / Math.max(Math.sqrt(squares), CLIP);
    this.t += 1;
    const pace = rate * Math.sqrt(1 - B2 ** this.t) / (1 - B1 ** this.t);
    for (let i = 0; i < weights.length; i++) {
      const g = clip * gradient[i];
      m[i] += (1 - B1) * (g - m[i]);
      v[i] += (1 - B2) * (g * g - v[i]);
      weights[i] -= pace * m[i] / (Math.sqrt(v[i]) + EPSILON);
    }
  }
}

/** A rate that falls from `first` to `last` along half a cosine, and stays there. */
export function cosineDecay(step, total, first, last) {
  const progress = Math.min(step / total, 1);
  return last + (first - last) * (1 + Math.cos(Math.PI * progress)) / 2;
}
