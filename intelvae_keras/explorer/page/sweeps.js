// The latents in the order of their KL, each with what it changes: a strip of images, or the columns that it moves.

import { picture } from "./canvas.js";
import { button, element, number } from "./dom.js";
import { imageShape, shades } from "./outputs.js";

const STOPS = [-3, -2, -1, 0, 1, 2, 3]; // of the latent that a strip moves; all others stay where they are
const MOST = 20;
const BUDGET = 8; // milliseconds of a frame for strips: a drag goes on meanwhile

// `onPick(latent)`, `onMove(latent, value)`.
export function sweeps(spec, model, onPick, onMove) {
  const { order, kl } = spec.latents;
  const shape = imageShape(spec);
  const rows = order.slice(0, MOST).map((latent) => {
    const cells = shape ? STOPS.map((at) => cell(shape, latent, at)) : [];
    const said = element("span", { className: "explorer-note" });
    const nats = kl ? `, ${number(kl[latent], 2)} nats` : "";
    const name = button(`latent ${latent + 1}${nats}`, () => onPick(latent));
    return { latent, name, cells, said, root: element("div", { className: "explorer-sweep" }, name, ...cells.map(({ canvas }) => canvas), said) };
  });
  let [stale, look] = [[], null];

  function cell(size, latent, at) {
    const view = picture(size, `latent ${latent + 1} at ${number(at, 0)}`);
    view.canvas.addEventListener("click", () => onMove(latent, at));
    return { ...view, at };
  }

  const decoded = (y, latent, at) => {
    const moved = [...y];
    moved[latent] = at;
    return model.decode(model.map(moved));
  };

  function drawRow({ latent, cells, said }, y, colour) {
    for (const { show, at } of cells) show(shades(decoded(y, latent, at), spec.range), colour);
    if (!shape) said.textContent = movedColumns(spec, decoded(y, latent, -2), decoded(y, latent, 2));
  }

  const many = order.length > MOST ? ` The first ${MOST} of ${order.length}.` : "";
  const what = kl
    ? "Latents in the order of their KL, the mean over your examples. One of 0 nats says nothing about x."
    : "What each latent changes.";
  return {
    node: element("div", { className: "explorer-sweeps" }, element("p", { className: "explorer-note" }, what + many), ...rows.map(({ root }) => root)),
    // True as long as rows are left to draw.
    draw(y, picked, colour) {
      const now = `${y.join()} ${colour("ink")}`;
      if (now !== look) [stale, look] = [[...rows], now];
      for (const { latent, name } of rows) name.setAttribute("aria-pressed", String(latent === picked));
      const start = performance.now();
      while (stale.length && performance.now() - start < BUDGET) drawRow(stale.shift(), y, colour);
      return stale.length > 0;
    },
  };
}

// "moves mass up, island to Dream": the columns that change most, against their own ranges.
function movedColumns({ names, columns, range, labels = [] }, before, after) {
  const changes = Array.from(after, (value, index) => {
    const [low, high] = columns[index] ?? range;
    const change = high > low ? (value - before[index]) / (high - low) : 0;
    const where = labels[index]?.[value] ? `to ${labels[index][value]}` : change > 0 ? "up" : "down";
    return { words: `${names[index] ?? `value ${index + 1}`} ${where}`, size: Math.abs(change) };
  });
  const largest = changes.filter(({ size }) => size > 0.05);
  largest.sort((one, other) => other.size - one.size);
  return largest.length ? `moves ${largest.slice(0, 3).map(({ words }) => words).join(", ")}` : "moves nothing";
}
