// The explorer of a model of one's own: move y, see z and what is decoded. One, two or many latents.

import { colours, mark, surface } from "./canvas.js";
import { button, element, number, slider, speaker } from "./dom.js";
import { painter } from "./frame.js";
import { normals } from "./gaussian.js";
import { densityOfZ, drawDensity } from "./line_density.js";
import { output } from "./outputs.js";
import { pad } from "./pad.js";
import { REACH, drawDots, drawGrid, drawPrior, squareAxes } from "./plane.js";
import { addressOf } from "./state.js";
import { codeBars } from "./code_bars.js";

export function ownExplorer(root, model) {
  const { spec } = model;
  const size = spec.latent_dim;
  const address = addressOf("own");
  const shared = address.text("y", "").split("_").map(Number);
  const usable = shared.length === size && shared.every(Number.isFinite);
  const state = { y: usable ? shared : [...(spec.codes[0] ?? new Array(size).fill(0))], draws: 0 };
  const view = output(spec);
  const voice = speaker();
  const controls = size === 1 ? oneLatent() : size === 2 ? twoLatents() : manyLatents();
  const paint = painter(root, draw);

  function moved() {
    address.set({ y: state.y.map((value) => value.toFixed(2)).join("_") });
    paint();
    voice.say(words());
  }

  function set(y) {
    state.y = [...y];
    controls.show();
    moved();
  }

  const words = () =>
    size > 4 ? "this code" : `y ${state.y.map((v) => number(v, 2)).join(", ")}, z ${model.map(state.y).map((v) => number(v, 2)).join(", ")}`;

  function draw() {
    const z = model.map(state.y);
    view.draw(model.decode(z), root, words());
    controls.draw(colours(root), z);
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
      draw: (colour) => density && drawDensity(density, model, state.y[0], "intel", colour),
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
    let picked = 0;
    const pick = (index) => {
      picked = Math.min(index, size - 1);
      latent.value = picked + 1;
      value.value = state.y[picked];
      paint();
    };
    const bars = codeBars(spec.z_dim, 0, (index) => pick(index));
    const latent = slider({ label: "latent", min: 1, max: size, step: 1, value: 1, onInput: (index) => pick(index - 1) });
    const value = slider({
      label: "its y",
      min: -4,
      max: 4,
      step: 0.05,
      value: state.y[0],
      onInput(next) {
        state.y[picked] = next;
        moved();
      },
    });
    const note = element("p", { className: "explorer-note" }, "Bars: z = g(y). Click one, or choose it by its number, and move its y.");
    return {
      nodes: [latent.root, value.root, bars.canvas, note],
      show: () => pick(picked),
      draw: (colour, z) =>
        bars.draw({ name: "z", code: z, closed: new Set(), codes: [], chosen: null, picked: picked < z.length ? picked : null, colour, marks: "intel" }),
    };
  }

  const origin = button("y = 0", () => set(new Array(size).fill(0)));
  const random = button("Draw y ~ N(0, I)", () => set(normals((state.draws += 1), size)));
  const example = spec.codes.length
    ? slider({
        label: "your example",
        min: 1,
        max: spec.codes.length,
        step: 1,
        value: 1,
        onInput: (index) => set(spec.codes[index - 1]),
      })
    : null;
  root.replaceChildren(
    element("div", { className: "explorer-own" }, element("div", {}, ...controls.nodes), element("div", {}, view.node)),
    ...(example ? [example.root] : []),
    element("div", { className: "explorer-row" }, origin, random),
    voice.root,
  );
  root.dataset.state = "open";
  paint();
}
