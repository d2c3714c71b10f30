// What a decoder gives, drawn as what it is: an image, a point of the plane, or a row of a table.

import { colours, mark, picture, surface } from "./canvas.js";
import { element, number } from "./dom.js";
import { drawDots, squareAxes } from "./plane.js";

const MOST_ROWS = 60;

export function output(spec) {
  const shape = spec.data_shape;
  if (shape.length === 3 && [1, 3].includes(shape[2])) return image(shape, spec.range);
  if (shape.length === 2 && Math.min(...shape) >= 8) return image([...shape, 1], spec.range);
  if (shape.length === 1 && shape[0] === 2) return point(spec);
  return table(spec);
}

function image(shape, [low, high]) {
  const view = picture(shape, "The decoded image");
  view.canvas.classList.add("explorer-large");
  return {
    node: view.canvas,
    draw(values, root, words) {
      view.show(values.map((value) => (value - low) / (high - low)), colours(root));
      view.canvas.setAttribute("aria-label", `The decoded image at ${words}`);
    },
  };
}

function point({ points, names }) {
  const plot = surface(300, 300, "The decoded point");
  const reach = 1.2 * Math.max(1, ...points.flat().map(Math.abs));
  return {
    node: plot.canvas,
    draw(values, root, words) {
      const colour = colours(root);
      const at = squareAxes(plot, reach);
      const context = plot.beginOn(colour("ink"), (still) => drawDots(still, at, points, colour("edge"), 1.5));
      context.fillStyle = colour("point");
      mark(context, "diamond", at.x(values[0]), at.y(values[1]), 6);
      context.fill();
      const decoded = Array.from(values, (value, axis) => `${names[axis]} ${number(value, 2)}`).join(", ");
      plot.canvas.setAttribute("aria-label", `Decoded at ${words}: ${decoded}`);
    },
  };
}

function table({ data_shape: shape, names, range, columns, labels = [] }) {
  const size = shape.reduce((product, length) => product * length, 1);
  const rows = Array.from({ length: Math.min(size, MOST_ROWS) }, (_, index) => {
    const bar = element("div", { className: "explorer-bar explorer-bar-intel" });
    const value = element("td", { className: "explorer-value" });
    const name = element("th", { scope: "row" }, names[index] ?? `value ${index + 1}`);
    return { bar, value, row: element("tr", {}, name, value, element("td", { className: "explorer-cell" }, bar)) };
  });
  const body = element("tbody", {}, ...rows.map(({ row }) => row));
  const caption = size > MOST_ROWS ? `The first ${MOST_ROWS} of ${size} values` : "The decoded values";
  return {
    node: element("table", { className: "explorer-table" }, element("caption", {}, caption), body),
    draw(values) {
      rows.forEach(({ bar, value }, index) => {
        value.textContent = labels[index]?.[values[index]] ?? number(values[index], 2);
        const [low, high] = columns[index] ?? range;
        const filled = high > low ? (values[index] - low) / (high - low) : 0.5;
        bar.style.width = `${100 * Math.min(Math.max(filled, 0), 1)}%`;
      });
    },
  };
}
