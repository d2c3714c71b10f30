// One row of the page: a model in training, its four pictures, and its figures.

import { drawSamples, encode, fractionOff, huesOf, logLikelihood, meanTerms } from "../model/measures.js";
import { generator } from "../model/random.js";
import { Training } from "../model/training.js";
import { Plane } from "./drawing.js";
import { element, number, setText } from "../../runner/dom.js";

export const SHOWN = 256; // codes in the pictures
export const SAMPLES = 500; // in the picture
const HELD = 256; // points while training; at rest 1,000, and 10,000 samples
const TITLES = { x: "data x", y: "codes y", z: "z = g(y)", samples: "new samples" };
const FIGURES = { off: "off the data", kl: "KL", reconstruction: "−log p(x|z)", sigma: "σ", logP: "log p(x)" };

/** How far each plane reaches: [-r, r]. */
const zReach = ({ name, strength }) => ({ circle: 1.5, eight: 1.5, rings: 2.6, clusters: 3.3 + strength })[name] ?? 3.3;

export class Row {
  constructor(name, title) {
    this.name = name;
    this.title = title;
    this.planes = {};
    this.cells = {};
    const panels = Object.entries(TITLES).map(([key, text]) => {
      const canvas = element("canvas", { width: 240, height: 240, role: "img", "aria-label": `${title}: ${text}` });
      this.planes[key] = new Plane(canvas, key === "y" ? 3.3 : 1.7);
      return element("figure", { className: "pg-panel" }, element("figcaption", {}, text), canvas);
    });
    const list = element("dl", { className: "pg-figures" });
    for (const [key, text] of Object.entries(FIGURES)) {
      this.cells[key] = element("dd", {}, "–");
      list.append(element("div", {}, element("dt", {}, text), this.cells[key]));
    }
    this.remark = element("p", { className: "pg-remark" });
    this.element = element("section", { className: "pg-row", "aria-label": title },
      element("div", { className: "pg-head" }, element("h2", {}, title), this.remark),
      element("div", { className: "pg-panels" }, ...panels, list));
  }

  /** A new model, untrained. */
  reset(settings, data, held, offData) {
    Object.assign(this, { data, held, offData });
    this.training = new Training(settings, data);
    this.noise = generator(settings.seed + 5).fillNormal(new Float64Array(2 * SHOWN));
    this.figures = { off: NaN, kl: NaN, reconstruction: NaN, sigma: NaN, logP: NaN };
    this.measure();
  }

  get model() {
    return this.training.model;
  }

  /** Quick figures, from few points. */
  measure() {
    const { model, held, offData } = this;
    if (!this.data.n) return;
    this.drawSamples();
    const terms = meanTerms(model, held, HELD, generator(4));
    this.figures = { ...terms, off: fractionOff(this.samples.x, offData), sigma: model.likelihood.sigma, logP: NaN };
    this.showFigures();
  }

  /** New samples for the picture, each in the colour of the code that lies nearest to its y. */
  drawSamples() {
    const { model, data } = this, codes = encode(model, data, SHOWN, this.noise);
    this.samples = drawSamples(model, SAMPLES, generator(3));
    this.samples.hue = huesOf(this.samples.y, codes, data.hue);
  }

  /** Figures from many points, in slices: a generator. */
  * measureWell() {
    const { model, held, offData } = this;
    if (!this.data.n) return;
    this.drawSamples();
    let off = 0;
    for (let part = 0; part < 10; part++) {
      off += fractionOff(drawSamples(model, 1000, generator(30 + part)).x, offData) / 10;
      yield;
    }
    const terms = meanTerms(model, held, held.n, generator(4));
    yield;
    const logP = yield* logLikelihood(model, held, 512, 60, generator(6));
    this.figures = { ...terms, off, sigma: model.likelihood.sigma, logP };
    this.showFigures();
  }

  showFigures() {
    const { figures } = this, text = (value) => (Number.isFinite(value) ? number(value, 2) : "–");
    setText(this.cells.off, Number.isFinite(figures.off) ? `${(100 * figures.off).toFixed(1)} %` : "–");
    for (const key of ["kl", "reconstruction", "logP"]) setText(this.cells[key], text(figures[key]));
    setText(this.cells.sigma, Number.isFinite(figures.sigma) ? figures.sigma.toFixed(3) : "–");
  }

  /** The figures as a sentence, for the screen reader. */
  sentence() {
    const { title } = this, { off, kl, reconstruction, sigma, logP } = this.figures;
    if (!Number.isFinite(off)) return `${title}: no data yet.`;
    const rest = Number.isFinite(logP) ? `, log p of x ${logP.toFixed(2)}` : "";
    return `${title}: ${(100 * off).toFixed(1)} percent off the data, KL ${kl.toFixed(2)} nats, `
      + `minus log p of x given z ${reconstruction.toFixed(2)}, sigma ${sigma.toFixed(3)}${rest}.`;
  }

  /** What this model makes of one y: z, the decoded x, and whether it lies off the data. */
  probe(y) {
    const x = Array.from(this.model.decode(Float64Array.from(y), 1).subarray(0, 2));
    return { z: Array.from(this.model.z.subarray(0, 2)), x, off: this.offData.test(...x) };
  }

  /** The posterior of one x: mean, L, the ellipse's image in z, reconstructions. */
  posteriorOf(x) {
    const one = { x: Float64Array.from(x), n: 1 };
    const { mean, l11, l21, l22 } = encode(this.model, one, 1, new Float64Array(2));
    const ellipse = Plane.ellipse(mean[0], mean[1], l11[0], l21[0], l22[0], 2);
    const noise = generator(9).fillNormal(new Float64Array(40)), y = new Float64Array(40);
    for (let r = 0; r < 20; r++) {
      y[2 * r] = mean[0] + l11[0] * noise[2 * r];
      y[2 * r + 1] = mean[1] + l21[0] * noise[2 * r] + l22[0] * noise[2 * r + 1];
    }
    const image = new Float64Array(ellipse.length);
    this.model.mapping.forward(ellipse, ellipse.length / 2, image);
    const decoded = this.model.decode(y, 20).slice(0, 40);
    return { mean, scales: [l11[0], Math.hypot(l21[0], l22[0])], ellipse, image, decoded };
  }

  zReach() {
    return zReach(this.training.g);
  }
}
