// The model: x -> encoder -> q(y|x) -> y -> g -> z -> decoder -> p(x|z), its loss, and the loss's gradient.
//
//   loss = mean over the batch of [ -log p(x|z) + w KL( q(y|x) || p(y) ) ],    one sample of y for each x
//
// With g(y) = y this is the ordinary VAE. `w` rises from 0 to 1 at the start of training ("warm-up").

import { Likelihood } from "./likelihood.js";
import { Mixture } from "./mixture.js";
import { Network, countWeights } from "./network.js";
import { Posterior, numParameters } from "./posterior.js";
import { StandardNormal } from "./prior.js";
import { UNIT, inverseSoftplus } from "./scales.js";

export const MAX_BATCH = 256; // points that go through the networks at once

export class Model {
  /**
   * @param {object} settings
   * @param {number} settings.hidden      units of each of the two hidden layers
   * @param {string} settings.covariance  "full" or "diagonal", of q(y|x)
   * @param {string} settings.prior       "normal" or "mixture"
   * @param {number} settings.startScale  the scale of q(y|x) before training
   * @param {object} mapping  g, from mappings/index.js; may be replaced at any time
   */
  constructor({ hidden = 32, covariance = "full", prior = "normal", startScale = 0.1 }, mapping) {
    const encoder = [2, hidden, hidden, numParameters(covariance)], decoder = [2, hidden, hidden, 2];
    const Prior = prior === "mixture" ? Mixture : StandardNormal;
    const sizes = [countWeights(encoder), countWeights(decoder), Likelihood.numWeights, Prior.numWeights];
    const total = sizes.reduce((sum, size) => sum + size);
    this.weights = new Float64Array(total); // all that training moves, in this order
    this.gradient = new Float64Array(total);
    let at = 0;
    const [e, d, l, p] = sizes.map((size) => {
      at += size;
      return [this.weights, this.gradient].map((array) => array.subarray(at - size, at));
    });
    this.encoder = new Network(encoder, ...e, MAX_BATCH);
    this.decoder = new Network(decoder, ...d, MAX_BATCH);
    this.likelihood = new Likelihood(...l, MAX_BATCH);
    this.prior = new Prior(...p, MAX_BATCH);
    this.posterior = new Posterior(covariance, MAX_BATCH);
    this.mapping = mapping;
    this.startScale = startScale;
    const pairs = () => new Float64Array(2 * MAX_BATCH);
    Object.assign(this, { y: pairs(), z: pairs(), dy: pairs() });
    this.reconstruction = new Float64Array(MAX_BATCH);
    this.kl = new Float64Array(MAX_BATCH);
  }

  /** First weights, from a generator: the same for both rows of the page, whatever their g and prior. */
  initialise(random) {
    this.encoder.initialise(random);
    this.decoder.initialise(random);
    this.likelihood.initialise();
    this.prior.initialise(random);
    // A narrow q(y|x): else most codes of a g that looks at angles say nothing about x at first.
    const { bias } = this.encoder.layers.at(-1), { at } = this.posterior;
    bias[at.l11] = bias[at.l22] = inverseSoftplus(this.startScale) - UNIT;
  }

  /** Means over n points of the loss's two terms, in nats: { reconstruction, kl }. */
  terms(x, noise, n) {
    this.posterior.read(this.encoder.forward(x, n), n);
    this.posterior.sample(noise, n, this.y);
    this.mapping.forward(this.y, n, this.z);
    this.means = this.decoder.forward(this.z, n);
    this.likelihood.negativeLog(x, this.means, n, this.reconstruction);
    this.prior.divergence(this.posterior, this.y, noise, n, this.kl);
    return { reconstruction: mean(this.reconstruction, n), kl: mean(this.kl, n) };
  }

  /** The terms; and the gradient of the loss by all weights, in `this.gradient`. */
  lossAndGradient(x, noise, n, klWeight) {
    const terms = this.terms(x, noise, n);
    this.gradient.fill(0);
    const dm = this.likelihood.backward(x, this.means, n, 1 / n);
    const dz = this.decoder.backward(dm, n);
    this.mapping.backward(this.y, n, dz, this.dy);
    const direct = this.prior.backward(this.posterior, this.y, n, klWeight / n, this.dy);
    this.encoder.backward(this.posterior.backward(noise, this.dy, direct, n), n, false);
    return terms;
  }

  /** E[x | z] for n codes y, at most MAX_BATCH; the codes z are then in `this.z`. */
  decode(y, n) {
    this.mapping.forward(y, n, this.z);
    return this.decoder.forward(this.z, n);
  }
}

function mean(values, n) {
  let sum = 0;
  for (let r = 0; r < n; r++) sum += values[r];
  return sum / n;
}
