// Canvases: plots in coordinates of their own, and decoded images, in the colours of the style sheet.

import { element } from "./dom.js";

// The style sheet's colours, read at each drawing: the reader may switch between light and dark.
export function colours(root) {
  const style = getComputedStyle(root);
  return (name) => style.getPropertyValue(`--ex-${name}`).trim();
}

// A canvas of a fixed number of units, as wide as its place, sharp on screens of up to two pixels a unit.
export function surface(width, height, label) {
  const canvas = element("canvas", { width: 2 * width, height: 2 * height, role: "img" });
  canvas.setAttribute("aria-label", label);
  canvas.className = "explorer-canvas";
  const context = canvas.getContext("2d");
  const prepare = (target) => {
    target.setTransform(2, 0, 0, 2, 0, 0);
    target.clearRect(0, 0, width, height);
    target.lineJoin = "round";
    target.font = "13px system-ui, sans-serif";
    return target;
  };
  let [still, lastKey] = [null, null];
  return {
    canvas,
    width,
    height,
    begin: () => prepare(context),
    // The same, on top of what `drawStill` draws: only when `key` is another than before.
    beginOn(key, drawStill) {
      if (key !== lastKey) {
        still ??= element("canvas", { width: 2 * width, height: 2 * height });
        drawStill(prepare(still.getContext("2d")));
        lastKey = key;
      }
      prepare(context);
      context.drawImage(still, 0, 0, width, height);
      return context;
    },
  };
}

// From numbers to units: x = [low, high], y likewise, inside of a margin [left, top, right, bottom].
export function axes({ width, height }, x, y, [left, top, right, bottom] = [0, 0, 0, 0]) {
  const across = (width - left - right) / (x[1] - x[0]);
  const up = (height - top - bottom) / (y[1] - y[0]);
  return {
    x: (value) => left + (value - x[0]) * across,
    y: (value) => height - bottom - (value - y[0]) * up,
    toX: (unit) => x[0] + (unit - left) / across,
    toY: (unit) => y[0] + (height - bottom - unit) / up,
    across,
  };
}

export function line(context, points, at) {
  context.beginPath();
  points.forEach(([x, y], index) => context[index ? "lineTo" : "moveTo"](at.x(x), at.y(y)));
}

export function ticks(context, at, values, y, colour, digits = 0) {
  context.fillStyle = colour;
  context.textAlign = "center";
  for (const value of values) context.fillText(value.toFixed(digits).replace("-", "−"), at.x(value), y);
}

// Marks that differ in shape as well as in colour.
export function mark(context, shape, x, y, size) {
  context.beginPath();
  if (shape === "square") context.rect(x - size, y - size, 2 * size, 2 * size);
  else if (shape === "diamond") {
    context.moveTo(x, y - 1.3 * size);
    for (const [dx, dy] of [[1.3, 0], [0, 1.3], [-1.3, 0]]) context.lineTo(x + dx * size, y + dy * size);
    context.closePath();
  } else if (shape === "cross") {
    for (const sign of [-1, 1]) {
      context.moveTo(x - size, y - sign * size);
      context.lineTo(x + size, y + sign * size);
    }
  } else context.arc(x, y, size, 0, 2 * Math.PI);
}

const channels = (colour) => {
  const hex = colour.replace("#", "");
  return [0, 2, 4].map((start) => parseInt(hex.slice(start, start + 2), 16));
};

// A small canvas with one pixel for each of an image's, enlarged by the style sheet.
export function picture([height, width, depth], label) {
  const canvas = element("canvas", { width, height, role: "img", className: "explorer-picture" });
  canvas.setAttribute("aria-label", label);
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  return {
    canvas,
    // Values in [0, 1]: from the paper's colour to the ink's, or red, green and blue.
    show(values, colour) {
      const [paper, ink] = [channels(colour("paper")), channels(colour("ink"))];
      for (let pixel = 0; pixel < width * height; pixel += 1) {
        for (let c = 0; c < 3; c += 1) {
          const value = Math.min(Math.max(values[pixel * depth + Math.min(c, depth - 1)], 0), 1);
          image.data[4 * pixel + c] = depth === 3 ? 255 * value : paper[c] + value * (ink[c] - paper[c]);
        }
        image.data[4 * pixel + 3] = 255;
      }
      context.putImageData(image, 0, 0);
    },
    // Values in [-1, 1]: what went in one colour, what came in another, paper where nothing changed.
    showChange(values, colour) {
      const [paper, less, more] = ["paper", "less", "more"].map((name) => channels(colour(name)));
      for (let pixel = 0; pixel < width * height; pixel += 1) {
        const value = Math.min(Math.max(values[pixel * depth], -1), 1);
        const end = value < 0 ? less : more;
        for (let c = 0; c < 3; c += 1) image.data[4 * pixel + c] = paper[c] + Math.abs(value) * (end[c] - paper[c]);
        image.data[4 * pixel + 3] = 255;
      }
      context.putImageData(image, 0, 0);
    },
  };
}
