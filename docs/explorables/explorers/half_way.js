// Explorer 1, "Half way": one slider for y drives two decoders of the digits 0 and 1.

import { colours, picture } from "../runner/canvas.js";
import { button, element, number, slider, speaker } from "../runner/dom.js";
import { onNewColours, painter } from "../runner/frame.js";
import { choice } from "./choice.js";
import { column, STRIP } from "./half_way_column.js";
import { load } from "./load.js";
import { verdict } from "./question.js";

const RIGHT = 1;
const MIDDLE = [6, 7]; // the cells on both sides of y = 0

export const explorer = {
  name: "half-way",
  text: "Move y in small steps, from the 0s to the 1s. How will each model get from one digit to the other?",
  answers: [
    "Both through blends of a 0 and a 1",
    "The ordinary VAE through blends; the InteL-VAE jumps",
    "Both jump",
  ],
  load: (base) => Promise.all(["mnist01-vae", "mnist01-clusters"].map((name) => load(name, base))),
  preview,
  stage,
};

function stage(root, [ordinary, intel], address, base) {
  const state = {
    y: address.number("y", -2, -3, 3),
    seed: "good",
    visited: new Set(),
  };
  let [answer, turn] = [null, 0];
  const node = element("div");
  const voice = speaker();
  const finding = element("p", { className: "explorer-finding" });
  const columns = [column("Ordinary VAE, z = y", "ordinary", ordinary), column("InteL-VAE, two parts", "intel", intel)];
  const paint = painter(node, draw);

  function draw() {
    const colour = colours(root);
    turn = 1 - turn;
    if (columns.map((each, index) => each.draw(state, colour, index === turn)).some((more) => more)) paint();
    input.show();
    const found = state.seed === "failed" || MIDDLE.every((cell) => state.visited.has(cell));
    finding.classList.toggle("explorer-found", found);
    finding.textContent = found ? sentence() : "Drag y from one end to the other. The strips keep what you have seen.";
  }

  function sentence() {
    const [blends, few] = columns.map((each) => percent(each.unsure()));
    const [steps, none] = columns.map((each) => each.blends());
    if (state.seed === "failed") {
      return (
        `This seed failed: its gap stood open from the first step, and ${percent(columns[1].model.spec.strayed)} of the 0s were left on the side ` +
        `of the 1s. So both digits share that part, the blend lies inside of it, and ${few} of the draws are blends. ` +
        "Look at your model; train from several seeds; or let the gap open slowly, from the first step on, as the model that ships does."
      );
    }
    return (
      `${verdict(answer, RIGHT)}Between the digits the ordinary VAE draws blends, which a classifier cannot tell, at ${steps} of the ` +
      `slider's steps; the InteL-VAE at ${none}. So ${blends} of the ordinary VAE's draws y ~ N(0, 1) are blends, and ${few} of the ` +
      "InteL-VAE's: g tears z apart at y = 0. (Of these two models. The table below has means over seeds.)"
    );
  }

  const say = (y) => `y ${number(y, 2)}, ${columns.map((each) => `${each.name} z ${number(each.z(y), 2)}`).join(", ")}`;
  const input = slider({
    label: "latent y",
    min: -3,
    max: 3,
    step: 0.01,
    value: state.y,
    say,
    onInput(y) {
      STRIP.forEach((at, cell) => {
        if ((at - state.y) * (at - y) <= 0 || Math.abs(at - y) < 0.05) state.visited.add(cell);
      });
      state.y = y;
      address.set({ y: y.toFixed(2) });
      paint();
      voice.say(columns.map((each) => `${each.name} ${each.reads(y)}`).join("; "));
    },
  });
  const all = button("Fill the strips", () => {
    STRIP.forEach((_, cell) => state.visited.add(cell));
    paint();
  });
  const seeds = choice({
    legend: "InteL-VAE",
    options: [["good", "the one that ships"], ["failed", "a seed that failed"]],
    value: state.seed,
    onChange: use,
  });

  async function use(seed) {
    try {
      columns[1].model = seed === "failed" ? await load("mnist01-failed", base) : intel;
      state.seed = seed;
      seeds.value = seed;
      address.set({ seed: seed === "good" ? null : seed });
      paint();
    } catch (error) {
      seeds.value = "good";
      finding.textContent = error.message;
    }
  }

  node.append(
    input.root,
    element("div", { className: "explorer-pair" }, ...columns.map((each) => each.root)),
    ...columns.flatMap((each) => [
      element("p", { className: `explorer-title explorer-${each.colour}` }, `${each.name}: equally likely draws`),
      each.strip,
    ]),
    element("div", { className: "explorer-row" }, all, seeds.root),
    finding,
    voice.root,
  );
  const shared = address.text("seed", "good", ["good", "failed"]);
  return {
    node,
    ready: shared === "failed" ? use(shared) : null,
    open(said) {
      answer = said;
      paint();
    },
  };
}

// What both ends look like, and a gap in between that the reader fills.
async function preview(root, base) {
  const { shape, images, y } = await fetch(new URL("half-way.json", base)).then((response) => response.json());
  const ends = images.map((values, index) => {
    const { canvas, show } = picture(shape, `What the ordinary VAE draws at y = ${y[index]}`);
    const draw = () => show(values.map((value) => value / 255), colours(root));
    draw();
    onNewColours(draw);
    return element("div", {}, canvas, element("span", { className: "explorer-note" }, `y = ${number(y[index], 0)}`));
  });
  const gap = element("div", { className: "explorer-gap" }, "?");
  return element("div", { className: "explorer-preview" }, ends[0], gap, ends[1]);
}

const percent = (part) => (part < 0.0005 ? "under 0.1%" : `${number(100 * part, 1)}%`);
