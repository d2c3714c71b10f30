// The explorer of a model of one's own: move y, see z and what is decoded. One, two or many latents.

import { colours, mark, surface } from "./canvas.js";
import { button, element, number, slider, speaker } from "./dom.js";
import { painter } from "./frame.js";
import { densityOfZ, drawDensity } from "./line_density.js";
import { output } from "./outputs.js";
import { pad } from "./pad.js";
import { REACH, drawDots, drawGrid, drawOne, drawPrior, squareAxes } from "./plane.js";
import { addressOf } from "./state.js";
import { codeBars } from "./code_bars.js";
import { sweeps } from "./sweeps.js";
import { fromBase64 } from "./weights.js";

// The values of the examples that came along, as the page keeps them: a byte each for images, numbers for tables.
function originals({ originals: kept, data_shape: shape, range: [low, high] }) {
  if (kept.rows) return (index) => kept.rows[index] ?? null;
  const size = shape.reduce((product, length) => product * length, 1);
  const bytes = fromBase64(kept.base64);
  return (index) =>
    (index + 1) * size > bytes.length
      ? null
      : Float64Array.from(bytes.subarray(index * size, (index + 1) * size), (value) => low + ((high - low) * value) / 255);
}

export function ownExplorer(root, model) {
  const { spec } = model;
  const size = spec.latent_dim;
  const address = addressOf("own");
  const said = address.text("y", "");
  const shared = said.split("_").map(Number);
  const usable = said !== "" && shared.length === size && shared.every(Number.isFinite);
  const state = { y: usable ? shared : [...(spec.codes[0] ?? new Array(size).fill(0))], draws: 0 };
  const view = output(spec);
  const original = originals(spec);
  if (spec.codes.length && !usable) view.compare(original(0));
  const voice = speaker();
  const controls = size === 1 ? oneLatent() : size === 2 ? twoLatents() : manyLatents();
  const paint = painter(root, draw);

  function moved() {
    address.set({ y: state.y.map((value) => value.toFixed(2)).join("_") });
    paint();
    voice.say(words());
  }

  function set(y, compared = null) {
    state.y = [...y];
    view.compare(compared);
    controls.show();
    moved();
  }

  const words = () =>
    size > 4 ? "this code" : `y ${state.y.map((v) => number(v, 2)).join(", ")}, z ${model.map(state.y).map((v) => number(v, 2)).join(", ")}`;

  function draw() {
    const z = model.map(state.y);
    view.draw(model.decode(z), root, words());
    if (controls.draw(colours(root), z)) paint();
  }

  function oneLatent() {
    const input = slider({
      label: "y",
      min: -REACH,
      max: REACH,
      step: 0.01,
      value: state.y[0],
      say: (value) => `${number(value, 2)}, z ${model.map([value]).map((z) => number(z, 2)).join(", ")}`,
      onInput(value) {
        state.y = [value];
        moved();
      },
    });
    const density = spec.z_dim === 1 ? densityOfZ("square") : null;
    return {
      nodes: [input.root, ...(density ? [density.canvas] : [])],
      show: () => (input.value = state.y[0]),
      draw(colour) {
        if (density) drawDensity(density, model, state.y[0], "intel", colour);
      },
    };
  }

  function twoLatents() {
    const yPad = pad({
      label: "The plane of y",
      names: ["y₁", "y₂"],
      reach: REACH,
      value: state.y,
      say: (value) => number(value, 2),
      onMove([a, b]) {
        state.y = [a, b];
        moved();
      },
    });
    const zPlot = spec.z_dim === 2 ? surface(300, 300, "z = g(y)") : null;
    const panel = (title, node) => element("div", { className: "explorer-panel" }, element("p", { className: "explorer-title" }, title), node);
    const panels = [panel("y: drag the point", yPad.root), ...(zPlot ? [panel("z = g(y)", zPlot.canvas)] : [])];
    const corners = zPlot && [-2.5, 0.1, 2.5].flatMap((a) => [-2.5, 0.1, 2.5].flatMap((b) => model.map([a, b])));
    return {
      nodes: [element("div", { className: "explorer-pair" }, ...panels), ...yPad.sliders.map((each) => each.root)],
      show: () => yPad.set(state.y),
      draw(colour, z) {
        yPad.plot.beginOn(colour("ink"), (still) => {
          drawGrid(still, yPad.at, (y) => y, colour);
          drawDots(still, yPad.at, spec.codes, colour("ordinary"), 1.5);
          drawPrior(still, yPad.at, spec.prior, colour);
        });
        yPad.plot.canvas.setAttribute("aria-label", `The plane of y, at ${state.y.map((v) => number(v, 2)).join(", ")}`);
        if (!zPlot) return;
        const at = squareAxes(zPlot, 1.15 * Math.max(1, ...corners.map(Math.abs)));
        const context = zPlot.beginOn(colour("ink"), (still) => drawGrid(still, at, model.map, colour));
        context.fillStyle = colour("point");
        mark(context, "square", at.x(z[0]), at.y(z[1]), 6);
        context.fill();
        zPlot.canvas.setAttribute("aria-label", `The grid of y under g, and z at ${z.map((v) => number(v, 2)).join(", ")}`);
      },
    };
  }

  function manyLatents() {
    let picked = spec.latents.order[0];
    const pick = (index) => {
      picked = Math.min(index, size - 1);
      latent.value = picked + 1;
      value.value = state.y[picked];
      paint();
    };
    const bars = codeBars(spec.z_dim, 0, (index) => pick(index));
    const latent = slider({ label: "latent", min: 1, max: size, step: 1, value: picked + 1, onInput: (index) => pick(index - 1) });
    const value = slider({
      label: "its y",
      min: -4,
      max: 4,
      step: 0.05,
      value: state.y[picked],
      onInput(next) {
        state.y[picked] = next;
        moved();
      },
    });
    const note = element("p", { className: "explorer-note" }, "Bars: z = g(y). Click one, or choose it by its number, and move its y.");
    const strips = sweeps(spec, model, pick, (index, at) => {
      state.y[index] = at;
      pick(index);
      moved();
    });
    return {
      nodes: [latent.root, value.root, bars.canvas, note],
      below: strips.node,
      show: () => pick(picked),
      draw(colour, z) {
        bars.draw({ name: "z", code: z, closed: new Set(), codes: [], chosen: null, picked: picked < z.length ? picked : null, colour, marks: "intel" });
        return strips.draw(state.y, picked, colour);
      },
    };
  }

  const origin = button("y = 0", () => set(new Array(size).fill(0)));
  const fromPrior = button(spec.prior.type === "mixture" ? "Draw y from the prior" : "Draw y ~ N(0, I)", () =>
    set(drawOne(spec.prior, size, (state.draws += 1))),
  );
  fromPrior.hidden = spec.prior.type === "other"; // the page does not know how to draw from it
  const example = spec.codes.length
    ? slider({
        label: "your example",
        min: 1,
        max: spec.codes.length,
        step: 1,
        value: 1,
        onInput: (index) => set(spec.codes[index - 1], original(index - 1)),
      })
    : null;
  root.replaceChildren(
    element("div", { className: "explorer-own" }, element("div", {}, ...controls.nodes), element("div", {}, view.node)),
    ...(example ? [example.root] : []),
    element("div", { className: "explorer-row" }, origin, fromPrior),
    ...(controls.below ? [controls.below] : []),
    voice.root,
  );
  root.dataset.state = "open";
  paint();
}
