// What goes wrong, in plain words, and what to try. It looks at the figures and at where the codes lie.

import { encode } from "../model/measures.js";
import { sector } from "../mappings/plane.js";
import { setText } from "./dom.js";
import { SHOWN } from "./row.js";

/** How large a part of the codes lies in each of g's K parts. */
export function occupancy(y, n, { K, angle }) {
  const counts = new Array(K).fill(0);
  for (let r = 0; r < n; r++) counts[sector(y[2 * r], y[2 * r + 1], K, angle * Math.PI / 180).part] += 1 / n;
  return counts;
}

/**
 * The worst thing to say about a row, or "".
 * @param {object} row  figures; step, steps; g; state (the page's); occupied (proportions in g's parts) or null
 */
export function remark({ figures, step, steps, g, state, occupied, ordinary }) {
  const { kl, sigma, off } = figures, { noise, data } = state, done = step >= steps;
  if (step === 0) return "";
  if (![kl, sigma].every(Number.isFinite)) return "Training broke down: a figure is not a number. Reset it, with more warm-up.";
  if (step > 0.1 * steps && kl < 0.1) {
    return "Collapse: KL is 0, so the codes say nothing about x, and all samples are one blob. "
      + "Try a warm-up of 40%, or a narrower start of q.";
  }
  if (step < 0.5 * steps) return "";
  if (noise > 0 && sigma < 0.5 * noise && kl > 5) {
    return `It memorises: σ ${sigma.toFixed(3)} is far below the data's noise ${noise}, and the codes cost ${kl.toFixed(1)} nats. `
      + "Try more data, or a warm-up.";
  }
  if (occupied && data === "clusters" && g.K === state.parts
    && Math.max(...occupied) > 1.5 / g.K && Math.min(...occupied) < 0.6 / g.K) {
    return "Two clusters share one part of g, and another part is nearly empty. Try another seed, or turn the angle.";
  }
  if (done && noise > 0 && sigma > 1.35 * noise && data !== "drawn") {
    return `σ is inflated: ${sigma.toFixed(2)}, where the data's noise is ${noise}. The decoder blurs what it cannot follow. `
      + (ordinary || g.name !== "clusters" ? "Try more steps." : "Try more steps, a larger batch, or a smaller strength.");
  }
  if (done && off > 0.02) {
    const plain = ordinary || g.name === "none";
    const suits = data === "clusters" && g.name === "clusters" && g.K === state.parts;
    const why = plain ? "The plane of y has no hole and no gap, so the decoder must draw something in between. Try a g of the data's shape."
      : suits ? "g has the right number of parts, but some codes lie near its cuts. Train on, or try another seed."
        : "This g does not have the data's shape, or training has not used it. Try another g, K or seed.";
    return `${(100 * off).toFixed(1)}% of the samples (red crosses) lie where there are no data. ${why}`;
  }
  return "";
}

/** What the two rows together show at rest, or "". */
export function comparison({ ordinary, intel }, state) {
  if (!Number.isFinite(ordinary.logP) || !Number.isFinite(intel.logP)) return "";
  const better = ordinary.logP > intel.logP ? "ordinary VAE" : "InteL-VAE";
  const cleaner = ordinary.off < intel.off ? "ordinary VAE" : "InteL-VAE";
  const prior = state.prior === "mixture" ? " (with its learned mixture)" : "";
  return `At rest: the ${better}${better === "ordinary VAE" ? prior : ""} has the higher log p(x), `
    + `the ${cleaner} puts fewer samples off the data.`;
}

/** Writes what there is to say of one row. */
export function showRemark(app, row) {
  const { state } = app, { figures } = row, { g, step } = row.training;
  const cut = g.name === "clusters" || g.name === "star";
  const codes = cut && step && row.data.n ? encode(row.model, row.held, SHOWN, row.noise) : null;
  const occupied = codes && occupancy(codes.y, codes.n, g);
  setText(row.remark, remark({ figures, step, steps: state.steps, g, state, occupied, ordinary: row.name === "ordinary" }));
}

/** The same of both, and of the two together. */
export function showRemarks(app) {
  app.each((row) => showRemark(app, row));
  const { ordinary, intel } = app.rows;
  app.shell.showComparison(comparison({ ordinary: ordinary.figures, intel: intel.figures }, app.state));
}
