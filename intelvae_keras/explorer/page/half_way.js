// Explorer 1, "Half way": one slider for y drives two decoders of the digits 0 and 1.

import { colours, picture } from "./canvas.js";
import { choice, element, number, slider, speaker } from "./dom.js";
import { painter } from "./frame.js";
import { quantile } from "./gaussian.js";
import { densityOfZ, drawDensity } from "./line_density.js";
import { load } from "./model.js";
import { ask } from "./question.js";
import { addressOf } from "./state.js";

const TEXT = "Half way between the 0s and the 1s, around y = 0: what will each model draw?";
const ANSWERS = [
  "Both draw blends of a 0 and a 1",
  "The ordinary VAE draws blends; the InteL-VAE jumps from one digit to the other",
  "Both jump from one digit to the other",
];
const RIGHT = 1;
const CELLS = 14;
const CERTAIN = 0.8; // below it, the classifier counts as unsure
// Equally likely draws: each cell stands for 1/14 of the prior.
const STRIP = Array.from({ length: CELLS }, (_, cell) => quantile((cell + 0.5) / CELLS));

export async function build(root, base) {
  const [ordinary, intel] = await Promise.all([load("mnist01-vae", base), load("mnist01-clusters", base)]);
  const address = addressOf("half-way");
  const state = {
    y: address.number("y", -2, -3, 3),
    seed: address.text("seed", "good", ["good", "failed"]),
    visited: new Set(),
  };
  let answer = null;
  const stage = element("div", { hidden: true });
  const voice = speaker();
  const finding = element("p", { className: "explorer-finding" });
  const columns = [column("Ordinary VAE, z = y", "ordinary", ordinary), column("InteL-VAE, two parts", "intel", intel)];
  const paint = painter(stage, draw);

  function draw() {
    const colour = colours(root);
    for (const each of columns) each.draw(state, colour);
    input.show();
    const found = state.visited.size === CELLS || passed();
    finding.classList.toggle("explorer-found", found);
    finding.textContent = found ? sentence() : "Drag y from one end to the other. The strip keeps what you have seen.";
  }

  const passed = () => [6, 7].every((cell) => state.visited.has(cell));

  function sentence() {
    const said = answer === null ? "" : answer === RIGHT ? "You were right. " : "Not what you said. ";
    const [blends, few] = columns.map((each) => `${number(100 * each.unsure(), 1)}%`);
    if (state.seed === "failed") {
      return (
        `This seed failed: the gap opened while some 0s were still on the side of the 1s. The blend now lies inside ` +
        `a part, where ${few} of the draws fall; the cut is elsewhere. So look at your model, or train from several seeds.`
      );
    }
    return (
      `${said}Of all draws y ~ N(0, 1), ${blends} of the ordinary VAE's are blends that a classifier cannot tell, and ${few} of the ` +
      "InteL-VAE's. Its g tears z apart at y = 0. Exactly at the cut it draws a blend, too, but hardly any draw lands there."
    );
  }

  const say = (y) => `y ${number(y, 2)}, ${columns.map((each) => `${each.name}: z ${number(each.z(y), 2)}`).join(", ")}`;
  const input = slider({
    label: "latent y",
    min: -3,
    max: 3,
    step: 0.01,
    value: state.y,
    say,
    onInput(y) {
      const cells = STRIP.map((at, cell) => [at, cell]);
      for (const [at, cell] of cells) if ((at - state.y) * (at - y) <= 0 || Math.abs(at - y) < 0.05) state.visited.add(cell);
      state.y = y;
      address.set({ y: y.toFixed(2) });
      paint();
      voice.say(columns.map((each) => `${each.name} ${each.reads(y)}`).join("; "));
    },
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
      address.set({ seed: seed === "good" ? null : seed });
    } catch (error) {
      finding.textContent = error.message;
      seeds.value = "good";
      return;
    }
    paint();
  }

  stage.append(
    input.root,
    element("div", { className: "explorer-pair" }, ...columns.map((each) => each.root)),
    ...columns.flatMap((each) => [element("p", { className: `explorer-title explorer-${each.colour}` }, each.title), each.strip]),
    seeds.root,
    finding,
    voice.root,
  );
  const open = (said) => {
    answer = said ?? null;
    stage.hidden = said === undefined;
    paint();
  };
  if (state.seed === "failed") await use("failed");
  return [ask({ text: TEXT, answers: ANSWERS, preview: preview(root, ordinary), address, open }), stage];
}

// What both ends look like, and a gap in between that the reader fills.
function preview(root, model) {
  const ends = [-2, 2].map((y) => {
    const { canvas, show } = picture(model.spec.data_shape, `What the ordinary VAE draws at y = ${y}`);
    show(model.decode(model.map([y])), colours(root));
    return element("div", {}, canvas, element("span", { className: "explorer-note" }, `y = ${number(y, 0)}`));
  });
  const gap = element("div", { className: "explorer-gap" }, "?");
  return element("div", { className: "explorer-preview" }, ends[0], gap, ends[1]);
}

// One model: its picture, what a classifier reads, its density of z, its strip.
function column(title, colour, model) {
  const big = picture(model.spec.data_shape, title);
  const reads = element("p", { className: "explorer-reads" });
  const density = densityOfZ(colour === "intel" ? "square" : "circle");
  const cells = STRIP.map((y) => picture(model.spec.data_shape, `Not seen yet, y ${number(y, 2)}`));
  const strip = element("div", { className: "explorer-strip" }, ...cells.map(({ canvas }) => canvas));
  let drawn = {};
  const self = {
    title,
    name: title.split(",")[0],
    colour,
    model,
    strip,
    root: element(
      "div",
      { className: "explorer-panel" },
      element("p", { className: `explorer-title explorer-${colour}` }, title),
      big.canvas,
      reads,
      density.canvas,
    ),
    z: (y) => self.model.map([y])[0],
    probability: (y) => self.model.spec.reads[Math.round((y + 3) * 100)], // of a 1
    reads(y) {
      const one = self.probability(y);
      const [digit, sure] = one > 0.5 ? [1, one] : [0, 1 - one];
      return sure < CERTAIN ? `reads as neither (${digit}: ${number(100 * sure, 0)}%)` : `reads as a ${digit} (${number(100 * sure, 0)}%)`;
    },
    unsure() {
      let [unsure, all] = [0, 0];
      self.model.spec.reads.forEach((one, index) => {
        const weight = Math.exp(-(((index - 300) / 100) ** 2) / 2);
        all += weight;
        if (Math.max(one, 1 - one) < CERTAIN) unsure += weight;
      });
      return unsure / all;
    },
    draw({ y, visited }, colourOf) {
      big.show(self.model.decode([self.z(y)]), colourOf);
      big.canvas.setAttribute("aria-label", `${self.name} at y ${number(y, 2)}: ${self.reads(y)}`);
      reads.textContent = self.reads(y);
      drawDensity(density, self.model, y, colour, colourOf);
      const look = `${colourOf("ink")} ${self.model.spec.weights.crc32}`;
      if (drawn.look !== look) drawn = { look, cells: new Set() };
      const nearest = STRIP.reduce((best, at, cell) => (Math.abs(at - y) < Math.abs(STRIP[best] - y) ? cell : best), 0);
      for (const cell of visited) {
        if (drawn.cells.has(cell)) continue;
        drawn.cells.add(cell);
        cells[cell].show(self.model.decode([self.z(STRIP[cell])]), colourOf);
        cells[cell].canvas.setAttribute("aria-label", `${self.name} at y ${number(STRIP[cell], 2)}`);
      }
      cells.forEach(({ canvas }, cell) => canvas.classList.toggle("explorer-here", cell === nearest));
    },
  };
  return self;
}
