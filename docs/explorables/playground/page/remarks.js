// What goes wrong, in plain words, and what to try. It looks at the figures and at where the codes lie.

import { MAPPINGS } from "../mappings/index.js";
import { encode } from "../model/measures.js";
import { button } from "../../runner/dom.js";
import { equalSectors, partOf } from "../mappings/sectors.js";
import { SHOWN } from "./row.js";
import { tryOut } from "./starts.js";

const FEW = 500; // points, that a model may learn by heart
/** Smaller differences are chance: of 512 points in nats, of 10,000 samples as a fraction. */
const TIE = { logP: 0.02, off: 0.002 };

/** How large a part of the codes lies in each of g's K parts. */
export function occupancy(y, n, { K, angle }) {
  const counts = new Array(K).fill(0), sectors = equalSectors(K, angle);
  for (let r = 0; r < n; r++) counts[partOf([y[2 * r], y[2 * r + 1]], sectors)] += 1 / n;
  return counts;
}

// What may help: its words, when it is still to be had (nobody is told to do what is done), and what it sets.
const ADVICE = {
  warmup: { text: "a warm-up of 40%", open: ({ warmup }) => warmup < 0.4, set: () => ({ warmup: 0.4 }) },
  start: { text: "a narrower start of q", open: ({ start }) => start > 0.1, set: () => ({ start: 0.1 }) },
  data: { text: "more data", open: ({ n, data }) => n < 20000 && data !== "drawn", set: ({ n }) => ({ n: n < 5000 ? 5000 : 20000 }) },
  steps: { text: "more steps", open: ({ steps }) => steps < 20000, set: ({ steps }) => ({ steps: Math.min(2 * steps, 20000) }) },
  batch: { text: "a larger batch", open: ({ batch }) => batch < 256, set: ({ batch }) => ({ batch: Math.min(2 * batch, 256) }) },
  strength: { text: "a smaller strength", open: ({ strength }) => strength > 1, set: ({ strength }) => ({ strength: Math.max(strength / 2, 1) }) },
  angle: { text: "another angle of g", open: () => true, set: ({ angle, K }) => ({ angle: Math.round((angle + 90 + 180 / K) % 180) - 90 }) },
  seed: { text: "another seed", open: () => true, set: ({ seed }) => ({ seed: seed % 999999 + 1 }) },
};

/** Of the advice of these names, what the page is not set to: [{ text, set }], `set` being what it changes. */
export function advice(state, ...names) {
  const open = names.map((name) => ADVICE[name]).filter((each) => each.open(state));
  return open.map(({ text, set }) => ({ text, set: set(state) }));
}

const inParts = (data) => data === "clusters" || data === "star";

/** The g of the data's shape, as advice. */
function shaped({ data, parts }) {
  const K = inParts(data) ? { K: parts } : {};
  return [{ text: `g = ${MAPPINGS[data].title}${inParts(data) ? ` with K = ${parts}` : ""}`, set: { g: data, ...K } }];
}

/** Why this g cannot have the data's shape, and which can; null if it can, if there is no g, or if nobody knows. */
function misfit(g, state) {
  const { data, parts } = state;
  if (g.name === "none" || data === "drawn") return null;
  if (data === "blob") {
    return { text: "A blob has no hole and no gap, and this g makes some.", tries: [{ text: "g = none", set: { g: "none" } }] };
  }
  if (g.name !== data) return { text: "This g does not have the data's shape.", tries: shaped(state) };
  if (!inParts(data) || g.K === parts) return null;
  return { text: `The data are in ${parts} parts, and g in ${g.K}.`, tries: [{ text: `K = ${parts}`, set: { K: parts } }] };
}

/**
 * The worst that there is to say about a row: { text, tries }, or null. What comes first is what must be mended first:
 * a g of the wrong shape before all that training could do.
 * @param {object} row  figures; step, steps; g; state (the page's); occupied (proportions in g's parts) or null;
 *   trained: -log p(x|z) of the last batch
 */
export function diagnose({ figures, step, steps, g, state, occupied, ordinary, trained }) {
  const { kl, sigma, off } = figures, { noise, data } = state, done = step >= steps;
  const say = (text, ...names) => ({ text, tries: advice(state, ...names) });
  if (step === 0) return null;
  if (![kl, sigma].every(Number.isFinite)) {
    return say("Training broke down: a figure is not a number. Reset it.", "warmup", "seed");
  }
  const collapsed = step > 0.1 * steps && kl < 0.1;
  const inflated = done && noise > 0 && sigma > 1.35 * noise && data !== "drawn";
  const strays = done && off > 0.02;
  const percent = `${(100 * off).toFixed(1)}% of the samples (red crosses) lie where there are no data.`;
  const wrong = done ? misfit(g, state) : null;
  if (wrong && (collapsed || inflated || strays)) {
    const seen = strays ? percent : collapsed ? "KL is 0: the codes say nothing about x."
      : `σ is ${sigma.toFixed(3)}, where the data's noise is ${noise}: the decoder blurs what it cannot follow.`;
    return { ...wrong, text: `${seen} ${wrong.text}` };
  }
  if (collapsed) {
    if (data === "blob") return say("KL is 0, and nothing is lost: a blob is one Gaussian, and needs no codes. With other data this is a collapse.");
    return say("Collapse: KL is 0, so the codes say nothing about x, and all samples are one blob.", "warmup", "start", "seed");
  }
  if (step < 0.5 * steps) return null;
  const dearer = figures.reconstruction - trained; // fresh points than those of the last batch
  if (state.n <= FEW && dearer > 1) {
    const text = `It memorises: it draws fresh points worse than its ${state.n} own, by ${dearer.toFixed(1)} nats.`;
    return data === "drawn" ? say(`${text} Draw more points.`) : say(text, "data");
  }
  if (noise > 0 && sigma < 0.5 * noise && kl > 5) {
    return say(`It memorises: σ ${sigma.toFixed(3)} is far below the data's noise ${noise}, and the codes cost ${kl.toFixed(1)} nats.`,
      "data", "warmup", "seed");
  }
  const suits = data === g.name && g.K === state.parts; // the data's own shape, in as many parts
  if (occupied && suits && Math.max(...occupied) > 1.5 / g.K && Math.min(...occupied) < 0.6 / g.K) {
    return say(`Two ${data === "star" ? "arms" : "clusters"} share one part of g, and another part is nearly empty.`, "seed", "angle");
  }
  if (inflated) {
    const text = `σ is inflated: ${sigma.toFixed(3)}, where the data's noise is ${noise}. The decoder blurs what it cannot follow.`;
    return g.name === "clusters" ? say(text, "steps", "batch", "strength", "seed") : say(text, "steps", "seed");
  }
  if (!strays) return null;
  if (ordinary && state.prior === "mixture") return say(`${percent} The mixture does not follow the codes closely enough.`, "steps", "seed");
  if (g.name === "none") {
    const text = `${percent} The plane of y has no hole and no gap, so the decoder must draw something in between.`;
    return ordinary || !MAPPINGS[data] ? say(`${text} A g of the data's shape can help.`) : { text, tries: shaped(state) };
  }
  if (suits && g.name === "clusters") return say(`${percent} g has the right number of parts, but some codes lie near its cuts.`, "steps", "seed");
  if (data === "drawn") return say(`${percent} This g may not have the shape of what you drew. Another g or K may.`, "seed");
  return say(`${percent} g has the data's shape, but training has not used it.`, "steps", "seed");
}

/** The same as a text: "" for nothing to say. */
export function sentence(found) {
  if (!found) return "";
  const words = found.tries.map(({ text }) => text);
  if (!words.length) return found.text;
  return `${found.text} Try ${words.length > 1 ? `${words.slice(0, -1).join(", ")} or ` : ""}${words.at(-1)}.`;
}

export const remark = (row) => sentence(diagnose(row));

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
  write(app, row, diagnose({ figures, step, steps: state.steps, g, state, occupied, ordinary: row.name === "ordinary",
    trained: row.training.terms?.reconstruction }));
}

/** Each piece of advice is a button that follows it. Nothing is touched as long as the words stay. */
function write(app, row, found) {
  const said = sentence(found);
  if (row.said === said) return;
  row.said = said;
  const tries = (found?.tries ?? []).map(({ text, set }) => button(text, () => tryOut(app, set)));
  row.remark.replaceChildren(found?.text ?? "", ...(tries.length ? [" Try ", ...tries] : []));
}

/** The same of both, and of the two together. */
export function showRemarks(app) {
  app.each((row) => showRemark(app, row));
  const { ordinary, intel } = app.rows;
  app.shell.showComparison(comparison({ ordinary: ordinary.figures, intel: intel.figures }, app.state));
}
