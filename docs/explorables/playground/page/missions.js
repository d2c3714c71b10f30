// The missions: a question with a prediction, a setting to start from, and a discovery that the page recognises.
//
// The page reports what the reader does as events:
//   { type: "rest", state, figures: { ordinary, intel } }                training has come to its end
//   { type: "progress", state, step, figures }                           while it trains
//   { type: "probe", y, step, rows: { ordinary: { x, off }, intel } }    a y was chosen
//   { type: "change", name, from, to, step, before, after, state }       a setting of g changed on the trained model
//   { type: "why", choice }                                              an answer to the mission's last question
// Each step of a mission has `done(event, memory)`. `memory` is the mission's own, and holds earlier events.

const between = (p, q) => Math.hypot(p[0] - q[0], p[1] - q[1]);
const worse = (one, other) => one.off > 1.3 * other.off || one.logP < other.logP - 0.1;
const trainBoth = { text: "Train both rows to the end.", done: ({ type }) => type === "rest" };
const trained = (event) => event.step >= event.state.steps;

/** Which of `parts` clusters a point lies in: -1 if in none. */
export function clusterOf([x1, x2], parts) {
  for (let j = 0; j < parts; j++) {
    const angle = 2 * Math.PI * j / parts;
    if (between([x1, x2], [Math.cos(angle), Math.sin(angle)]) < 0.35) return j;
  }
  return -1;
}

const clusters = { data: "clusters", noise: 0.1, g: "clusters", parts: 5, K: 5, strength: 1, width: 0.01, steps: 6000, batch: 128 };

/** In the order of the menu; the page opens in the first. */
export const MISSIONS = {
  hole: {
    title: "The hole",
    setting: { data: "circle", noise: 0.05, g: "circle" },
    question: "No data lie in the middle of the circle. Where does the InteL-VAE draw a y at the very centre of the prior?",
    options: ["In the middle of the hole", "On the circle", "Far outside"],
    right: 1,
    steps: [
      trainBoth,
      {
        text: "Find a y that the ordinary VAE draws inside the hole.",
        done: (e) => e.type === "probe" && trained(e) && e.rows.ordinary.off && Math.hypot(...e.rows.ordinary.x) < 0.85,
        hint: () => "Not in the hole. Look where codes of opposite colours meet.",
      },
      {
        text: "Try the same in the InteL row: three y within 0.5 of the centre.",
        done(e, memory) {
          if (e.type !== "probe" || !trained(e) || Math.hypot(...e.y) > 0.5 || e.rows.intel.off) return false;
          memory.tried = [...(memory.tried ?? []).filter((y) => between(y, e.y) > 0.05), e.y];
          return memory.tried.length >= 3;
        },
        hint: () => "Stay within 0.5 of the centre, at three different places.",
      },
    ],
    found: "g(y) = y / |y| sends every y to the circle, so the hole holds for all y. The ordinary VAE must draw the hole's points somewhere.",
  },
  bridge: {
    title: "Bridge and gap",
    setting: clusters,
    question: "Between the clusters there are no data. What do the models draw for a y between two clusters' codes?",
    options: ["Both draw points between the clusters", "The ordinary VAE draws a bridge; the InteL-VAE jumps", "Neither draws anything there"],
    right: 1,
    steps: [
      trainBoth,
      {
        text: "Find a y whose picture in the ordinary row lies off the data: a bridge.",
        done: (e) => e.type === "probe" && trained(e) && e.rows.ordinary.off,
        hint: (e) => (e.type === "probe" && !trained(e) ? "Train to the end first." : "Drawn on the data. Move y to where two colours meet."),
      },
      {
        text: "Find two y, less than 0.3 apart, that the InteL-VAE draws in two different clusters: a gap.",
        done(e, memory) {
          if (e.type !== "probe" || !trained(e)) return false;
          const cluster = e.rows.intel.off ? -1 : clusterOf(e.rows.intel.x, e.state.parts);
          const near = (memory.probes ?? []).some((p) => p.cluster !== cluster && between(p.y, e.y) < 0.3);
          if (cluster >= 0) memory.probes = [...(memory.probes ?? []), { y: e.y, cluster }].slice(-40);
          return cluster >= 0 && near;
        },
        hint: () => "Cross one of the red rays in small moves: one y on each side.",
      },
    ],
    found: "The ordinary decoder is continuous on a plane without gaps, so it draws bridges. g tears the plane beside the rays: a small step in y is a large one in z. Only the thin line between the parts is lost.",
  },
  switch: {
    title: "Switch g on a trained model",
    asItIs: true, // advice is followed without training
    setting: { data: "circle", noise: 0.05, g: "none" },
    question: "Train two ordinary VAEs. Then switch g to circle in one, without any training. Its percentage of samples off the data will ...",
    options: ["rise: the decoder does not know g", "stay as it is until you train on", "fall at once"],
    right: 2,
    steps: [
      { text: "Train with g = none to the end.", done: (e) => e.type === "rest" && e.state.g === "none", hint: () => "Set g to none first, and train." },
      {
        text: "Set g to circle. Do not train on.",
        done: (e) => e.type === "change" && e.name === "g" && e.from === "none" && e.to === "circle" && e.after.off < e.before.off / 2,
        hint: (e) => (e.type === "change" ? "That g did not help. Which one has the data's shape?" : null),
      },
      { text: "Say why.", done: (e) => e.type === "why" && e.choice === 1, hint: (e) => (e.type === "why" ? "Not that: no weight has changed. Look at which y gave the red crosses." : null) },
    ],
    why: ["The decoder has learned g meanwhile", "The codes already ran around the origin; the bad samples came from y near it, and g moves those outward", "g moves each sample to the nearest data point"],
    found: "The ordinary VAE had found the angle by itself, and wasted the middle of its plane. g takes the middle away.",
  },
  wrong: {
    title: "A wrong g, a wrong K",
    setting: clusters,
    question: "The data are five clusters. What does a g of the wrong shape do?",
    options: ["Nothing: training corrects it", "It forces the wrong shape on the samples", "Training fails with an error"],
    right: 1,
    steps: [
      {
        text: "Train with the right g: clusters, K = 5.",
        done(e, memory) {
          const right = e.type === "rest" && e.state.g === "clusters" && e.state.K === e.state.parts;
          if (right) memory.right = e.figures.intel;
          return right;
        },
        hint: () => "The data have 5 clusters.",
      },
      {
        text: "Train with a K that has more off the data, or a lower log p(x).",
        done: (e, { right }) => e.type === "rest" && right && e.state.g === "clusters" && e.state.K !== e.state.parts && worse(e.figures.intel, right),
        hint(e) {
          if (e.type !== "rest") return null;
          const other = e.state.g === "clusters" && e.state.K !== e.state.parts;
          return other ? "Not worse than the right one. Try a smaller K." : "Keep g at clusters, and give it another K.";
        },
      },
      {
        text: "Train with another g that does worse than the right one.",
        done: (e, { right }) => e.type === "rest" && right && !["clusters", "none"].includes(e.state.g) && worse(e.figures.intel, right),
        hint: (e) => (e.type === "rest" ? "Choose another g: circle, say." : null),
      },
    ],
    found: "g is a promise about the data. If it is wrong, the model pays: bridges inside a part that two clusters share, or samples all along a circle. A picture that looks right is no proof: compare log p(x).",
  },
  collapse: {
    title: "Collapse",
    setting: { data: "circle", noise: 0.05, g: "circle", warmup: 0, start: 1 },
    question: "The KL counts in full from the first step, and q(y|x) starts as wide as the prior. Which figure shows that the codes say nothing about x?",
    options: ["KL is 0", "KL is very large", "σ is 0"],
    right: 0,
    steps: [
      {
        text: "Train without warm-up until one row has collapsed.",
        done: (e) => (e.type === "progress" || e.type === "rest") && e.state.warmup === 0 && e.step >= 400 && Math.min(e.figures.ordinary.kl, e.figures.intel.kl) < 0.1,
        hint: (e) => (e.type === "rest" ? "Not collapsed. Set warm-up to 0 and the start of q to 1." : null),
      },
      {
        text: "Cure it: train both rows to a KL above 1.",
        done: (e) => e.type === "rest" && Math.min(e.figures.ordinary.kl, e.figures.intel.kl) > 1,
        hint: (e) => (e.type === "rest" ? "A row is still collapsed. Try a warm-up of 40%, a start of 0.1, or both." : null),
      },
    ],
    found: "At the start the decoder ignores y, so y only costs KL: training drives it to 0, and there it stays. A warm-up lets codes become useful before they are paid for.",
  },
  kl: {
    title: "Who pays the KL?",
    setting: clusters,
    question: "On a trained model you double the strength of g: the parts lie further apart in z. The InteL row's KL will ...",
    options: ["double", "stay as it is", "fall"],
    right: 1,
    steps: [
      trainBoth,
      {
        text: "At least double the strength. Do not train on, and read KL and −log p(x|z).",
        done(e, memory) {
          const doubled = e.type === "change" && e.name === "strength" && trained(e) && e.to >= 2 * e.from;
          if (doubled) memory.at = e;
          return doubled && Math.abs(e.after.kl - e.before.kl) < 1e-6;
        },
        hint: (e) => (e.type === "change" ? "Only the strength, and to twice what it was, at rest." : null),
      },
      {
        text: "Train on for 300 steps: who gave way?",
        done: (e, { at }) => (e.type === "progress" || e.type === "rest") && e.step >= at.step + 300
          && e.figures.intel.reconstruction < at.after.reconstruction,
        hint: () => "Press Train on.",
      },
    ],
    found: "The KL looks at y alone, and y has not moved. The decoder pays, in −log p(x|z), since it met z that it did not know. It learns them as you train on.",
  },
  prior: {
    title: "One more: the rival",
    setting: { data: "circle", noise: 0.05, g: "circle" },
    question: "Give the ordinary VAE a learned mixture as its prior, and no g. Can it beat the InteL-VAE on log p(x)?",
    options: ["Yes", "No: only g can make a hole", "No: it collapses"],
    right: 0,
    steps: [
      trainBoth,
      { text: "Set the ordinary row's prior to the learned mixture, and find a setting where it has the higher log p(x) at rest.",
        done: (e) => e.type === "rest" && e.state.prior === "mixture" && e.figures.ordinary.logP > e.figures.intel.logP,
        hint: (e) => (e.type === "rest" ? "Not here. Try other data, clusters, or more steps." : null) },
    ],
    found: "A learned prior follows the codes wherever they lie, and can win on density. It does not say what a y means: the codes may lie anywhere. g fixes the shape in advance.",
  },
};
