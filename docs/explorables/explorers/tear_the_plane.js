// Explorer 2, "Tear the plane": drag y, and see where g sends it, what is decoded, and what q(y|x) answers.

import { colours, surface } from "../runner/canvas.js";
import { element, number, slider, speaker } from "../runner/dom.js";
import { painter } from "../runner/frame.js";
import { pad } from "../runner/pad.js";
import { REACH } from "../runner/plane.js";
import { choice } from "./choice.js";
import { load } from "./load.js";
import { draws, FAR } from "./samples.js";
import { drawPlanes, huesOf, label, words } from "./tear_draw.js";
import { hint, sentence } from "./tear_findings.js";

const MODELS = [
  ["circle", "circle, z = y/|y|"],
  ["circle-vae", "ordinary VAE"],
  ["circle-mixture", "ordinary g, learned prior"],
  ["clusters5", "five clusters"],
  ["star", "star"],
];
const KEYS = MODELS.map(([key]) => key);

export const explorer = {
  name: "tear-the-plane",
  text: "The circle's g tears the plane open: z = y/|y|. Put y very near the origin. Where will the decoder draw x?",
  answers: ["In the hole, at the centre of the ring", "On the ring, wherever y is", "Nowhere in particular"],
  load: (base) => load("circle", base),
  stage,
};

function stage(root, first, address, base) {
  const state = {
    key: "circle",
    y: [address.number("y1", 1, -REACH, REACH), address.number("y2", 0.8, -REACH, REACH)],
    nearest: Infinity, // of the y seen, to the origin
    inmost: Infinity, // of the x seen, to the centre
  };
  let [model, bend, step, answer, version] = [first, first.map, null, null, 0];
  let [samples, codes, hues, far] = [[], [], [], 0];
  const node = element("div");
  const [voice, finding] = [speaker(), element("p", { className: "explorer-finding" })];
  const zPlot = surface(300, 300, "z");
  const xPlot = surface(300, 300, "x");
  const paint = painter(node, draw);
  const decoded = () => Array.from(model.decode(bend(state.y)));

  const yPad = pad({
    label: "The plane of y",
    names: ["y₁", "y₂"],
    reach: REACH,
    value: state.y,
    say: (value) => `${number(value, 2)}, x ${decoded().map((each) => number(each, 2)).join(" ")}`,
    onMove,
  });
  const strength = slider({ label: "strength of g", min: 0, max: 3, step: 0.05, value: 1, onInput: tearByHand });
  const sharpness = slider({
    label: "sharpness 1/width",
    min: 0,
    max: 2,
    step: 0.1,
    value: 2,
    say: (value) => `width ${(10 ** -value).toPrecision(1)}`,
    onInput: sharpen,
  });
  const models = choice({
    legend: "Model",
    options: MODELS,
    value: "circle",
    onChange(key) {
      address.set({ model: key, strength: null, sharpness: null }); // each model starts as it was trained
      use(key, true);
    },
  });

  function onMove([a, b]) {
    state.y = [a, b];
    address.set({ y1: a.toFixed(2), y2: b.toFixed(2) });
    see();
    paint();
    voice.say(`x ${decoded().map((each) => number(each, 1)).join(", ")}`);
  }

  function see() {
    state.nearest = Math.min(state.nearest, Math.hypot(...state.y));
    state.inmost = Math.min(state.inmost, Math.hypot(...decoded()));
  }

  // g as the sliders have it: those of the mapping's own numbers, or a part of the way from y to g(y).
  function tear(value) {
    if (step?.type === "sectors") step.strength = value;
    else if (step?.type === "star") step.fold = value;
    const part = step?.type === "circle" ? value : 1;
    bend = (y) => model.map(y).map((z, axis) => part * z + (1 - part) * y[axis]);
    refresh();
  }

  function tearByHand(value) {
    address.set({ strength: value.toFixed(2) });
    tear(value);
  }

  function sharpen(value) {
    address.set({ sharpness: value.toFixed(1) });
    step.width = 10 ** -value;
    refresh();
  }

  function refresh() {
    version += 1;
    samples = draws(model.spec.prior).map((y) => Array.from(model.decode(bend(y))));
    [state.nearest, state.inmost] = [Infinity, Infinity];
    see();
    paint();
  }

  async function use(key, afresh = false) {
    try {
      model = await load(key, base);
    } catch (error) {
      finding.textContent = error.message;
      models.value = state.key;
      return;
    }
    state.key = models.value = key;
    step = model.spec.mapping[0];
    codes = model.spec.points.map((x) => model.encode(x).mean);
    hues = huesOf(model.spec.points);
    const shared = (name, own, low, high) => (afresh ? own : address.number(name, own, low, high));
    const own = { sectors: step?.strength, star: 1, circle: 1 }[step?.type];
    strength.input.max = step?.type === "sectors" ? 3 : 1;
    strength.root.hidden = own === undefined;
    sharpness.root.hidden = step?.width === undefined;
    if (step?.width) {
      sharpness.value = shared("sharpness", -Math.log10(step.width), 0, 2);
      step.width = 10 ** -sharpness.value;
    }
    strength.value = shared("strength", own ?? 1, 0, 3);
    tear(strength.value);
  }

  function draw() {
    const [z, x] = [bend(state.y), decoded()];
    far = drawPlanes({
      plots: { y: yPad.plot, z: zPlot, x: xPlot },
      model,
      bend,
      points: { y: state.y, z, x },
      posterior: model.encode(x),
      codes,
      hues,
      samples,
      reach: step?.type === "sectors" ? REACH + step.strength : step ? 2.5 - strength.value : REACH,
      version,
      colour: colours(root),
    }) ?? far;
    label(xPlot, `x decoded at ${words(x)}; ${far} of 200 draws lie far from the data shown`);
    const found = sentence({ ...state, far, answer, fit: model.spec.log_likelihood });
    finding.classList.toggle("explorer-found", found !== null);
    finding.textContent = found ?? hint(state.key);
    yPad.sliders.forEach((each) => each.show());
  }

  const panel = (title, canvas) =>
    element("div", { className: "explorer-panel" }, element("p", { className: "explorer-title" }, title), canvas);
  node.append(
    models.root,
    element(
      "div",
      { className: "explorer-planes" },
      panel("y: drag the point", yPad.root),
      panel("z = g(y)", zPlot.canvas),
      panel("x, decoded", xPlot.canvas),
    ),
    element(
      "p",
      { className: "explorer-note" },
      "y: the prior (dashed), the codes of the data (dots), and twice the deviation of q(y|x) for the x that is drawn (ellipse). " +
        `z: the grid of y and the codes under g. x: the data, 200 draws (without a colour), those further than ${FAR} from all of the data shown (crosses). ` +
        "A data point and its code have one colour.",
    ),
    ...yPad.sliders.map((each) => each.root),
    strength.root,
    sharpness.root,
    finding,
    voice.root,
  );
  const ready = use(address.text("model", "circle", KEYS));
  return {
    node,
    ready,
    open(said) {
      answer = said;
      paint();
    },
  };
}
