// One model of the gates explorer: a garment's code, what is closed of it, and what is drawn then.

import { picture } from "../runner/canvas.js";
import { codeBars } from "../runner/code_bars.js";
import { element, number } from "../runner/dom.js";
import { generator } from "../runner/random.js";

export const SEEN = 0.02; // mean change of a pixel, of 1, from which on an eye sees it
const NOTHING = 0.01;

export function gatesModel(name, marks, model, onPick) {
  const { spec } = model;
  const codes = spec.codes.map((y) => model.map(y));
  const size = codes[0].length;
  const drawn = picture(spec.data_shape, "What is drawn");
  const changed = picture(spec.data_shape, "What has changed");
  const bars = codeBars(size, codes.length, (index) => onPick(self, index));
  const text = element("p", { className: "explorer-reads" });
  const figure = (canvas, caption) =>
    element("figure", { className: "explorer-figure" }, canvas, element("figcaption", { className: "explorer-note" }, caption));

  const self = {
    name,
    size,
    change: 0,
    root: element(
      "div",
      { className: "explorer-panel" },
      element("p", { className: `explorer-title explorer-${marks}` }, name),
      element("div", { className: "explorer-figures" }, figure(drawn.canvas, "drawn"), figure(changed.canvas, "change")),
      text,
      bars.canvas,
    ),
    // A garment, all of whose latents are open.
    take(chosen) {
      self.chosen = chosen;
      self.code = [...codes[chosen]];
      self.whole = model.decode(codes[chosen]);
      self.order = { small: bySize(codes[chosen]) };
      self.close(0, "small", 0);
    },
    // The first `count` in this order: the smallest first, or at random.
    close(count, order, seed) {
      const indices = order === "small" ? self.order.small : shuffled(size, seed);
      self.closed = new Set(indices.slice(0, count));
    },
    // How much the drawing changes when so many are closed.
    changeAt(count, order, seed) {
      const indices = order === "small" ? self.order.small : shuffled(size, seed);
      const closed = new Set(indices.slice(0, count));
      return difference(model.decode(codes[self.chosen].map((z, i) => (closed.has(i) ? 0 : z))), self.whole).mean;
    },
    // How many of the smallest can be closed before an eye sees it.
    limit() {
      let [low, high] = [0, size];
      while (low < high) {
        const middle = Math.ceil((low + high) / 2);
        if (self.changeAt(middle, "small") < SEEN) low = middle;
        else high = middle - 1;
      }
      return low;
    },
    // Latents that are next to nothing although the reader has closed none.
    zeros: () => codes[self.chosen].filter((z) => Math.abs(z) < NOTHING).length,
    draw(colour, picked) {
      const image = model.decode(self.code.map((z, i) => (self.closed.has(i) ? 0 : z)));
      const { values, mean } = difference(image, self.whole);
      self.change = mean;
      drawn.show(image, colour);
      changed.showChange(values, colour);
      const open = size - self.closed.size;
      text.textContent = `${open} of ${size} open, change ${number(100 * mean, 1)}%`;
      drawn.canvas.setAttribute("aria-label", `${spec.garments[self.chosen]}, drawn by the ${name} with ${open} latents open`);
      changed.canvas.setAttribute("aria-label", `Change of the drawing: ${number(100 * mean, 1)}% of the ink's range a pixel`);
      bars.draw({ name, code: self.code, closed: self.closed, codes, chosen: self.chosen, picked, colour, marks });
    },
  };
  return self;
}

const bySize = (z) => z.map((_, index) => index).sort((a, b) => Math.abs(z[a]) - Math.abs(z[b]));

function shuffled(size, seed) {
  const { uniform } = generator(seed + 1);
  return Array.from({ length: size }, (_, index) => [uniform(), index])
    .sort(([a], [b]) => a - b)
    .map(([, index]) => index);
}

function difference(image, whole) {
  const values = image.map((value, pixel) => value - whole[pixel]);
  return { values, mean: values.reduce((sum, value) => sum + Math.abs(value), 0) / values.length };
}
