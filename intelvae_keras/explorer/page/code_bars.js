// A code of many latents as bars, and, below, which latents each of several examples uses.

import { surface } from "./canvas.js";
import { number } from "./dom.js";

const HEIGHT = 76; // of the bars
const ROW = 9; // of an example's line

export function codeBars(size, examples, onPick) {
  const plot = surface(340, HEIGHT + 8 + ROW * examples, "The code");
  const width = plot.width / size;
  plot.canvas.addEventListener("click", (event) => {
    const box = plot.canvas.getBoundingClientRect();
    onPick(Math.min(size - 1, Math.floor(((event.clientX - box.left) / box.width) * size)));
  });

  // `codes` are those of all examples, `code` that of the `chosen` one, as the reader has changed it.
  function draw({ name, code, closed, codes, chosen, picked, colour, marks }) {
    const context = plot.begin();
    const largest = Math.max(0.5, ...codes.flat().map(Math.abs), ...code.map(Math.abs));
    const middle = HEIGHT / 2;
    context.strokeStyle = colour("edge");
    context.strokeRect(0, middle, plot.width, 0.5);
    code.forEach((value, index) => {
      const length = (value / largest) * (middle - 4);
      const left = index * width + 1;
      context.fillStyle = context.strokeStyle = colour(marks);
      if (closed.has(index)) context.strokeRect(left + 0.5, middle - Math.max(length, 0), width - 3, Math.abs(length));
      else context.fillRect(left, middle - Math.max(length, 0), width - 2, Math.max(Math.abs(length), 1));
    });
    if (picked !== null) {
      context.strokeStyle = colour("point");
      context.lineWidth = 1.5;
      context.strokeRect(picked * width, 1, width, HEIGHT - 2);
      context.lineWidth = 1;
    }
    codes.forEach((each, row) => {
      const top = HEIGHT + 6 + row * ROW;
      context.fillStyle = colour(marks);
      each.forEach((value, index) => {
        context.globalAlpha = Math.min(1, (2.5 * Math.abs(value)) / largest);
        context.fillRect(index * width + 1, top, width - 2, ROW - 2);
      });
      context.globalAlpha = 1;
      if (row === chosen) {
        context.strokeStyle = colour("point");
        context.strokeRect(0.5, top - 1, plot.width - 1, ROW);
      }
    });
    plot.canvas.setAttribute("aria-label", describe(name, code, closed));
  }
  return { canvas: plot.canvas, draw };
}

function describe(name, code, closed) {
  const open = code.map((value, index) => [value, index]).filter(([, index]) => !closed.has(index));
  open.sort(([a], [b]) => Math.abs(b) - Math.abs(a));
  const largest = open.slice(0, 3).map(([value, index]) => `latent ${index + 1}: ${number(value, 1)}`);
  return `${name}: ${open.length} of ${code.length} latents open; the largest are ${largest.join(", ")}`;
}
