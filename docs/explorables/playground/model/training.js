// Training: batches, and what changes with the step. The package's recipe for its toys, on a small network.
//
//   KL weight    0 -> 1 over the first `warmup` of the steps
//   rate         3e-3 -> 1e-4 along a cosine
//   clusters     width 1 -> width, along an exponential, over the first 70%
//   star         fold 0 -> 1 over the first 70%

import { createMapping } from "../mappings/index.js";
import { MAX_BATCH, Model } from "./model.js";
import { Adam, cosineDecay } from "./optimizer.js";
import { generator } from "./random.js";

export const FIRST_RATE = 3e-3, LAST_RATE = 1e-4;
export const SHAPING = 0.7; // of the steps, until g has its final shape
export const FIRST_WIDTH = 1;

export class Training {
  /**
   * @param {object} settings  hidden, covariance, prior, startScale (see Model); g: { name, K, strength,
   *   width, angle }; steps, batch, warmup, seed
   * @param {object} data  from drawData
   */
  constructor(settings, data) {
    this.settings = settings;
    this.data = data;
    this.step = 0;
    this.model = new Model(settings, null);
    this.model.initialise(generator(settings.seed));
    this.optimizer = new Adam(this.model.weights.length);
    this.random = generator(settings.seed + 1); // of batches and noise: alike in both rows
    this.x = new Float64Array(2 * MAX_BATCH);
    this.noise = new Float64Array(2 * MAX_BATCH);
    this.order = Uint32Array.from({ length: data.n }, (_, r) => r);
    this.at = data.n; // a new epoch begins with the first step
    this.setMapping(settings.g);
  }

  /** Another g, or other numbers of it: at once, with the weights as they are. */
  setMapping(g) {
    this.g = g;
    this.model.mapping = createMapping(g.name, g);
    this.#shape();
  }

  get klWeight() {
    const { warmup, steps } = this.settings;
    return warmup > 0 ? Math.min(this.step / (warmup * steps), 1) : 1;
  }

  /** Sets the width or the fold in force. */
  #shape() {
    const { mapping } = this.model, progress = Math.min(this.step / (SHAPING * this.settings.steps), 1);
    if (this.g.name === "clusters") mapping.width = FIRST_WIDTH ** (1 - progress) * this.g.width ** progress;
    if (this.g.name === "star") mapping.fold = progress;
  }

  /** The next batch into `this.x`, in a new order each epoch; returns its size. */
  #nextBatch() {
    const { data, order, x } = this;
    if (this.at >= data.n) {
      this.random.shuffle(order);
      this.at = 0;
    }
    const n = Math.min(this.settings.batch, data.n - this.at);
    for (let r = 0; r < n; r++) {
      const from = 2 * order[this.at + r];
      x[2 * r] = data.x[from];
      x[2 * r + 1] = data.x[from + 1];
    }
    this.at += n;
    return n;
  }

  /** One step of Adam. */
  advance() {
    const { model, settings } = this, n = this.#nextBatch();
    this.#shape();
    this.random.fillNormal(this.noise, 2 * n);
    this.terms = model.lossAndGradient(this.x, this.noise, n, this.klWeight);
    const rate = cosineDecay(this.step, settings.steps, FIRST_RATE, LAST_RATE);
    this.optimizer.step(model.weights, model.gradient, rate);
    this.step += 1;
    if (this.step % 50 === 0 || this.step === settings.steps) this.#shape();
  }
}
