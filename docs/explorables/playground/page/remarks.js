// What goes wrong, in plain words, and what to try. It looks at the figures and at where the codes lie.

import { MAPPINGS } from "../mappings/index.js";
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

// What may help, each with when it is still to be had: nobody is told to do what is done.
const ADVICE = {
  warmup: { text: "a warm-up of 40%", open: ({ warmup }) => warmup < 0.4 },
  start: { text: "a narrower start of q", open: ({ start }) => start > 0.1 },
  data: { text: "more data", open: ({ n, data }) => n < 20000 && data !== "drawn" },
  steps: { text: "more steps", open: ({ steps }) => steps < 20000 },
  batch: { text: "a larger batch", open: ({ batch }) => batch < 256 },
  strength: { text: "a smaller strength", open: ({ strength }) => strength > 1 },
  angle: { text: "another angle of g", open: () => true },
  seed: { text: "another seed", open: () => true },
};

/** "Try a, b or c.": of the advice of these names, what the page is not set to. */
export function advice(state, ...names) {
  const open = names.filter((name) => ADVICE[name].open(state)).map((name) => ADVICE[name].text);
  return `Try ${open.length > 1 ? `${open.slice(0, -1).join(", ")} or ` : ""}${open.at(-1)}.`;
}

/** Why this g cannot have the data's shape, and which can; "" if it can, if there is no g, or if nobody knows. */
function misfit(g, { data, parts }) {
  if (g.name === "none" || data === "drawn") return "";
  if (data === "blob") return "A blob has no hole and no gap, and this g makes some. Try g = none.";
  const inParts = data === "clusters" || data === "star";
  if (g.name !== data) {
    return `This g does not have the data's shape. Try g = ${MAPPINGS[data].title}${inParts ? ` with K = ${parts}` : ""}.`;
  }
  return inParts && g.K !== parts ? `The data are in ${parts} parts, and g in ${g.K}. Try K = ${parts}.` : "";
}

/**
 * The worst thing to say about a row, or "". What comes first is what must be mended first: a g of the wrong shape
 * before all that training could do.
 * @param {object} row  figures; step, steps; g; state (the page's); occupied (proportions in g's parts) or null;
 *   trained: -log p(x|z) of the last batch
 */
export function remark({ figures, step, steps, g, state, occupied, ordinary, trained }) {
  const { kl, sigma, off } = figures, { noise, data } = state, done = step >= steps;
  if (step === 0) return "";
  if (![kl, sigma].every(Number.isFinite)) {
    return `Training broke down: a figure is not a number. Reset it. ${advice(state, "warmup", "seed")}`;
  }
  const collapsed = step > 0.1 * steps && kl < 0.1;
  const inflated = done && noise > 0 && sigma > 1.35 * noise && data !== "drawn";
  const strays = done && off > 0.02;
  const percent = `${(100 * off).toFixed(1)}% of the samples (red crosses) lie where there are no data.`;
  const wrong = done ? misfit(g, state) : "";
  if (wrong && (collapsed || inflated || strays)) {
    const seen = strays ? percent : collapsed ? "KL is 0: the codes say nothing about x."
      : `σ is ${sigma.toFixed(3)}, where the data's noise is ${noise}: the decoder blurs what it cannot follow.`;
    return `${seen} ${wrong}`;
  }
  if (collapsed) {
    if (data === "blob") return "KL is 0, and nothing is lost: a blob is one Gaussian, and needs no codes. With other data this is a collapse.";
    return "Collapse: KL is 0, so the codes say nothing about x, and all samples are one blob. "
      + advice(state, "warmup", "start", "seed");
  }
  if (step < 0.5 * steps) return "";
  const dearer = figures.reconstruction - trained; // fresh points than those of the last batch
  if (state.n <= FEW && dearer > 1) {
    return `It memorises: it draws fresh points worse than its ${state.n} own, by ${dearer.toFixed(1)} nats. `
      + (data === "drawn" ? "Draw more points." : "Try more data.");
  }
  if (noise > 0 && sigma < 0.5 * noise && kl > 5) {
    return `It memorises: σ ${sigma.toFixed(3)} is far below the data's noise ${noise}, and the codes cost ${kl.toFixed(1)} nats. `
      + advice(state, "data", "warmup", "seed");
  }
  const suits = data === g.name && g.K === state.parts; // the data's own shape, in as many parts
  if (occupied && suits && Math.max(...occupied) > 1.5 / g.K && Math.min(...occupied) < 0.6 / g.K) {
    return `Two ${data === "star" ? "arms" : "clusters"} share one part of g, and another part is nearly empty. `
      + advice(state, "seed", "angle");
  }
  if (inflated) {
    return `σ is inflated: ${sigma.toFixed(3)}, where the data's noise is ${noise}. The decoder blurs what it cannot follow. `
      + (g.name === "clusters" ? advice(state, "steps", "batch", "strength", "seed") : advice(state, "steps", "seed"));
  }
  if (strays) {
    const plain = g.name === "none", cut = suits && g.name === "clusters";
    const why = ordinary && state.prior === "mixture" ? `The mixture does not follow the codes closely enough. ${advice(state, "steps", "seed")}`
      : plain ? "The plane of y has no hole and no gap, so the decoder must draw something in between. Try a g of the data's shape."
      : cut ? `g has the right number of parts, but some codes lie near its cuts. ${advice(state, "steps", "seed")}`
      : data === "drawn" ? "This g may not have the shape of what you drew. Try another g, K or seed."
      : `g has the data's shape, but training has not used it. ${advice(state, "steps", "seed")}`;
    return `${percent} ${why}`;
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
