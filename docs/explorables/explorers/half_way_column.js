// One model of the half-way explorer: its picture, what a classifier reads, its density of z, its strip.

import { picture } from "../runner/canvas.js";
import { element, number } from "../runner/dom.js";
import { densityOfZ, drawDensity } from "../runner/line_density.js";
import { quantile } from "./gaussian.js";
import { isBlend, reading } from "./reading.js";

const CELLS = 14;
// Equally likely draws: each cell stands for 1/14 of the prior.
export const STRIP = Array.from({ length: CELLS }, (_, cell) => quantile((cell + 0.5) / CELLS));

export function column(title, colour, model) {
  const big = picture(model.spec.data_shape, title);
  const reads = element("p", { className: "explorer-reads" });
  const density = densityOfZ(colour === "intel" ? "square" : "circle");
  const cells = STRIP.map((y) => picture(model.spec.data_shape, `Not seen yet, y ${number(y, 2)}`));
  const strip = element("div", { className: "explorer-strip" }, ...cells.map(({ canvas }) => canvas));
  let [drawn, here] = [{}, null];
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
    reads: (y) => reading(self.model, y),
    // The steps of the slider at which the classifier is unsure; and the mass of N(0, 1) on them.
    blends: () => self.model.spec.reads.filter(isBlend).length,
    unsure() {
      let [unsure, all] = [0, 0];
      self.model.spec.reads.forEach((one, index) => {
        const weight = Math.exp(-(((index - 300) / 100) ** 2) / 2);
        all += weight;
        if (isBlend(one)) unsure += weight;
      });
      return unsure / all;
    },
    // True as long as cells of the strip are left to draw.
    draw({ y, visited }, colourOf, mayFill) {
      const look = `${colourOf("ink")} ${self.model.spec.weights.crc32}`;
      if (drawn.look !== look) drawn = { look, cells: new Set(), y: null };
      if (drawn.y !== y) {
        big.show(self.model.decode([self.z(y)]), colourOf);
        big.canvas.setAttribute("aria-label", `${self.name} at y ${number(y, 2)}: ${self.reads(y)}`);
        reads.textContent = self.reads(y);
        drawDensity(density, self.model, y, colour, colourOf);
        drawn.y = y;
      }
      const nearest = STRIP.reduce((best, at, cell) => (Math.abs(at - y) < Math.abs(STRIP[best] - y) ? cell : best), 0);
      // One cell a frame, of the models in turn: a frame has not the time to decode a strip.
      const missing = [...visited].filter((cell) => !drawn.cells.has(cell));
      for (const cell of mayFill ? missing.slice(0, 1) : []) {
        drawn.cells.add(cell);
        cells[cell].show(self.model.decode([self.z(STRIP[cell])]), colourOf);
        cells[cell].canvas.setAttribute("aria-label", `${self.name} at y ${number(STRIP[cell], 2)}`);
      }
      if (here !== nearest) {
        cells[here ?? 0].canvas.classList.remove("explorer-here");
        cells[nearest].canvas.classList.add("explorer-here");
        here = nearest;
      }
      return missing.length > (mayFill ? 1 : 0);
    },
  };
  return self;
}
