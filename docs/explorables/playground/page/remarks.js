// What goes wrong, in plain words, and what to try. It looks at the figures and at where the codes lie.

import { encode } from "../model/measures.js";
import { setText } from "../../runner/dom.js";
import { equalSectors, partOf } from "../mappings/sectors.js";
import { SHOWN } from "./row.js";

const FEW = 500; // points, that a model may learn by heart
/** Smaller differences are chance: of 512 points in nats, of 10,000 samples as a fraction. */
const TIE = { logP: 0.02, off: 0.002 };

/** How large a part of the codes lies in each of g's K parts. */
export function occupancy(y, n, { K, angle }) {
  const counts = new Array(K).fill(0), sectors = equalSectors(K, angle);
  for (let r = 0; r < n; r++) counts[partOf([y[2 * r], y[2 * r + 1]], sectors)] += 1 / n;
  return counts;
}

/**
 * The worst thing to say about a row, or "".
 * @param {object} row  figures; step, steps; g; state (the page's); occupied (proportions in g's parts) or null;
 *   trained: -log p(x|z) of the last batch
 */
export function remark({ figures, step, steps, g, state, occupied, ordinary, trained }) {
  const { kl, sigma, off } = figures, { noise, data } = state, done = step >= steps;
  if (step === 0) return "";
  if (![kl, sigma].every(Number.isFinite)) return "Training broke down: a figure is not a number. Reset it, with more warm-up.";
  if (step > 0.1 * steps && kl < 0.1) {
    if (data === "blob") return "KL is 0, and nothing is lost: a blob is one Gaussian, and needs no codes. With other data this is a collapse.";
    return "Collapse: KL is 0, so the codes say nothing about x, and all samples are one blob. "
      + "Try a warm-up of 40%, or a narrower start of q.";
  }
  if (step < 0.5 * steps) return "";
  const dearer = figures.reconstruction - trained; // fresh points than those of the last batch
  if (state.n <= FEW && dearer > 1) {
    return `It memorises: it draws fresh points worse than its ${state.n} own, by ${dearer.toFixed(1)} nats. Try more data.`;
  }
  if (noise > 0 && sigma < 0.5 * noise && kl > 5) {
    return `It memorises: σ ${sigma.toFixed(3)} is far below the data's noise ${noise}, and the codes cost ${kl.toFixed(1)} nats. `
      + "Try more data, or a warm-up.";
  }
  const suits = data === g.name && g.K === state.parts; // the data's own shape, in as many parts
  if (occupied && suits && Math.max(...occupied) > 1.5 / g.K && Math.min(...occupied) < 0.6 / g.K) {
    return `Two ${data === "star" ? "arms" : "clusters"} share one part of g, and another part is nearly empty. `
      + "Try another seed, or turn the angle.";
  }
  if (done && noise > 0 && sigma > 1.35 * noise && data !== "drawn") {
    return `σ is inflated: ${sigma.toFixed(3)}, where the data's noise is ${noise}. The decoder blurs what it cannot follow. `
      + (g.name === "none" ? "Try more steps." : g.name === "clusters" ? "Try more steps, a larger batch, or a smaller strength."
        : "Try more steps, or another seed.");
  }
  if (done && off > 0.02) {
    const plain = g.name === "none", cut = suits && g.name === "clusters";
    const why = ordinary && state.prior === "mixture" ? "The mixture does not follow the codes closely enough. Train on, or try another seed."
      : plain ? "The plane of y has no hole and no gap, so the decoder must draw something in between. Try a g of the data's shape."
      : cut ? "g has the right number of parts, but some codes lie near its cuts. Train on, or try another seed."
        : "This g does not have the data's shape, or training has not used it. Try another g, K or seed.";
    return `${(100 * off).toFixed(1)}% of the samples (red crosses) lie where there are no data. ${why}`;
  }
  return "";
}

/** What the two rows together show at rest, or "". */
export function comparison({ ordinary, intel }, state) {
  if (!Number.isFinite(ordinary.logP) || !Number.isFinite(intel.logP)) return "";
  const plain = `ordinary VAE${state.prior === "mixture" ? " (with its learned mixture)" : ""}`, byG = "InteL-VAE";
  const density = Math.abs(ordinary.logP - intel.logP) < TIE.logP ? "both have about the same log p(x)"
    : `the ${ordinary.logP > intel.logP ? plain : byG} has the higher log p(x)`;
  const cleaner = Math.abs(ordinary.off - intel.off) < TIE.off ? "both put about as many samples off the data"
    : `the ${ordinary.off < intel.off ? plain : byG} puts fewer samples off the data`;
  return `At rest: ${density}, ${cleaner}.`;
}

/** Writes what there is to say of one row. */
export function showRemark(app, row) {
  const { state } = app, { figures } = row, { g, step } = row.training;
  const cut = g.name === "clusters" || g.name === "star";
  const codes = cut && step && row.data.n ? encode(row.model, row.held, SHOWN, row.noise) : null;
  const occupied = codes && occupancy(codes.y, codes.n, g);
  setText(row.remark, remark({ figures, step, steps: state.steps, g, state, occupied, ordinary: row.name === "ordinary",
    trained: row.training.terms?.reconstruction }));
}

/** The same of both, and of the two together. */
export function showRemarks(app) {
  app.each((row) => showRemark(app, row));
  const { ordinary, intel } = app.rows;
  app.shell.showComparison(comparison({ ordinary: ordinary.figures, intel: intel.figures }, app.state));
}
