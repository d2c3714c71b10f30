// Explorer 4, "Which gates?": close latents of a garment's code, and see what becomes of the garment.

import { colours, picture } from "../runner/canvas.js";
import { button, element, number, slider, speaker } from "../runner/dom.js";
import { painter } from "../runner/frame.js";
import { choice } from "./choice.js";
import { gatesModel, SEEN } from "./gates_model.js";
import { load } from "./load.js";
import { verdict } from "./question.js";

const RIGHT = 2;
const MANY = 30; // closed, after which the reader has seen it
const DRAWS = 20;

export const explorer = {
  name: "which-gates",
  text: "A shirt has a code of 50 latents. How many can you close, the smallest first, before it is no shirt any more?",
  answers: ["About 5", "About 20", "About 40"],
  load: (base) => Promise.all(["fashion-vae", "fashion-sparse"].map((name) => load(name, base))),
  stage,
};

function stage(root, [ordinary, sparse], address) {
  const { garments, images, data_shape: shape } = sparse.spec;
  const state = {
    garment: address.number("garment", 0, 0, garments.length - 1),
    count: address.number("closed", 0, 0, 50),
    order: address.text("order", "small", ["small", "random"]),
    seed: 1,
    seen: { small: false, random: false },
  };
  let [answer, picked, pickedModel, cached] = [null, null, null, {}];
  const node = element("div");
  const [voice, finding] = [speaker(), element("p", { className: "explorer-finding" })];
  const original = picture(shape, "The garment");
  const models = [
    gatesModel("ordinary VAE", "ordinary", ordinary, pick),
    gatesModel("InteL-VAE with gates", "intel", sparse, pick),
  ];
  const paint = painter(node, draw);
  const closed = slider({
    label: "latents to close",
    min: 0,
    max: 50,
    step: 1,
    value: state.count,
    say: (value) => `${value} of 50 closed`,
    onInput(count) {
      state.count = count;
      close();
    },
  });
  const garment = choice({
    legend: "Garment",
    options: garments.map((name, index) => [String(index), name]),
    value: String(state.garment),
    onChange(index) {
      state.garment = Number(index);
      address.set({ garment: index });
      take();
    },
  });
  const order = choice({
    legend: "Close",
    options: [["small", "the smallest first"], ["random", "at random"]],
    value: state.order,
    onChange(next) {
      state.order = next;
      again.hidden = next !== "random";
      close();
    },
  });
  const again = button("Draw again", () => {
    state.seed += 1;
    close();
  });
  again.hidden = state.order !== "random";

  // A single latent: the bars can be clicked; range and buttons do the same for keys.
  const which = choice({
    legend: "One latent of",
    options: models.map(({ name }, index) => [String(index), name]),
    value: "1",
    onChange: (index) => pick(models[index], picked ?? 0, false),
  });
  const latent = slider({ label: "latent", min: 1, max: 50, step: 1, value: 1, onInput: (i) => pick(pickedModel ?? models[1], i - 1, false) });
  const value = slider({ label: "its value", min: -4, max: 4, step: 0.1, value: 0, onInput: change });
  const toggle = button("Close it", () => pick(pickedModel ?? models[1], picked ?? latent.value - 1, true));

  function pick(model, index, flip = true) {
    [pickedModel, picked] = [model, index];
    if (flip && !model.closed.delete(index)) model.closed.add(index);
    which.value = String(models.indexOf(model));
    latent.value = index + 1;
    value.value = model.code[index];
    paint();
  }

  function change(next) {
    pickedModel ??= models[1];
    picked ??= latent.value - 1;
    pickedModel.closed.delete(picked);
    pickedModel.code[picked] = next;
    paint();
  }

  function take() {
    for (const model of models) model.take(state.garment);
    cached = {};
    close();
  }

  function close() {
    for (const model of models) model.close(state.count, state.order, state.seed);
    if (state.count >= MANY) state.seen[state.order] = true;
    address.set({ closed: String(state.count), order: state.order === "small" ? null : state.order });
    paint();
  }

  function draw() {
    const colour = colours(root);
    const look = `${state.garment} ${colour("ink")}`;
    if (look !== cached.look) original.show(images[state.garment].map((byte) => byte / 255), colour);
    cached.look = look;
    for (const model of models) model.draw(colour, model === pickedModel ? picked : null);
    toggle.textContent = pickedModel?.closed.has(picked) ? "Open it" : "Close it";
    const found = state.seen[state.order];
    finding.classList.toggle("explorer-found", found);
    finding.textContent = found ? sentence() : `Close ${MANY} and more.`;
    voice.say(models.map(({ name, change: by }) => `${name}: change ${number(100 * by, 1)}%`).join("; "));
  }

  function sentence() {
    if (state.order === "random") {
      cached.random ??= models.map((model) => averageChange(model, 12));
      const [a, b] = cached.random.map((mean) => `${number(100 * mean, 1)}%`);
      return (
        `At random, 12 closed latents change this garment by ${a} (ordinary) and ${b} (InteL-VAE), over ${DRAWS} draws. ` +
        "Sparse codes withstand random losses no better: over many garments, claim 6 of the results finds the same."
      );
    }
    cached.small ??= models.map((model) => ({ limit: model.limit(), zeros: model.zeros() }));
    const [plain, gated] = cached.small;
    return (
      `${verdict(answer, RIGHT)}Of the smallest, ${gated.limit} can go from the InteL-VAE's code before the pixels change by ${100 * SEEN}% on average. ` +
      `But so can ${plain.limit} from the ordinary code: most of its latents are idle. What the gates add is that closed means closed: ` +
      `${gated.zeros} of these 50 are below 0.01 in size before you touch them, and ${plain.zeros} of the ordinary ones. Now close them at random.`
    );
  }

  node.append(
    element(
      "div",
      { className: "explorer-garment" },
      element("figure", { className: "explorer-figure" }, original.canvas, element("figcaption", { className: "explorer-note" }, "photograph")),
      element("div", {}, garment.root, order.root, again),
    ),
    closed.root,
    element("div", { className: "explorer-panels" }, ...models.map((model) => model.root)),
    element(
      "p",
      { className: "explorer-note" },
      "Bars: the code; click one to close or open it. The lines below them: the codes of all six garments. " +
        "Change: what went in one colour, what came in the other.",
    ),
    element("details", {}, element("summary", {}, "Change a single latent"), which.root, latent.root, value.root, toggle),
    finding,
    voice.root,
  );
  take();
  return {
    node,
    open(said) {
      answer = said;
      paint();
    },
  };
}

function averageChange(model, count) {
  let sum = 0;
  for (let seed = 0; seed < DRAWS; seed += 1) sum += model.changeAt(count, "random", seed);
  return sum / DRAWS;
}
