// The density of z = g(y), y ~ N(0, 1), with the dot of one y on it.

import { axes, line, mark, surface, ticks } from "./canvas.js";
import { number } from "./dom.js";

// Of N(0, 1).
export const density = (y) => Math.exp((-y * y) / 2) / Math.sqrt(2 * Math.PI);

export function densityOfZ(shape) {
  return Object.assign(surface(240, 110, "Density of z"), { shape, curves: new Map() });
}

// p(z) = phi(y) / g'(y) along a fine grid of y, by differences: where g is steep there is a gap.
function curve(model) {
  const step = 0.01;
  const grid = Array.from({ length: 641 }, (_, index) => -3.2 + index * step);
  const z = grid.map((y) => model.map([y])[0]);
  return grid.map((y, i) => {
    const [before, after] = [Math.max(i - 1, 0), Math.min(i + 1, grid.length - 1)];
    const slope = (z[after] - z[before]) / (grid[after] - grid[before]);
    return [z[i], density(y) / Math.max(slope, 1e-6)];
  });
}

export function drawDensity(target, model, y, name, colour) {
  const key = model.spec.weights.crc32;
  if (!target.curves.has(key)) target.curves.set(key, curve(model));
  const points = target.curves.get(key);
  const reach = Math.max(4, ...points.map(([z]) => Math.abs(z)));
  const at = axes(target, [-reach, reach], [0, 0.46], [8, 14, 8, 24]);
  const context = target.beginOn(`${key} ${colour("ink")}`, (still) => {
    still.strokeStyle = colour("edge");
    line(still, [[-reach, 0], [reach, 0]], at);
    still.stroke();
    still.strokeStyle = colour(name);
    still.lineWidth = 2;
    line(still, points, at);
    still.stroke();
    ticks(still, at, [-3, 0, 3], target.height - 6, colour("quiet"));
  });
  const z = model.map([y])[0];
  context.fillStyle = colour("point");
  mark(context, target.shape, at.x(z), at.y(0), 6);
  context.fill();
  context.textAlign = "left";
  context.fillStyle = colour("ink");
  context.fillText(`z = ${number(z, 2)}`, 8, 14);
  target.canvas.setAttribute("aria-label", `Density of z, with the dot at z ${number(z, 2)}`);
}
