// What stands beside each row: off the data, KL, -log p(x|z), sigma, log p(x). All in nats, per point.

import { MAX_BATCH } from "./model.js";

/** n new samples: y ~ p(y), m = decoder(g(y)), x = m + sigma e: { y, x }. */
export function drawSamples(model, n, random) {
  const y = new Float64Array(2 * n), x = new Float64Array(2 * n), sigma = model.likelihood.sigma;
  model.prior.sample(random, n, y);
  for (let first = 0; first < n; first += MAX_BATCH) {
    const size = Math.min(MAX_BATCH, n - first);
    const means = model.decode(y.subarray(2 * first, 2 * (first + size)), size);
    for (let i = 0; i < 2 * size; i++) x[2 * first + i] = means[i] + sigma * random.normal();
  }
  return { y, x };
}

/** The fraction of points off the data, in [0, 1]. */
export function fractionOff(x, offData) {
  const n = x.length / 2;
  let off = 0;
  for (let r = 0; r < n; r++) off += offData.test(x[2 * r], x[2 * r + 1]);
  return off / n;
}

/** Means of the loss's two terms over at most `n` of the data: { reconstruction, kl }. */
export function meanTerms(model, data, n, random) {
  const noise = new Float64Array(2 * MAX_BATCH), sum = { reconstruction: 0, kl: 0 };
  n = Math.min(n, data.n);
  for (let first = 0; first < n; first += MAX_BATCH) {
    const size = Math.min(MAX_BATCH, n - first);
    const x = data.x.subarray(2 * first, 2 * (first + size));
    const terms = model.terms(x, random.fillNormal(noise, 2 * size), size);
    sum.reconstruction += terms.reconstruction * size / n;
    sum.kl += terms.kl * size / n;
  }
  return sum;
}

/**
 * log p(x), in the mean over the first n points, by importance weighting with S samples each:
 *   log p(x) ~ logsumexp_s[ log p(x|g(y_s)) + log p(y_s) - log q(y_s|x) ] - log S,   y_s ~ q(y|x)
 * A generator: it yields after each batch, so that the page can go on in between, and returns the mean.
 */
export function* logLikelihood(model, data, n, S, random) {
  const noise = new Float64Array(2 * MAX_BATCH), { posterior: q, reconstruction, prior } = model;
  n = Math.min(n, data.n);
  let total = 0;
  for (let first = 0; first < n; first += MAX_BATCH) {
    const size = Math.min(MAX_BATCH, n - first), x = data.x.subarray(2 * first, 2 * (first + size));
    const highest = new Float64Array(size).fill(-Infinity), sum = new Float64Array(size);
    for (let s = 0; s < S; s++) {
      model.terms(x, random.fillNormal(noise, 2 * size), size);
      for (let r = 0; r < size; r++) {
        const logPrior = prior.logDensity(model.y[2 * r], model.y[2 * r + 1]);
        const weight = -reconstruction[r] + logPrior - q.logDensity(noise, r);
        const larger = Math.max(highest[r], weight);
        sum[r] = sum[r] * Math.exp(highest[r] - larger) + Math.exp(weight - larger);
        highest[r] = larger;
      }
      if (s % 4 === 3) yield;
    }
    for (let r = 0; r < size; r++) total += highest[r] + Math.log(sum[r] / S);
  }
  return total / n;
}

/** Posterior means, scales and samples of the first n points, copied: { mean, l11, l21, l22, y, z }. */
export function encode(model, data, n, noise) {
  const { posterior: q } = model;
  n = Math.min(n, data.n, MAX_BATCH);
  model.terms(data.x, noise, n);
  return {
    n,
    mean: q.mean.slice(0, 2 * n), y: model.y.slice(0, 2 * n), z: model.z.slice(0, 2 * n),
    l11: q.l11.slice(0, n), l21: q.l21.slice(0, n), l22: q.l22.slice(0, n),
  };
}

/** For each y, the hue of the code that lies nearest to it: so a sample has the colour of the data around its y. */
export function huesOf(y, codes, hue) {
  return Float32Array.from({ length: y.length / 2 }, (_, r) => {
    const a = y[2 * r], b = y[2 * r + 1];
    let best = 0, least = Infinity;
    for (let s = 0; s < codes.n; s++) {
      const da = codes.y[2 * s] - a, db = codes.y[2 * s + 1] - b, distance = da * da + db * db;
      if (distance < least) [best, least] = [s, distance];
    }
    return hue[best];
  });
}
