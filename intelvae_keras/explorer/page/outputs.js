// What a decoder gives, drawn as what it is: an image, a point of the plane, or a row of a table. Beside it, the
// example whose code it started from: `compare(values)`, or null for none.

import { colours, mark, picture, surface } from "./canvas.js";
import { element, number } from "./dom.js";
import { drawDots, squareAxes } from "./plane.js";

const MOST_ROWS = 60;

// The shape [height, width, channels] of what is drawn as an image, or null.
export function imageShape({ data_shape: shape }) {
  if (shape.length === 3 && [1, 3].includes(shape[2])) return shape;
  return shape.length === 2 && Math.min(...shape) >= 8 ? [...shape, 1] : null;
}

// Values as shades between the range's ends, for `picture`.
export const shades = (values, [low, high]) => Array.from(values, (value) => (value - low) / (high - low));

export function output(spec) {
  const shape = imageShape(spec);
  if (shape) return image(shape, spec.range);
  if (spec.data_shape.length === 1 && spec.data_shape[0] === 2) return point(spec);
  return table(spec);
}

function image(shape, range) {
  const [view, original] = [picture(shape, "The decoded image"), picture(shape, "Your example")];
  const figure = ({ canvas }, text) => {
    canvas.classList.add("explorer-large");
    return element("figure", { className: "explorer-figure" }, canvas, element("figcaption", {}, text));
  };
  const beside = figure(original, "your example");
  let shown = null;
  return {
    node: element("div", { className: "explorer-figures" }, figure(view, "decoded"), beside),
    compare: (values) => (shown = values),
    draw(values, root, words) {
      view.show(shades(values, range), colours(root));
      view.canvas.setAttribute("aria-label", `The decoded image at ${words}`);
      beside.hidden = shown === null;
      if (shown) original.show(shades(shown, range), colours(root));
    },
  };
}

function point({ points, names }) {
  const plot = surface(300, 300, "The decoded point");
  const reach = 1.2 * Math.max(1, ...points.flat().map(Math.abs));
  let shown = null;
  return {
    node: plot.canvas,
    compare: (values) => (shown = values),
    draw(values, root, words) {
      const colour = colours(root);
      const at = squareAxes(plot, reach);
      const context = plot.beginOn(colour("ink"), (still) => drawDots(still, at, points, colour("edge"), 1.5));
      if (shown) {
        context.strokeStyle = colour("intel");
        context.lineWidth = 2;
        mark(context, "circle", at.x(shown[0]), at.y(shown[1]), 7);
        context.stroke();
      }
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
    const [value, own] = ["explorer-value", "explorer-example"].map((className) => element("td", { className }));
    const name = element("th", { scope: "row" }, names[index] ?? `value ${index + 1}`);
    return { bar, value, own, row: element("tr", {}, name, value, own, element("td", { className: "explorer-cell" }, bar)) };
  });
  const body = element("tbody", {}, ...rows.map(({ row }) => row));
  const caption = size > MOST_ROWS ? `The first ${MOST_ROWS} of ${size} values` : "The decoded values";
  const head = element("thead", {}, element("tr", {}, ...["", "decoded", "your example", ""].map((text) => element("th", {}, text))));
  const node = element("table", { className: "explorer-table" }, element("caption", {}, caption), head, body);
  const text = (value, index) => (value === null ? "hole" : (labels[index]?.[value] ?? number(value, 2)));
  let shown = null;
  return {
    node,
    compare: (values) => (shown = values),
    draw(values) {
      node.classList.toggle("explorer-alone", shown === null);
      rows.forEach(({ bar, value, own }, index) => {
        value.textContent = text(values[index], index);
        own.textContent = shown ? text(shown[index], index) : "";
        const [low, high] = columns[index] ?? range;
        const filled = high > low ? (values[index] - low) / (high - low) : 0.5;
        bar.style.width = `${100 * Math.min(Math.max(filled, 0), 1)}%`;
      });
    },
  };
}
