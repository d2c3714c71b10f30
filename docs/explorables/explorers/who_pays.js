// Explorer 3, "Who pays the KL?": q(y|x) on y, its cloud under z = c y, and the bill in nats.

import { axes, colours, line, surface, ticks } from "../runner/canvas.js";
import { element, number, slider, speaker } from "../runner/dom.js";
import { painter } from "../runner/frame.js";
import { gaussian } from "../runner/density.js";
import { normals } from "../runner/random.js";
import { kl } from "./gaussian.js";
import { verdict } from "./question.js";

const RIGHT = 1;
const CLOUD = normals(3, 400);
const FULL_BAR = 8; // nats

export const explorer = {
  name: "who-pays",
  text: "Make g five times larger, z = 5y in place of z = y. What happens to the KL of an InteL-VAE?",
  answers: ["It grows", "It stays as it is", "It shrinks"],
  load: async () => null,
  stage,
};

function stage(root, _, address) {
  const state = {
    mean: address.number("mean", 1, -3, 3),
    deviation: address.number("deviation", 0.4, 0.05, 2),
    scale: address.number("scale", 1, 0.2, 5),
  };
  let [answer, moved] = [null, state.scale !== 1];
  const node = element("div");
  const voice = speaker();
  const onY = surface(360, 130, "Densities of the prior and of the posterior over y");
  const onZ = surface(360, 130, "The posterior's cloud of z");
  const bars = [
    bill("KL on y: what the InteL-VAE pays", "intel"),
    bill("If the prior N(0, 1) stood on z: what it would cost", "ordinary"),
  ];
  const finding = element("p", { className: "explorer-finding" });
  const paint = painter(node, draw);

  const change = (key) => (value) => {
    state[key] = value;
    if (key === "scale" && value !== 1) moved = true;
    address.set({ [key]: String(value) });
    paint();
    voice.say(`KL ${number(kl(state.mean, state.deviation), 2)} nats`);
  };
  const sliders = [
    slider({ label: "mean μ of q(y|x)", min: -3, max: 3, step: 0.05, value: state.mean, onInput: change("mean") }),
    slider({
      label: "deviation σ of q(y|x)",
      min: 0.05,
      max: 2,
      step: 0.05,
      value: state.deviation,
      onInput: change("deviation"),
    }),
    slider({
      label: "scale c of g(y) = c y",
      min: 0.2,
      max: 5,
      step: 0.1,
      value: state.scale,
      say: (value) => `${number(value)}, KL ${number(kl(state.mean, state.deviation), 2)} nats`,
      onInput: change("scale"),
    }),
  ];

  function draw() {
    const colour = colours(root);
    drawDensities(onY, state, colour);
    drawCloud(onZ, state, colour);
    const paid = kl(state.mean, state.deviation);
    const otherwise = kl(state.scale * state.mean, state.scale * state.deviation);
    bars[0].show(paid);
    bars[1].show(otherwise);
    finding.classList.toggle("explorer-found", moved);
    finding.textContent = moved ? found(paid, otherwise) : "Move the scale c, and watch the two bars.";
  }

  function found(paid, otherwise) {
    return (
      `${verdict(answer, RIGHT)}With c = ${number(state.scale)} the InteL-VAE pays ${number(paid, 2)} nats, as with c = 1: the KL is ` +
      "taken on y, before g, so that it depends on μ and σ alone. " +
      `A prior N(0, 1) on z itself would charge ${number(otherwise, 2)} nats. ` +
      "The KL charges nothing for the bends and tears of g. Whether the decoder copes with them, log p(x|z) says."
    );
  }

  const panel = (title, { canvas }) =>
    element("div", { className: "explorer-panel" }, element("p", { className: "explorer-title" }, title), canvas);
  node.append(
    element("p", {}, "Move one slider at a time. Which of them moves the KL?"),
    ...sliders.map((each) => each.root),
    element("div", { className: "explorer-panels" }, panel("On y: prior and posterior", onY), panel("On z = c y", onZ)),
    ...bars.map((each) => each.root),
    finding,
    voice.root,
  );
  return {
    node,
    open(said) {
      answer = said;
      paint();
    },
  };
}

function drawDensities(target, { mean, deviation }, colour) {
  const context = target.begin();
  const at = axes(target, [-4, 4], [0, Math.max(0.6, 1.15 * gaussian(0) / deviation)], [8, 6, 8, 22]);
  const grid = Array.from({ length: 161 }, (_, i) => -4 + i / 20);
  context.lineWidth = 2;
  context.setLineDash([5, 4]);
  context.strokeStyle = colour("quiet");
  line(context, grid.map((y) => [y, gaussian(y)]), at);
  context.stroke();
  context.setLineDash([]);
  context.strokeStyle = colour("intel");
  const fine = Array.from({ length: 161 }, (_, i) => mean + (i - 80) * deviation / 20);
  line(context, fine.map((y) => [y, gaussian((y - mean) / deviation) / deviation]), at);
  context.stroke();
  ticks(context, at, [-3, 0, 3], 126, colour("quiet"));
  context.textAlign = "left";
  context.fillText("- - prior N(0, 1)", 10, 16);
  context.fillStyle = colour("intel");
  context.fillText("— q(y|x)", 10, 34);
}

function drawCloud(target, { mean, deviation, scale }, colour) {
  const context = target.begin();
  const at = axes(target, [-12, 12], [-1, 1], [8, 6, 8, 22]);
  context.strokeStyle = colour("edge");
  line(context, [[-12, -1], [12, -1]], at);
  context.stroke();
  context.fillStyle = colour("intel");
  context.globalAlpha = 0.5;
  for (let i = 0; i < CLOUD.length; i += 1) {
    const height = Math.max(-0.9, Math.min(0.9, CLOUD[(i + 200) % 400] / 3)); // only to spread the dots
    context.fillRect(at.x(scale * (mean + deviation * CLOUD[i])) - 1.5, at.y(height) - 1.5, 3, 3);
  }
  context.globalAlpha = 1;
  ticks(context, at, [-10, -5, 0, 5, 10], 126, colour("quiet"));
}

// A bar of nats, and its number beside it.
function bill(text, name) {
  const bar = element("div", { className: `explorer-bar explorer-bar-${name}` });
  const value = element("span", { className: "explorer-value" });
  const track = element("div", { className: "explorer-track" }, bar, value);
  return {
    root: element("div", { className: "explorer-bill" }, element("p", { className: "explorer-title" }, text), track),
    show(nats) {
      bar.style.width = `${Math.min(nats / FULL_BAR, 1) * 80}%`;
      value.textContent = `${number(nats, 2)} nats${nats > FULL_BAR ? " (the bar is cut)" : ""}`;
    },
  };
}
