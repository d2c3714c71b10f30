// The density of z = g(y) under the model's own prior, with the dot of one y on it.

import { axes, line, mark, surface, ticks } from "./canvas.js";
import { densityOfMapped } from "./density.js";
import { number } from "./dom.js";
import { REACH } from "./plane.js";

const TOP = 0.46; // that of N(0, 1) fits; a higher curve gets a higher axis

export function densityOfZ(shape) {
  return Object.assign(surface(240, 110, "Density of z"), { shape, curves: new Map() });
}

export function drawDensity(target, model, y, name, colour) {
  const key = model.spec.weights.crc32;
  if (!target.curves.has(key)) target.curves.set(key, densityOfMapped(model.map, model.spec.prior, REACH));
  const { points, atoms, reach } = target.curves.get(key);
  const top = points.reduce((most, [, density]) => Math.max(most, 1.08 * density), TOP);
  const at = axes(target, [-reach, reach], [0, top], [8, 14, 8, 24]);
  const context = target.beginOn(`${key} ${colour("ink")}`, (still) => {
    still.strokeStyle = colour("edge");
    line(still, [[-reach, 0], [reach, 0]], at);
    still.stroke();
    still.strokeStyle = colour(name);
    still.lineWidth = 2;
    line(still, points, at);
    still.stroke();
    still.textAlign = "left";
    for (const [z, probability] of atoms) {
      line(still, [[z, 0], [z, top]], at);
      still.stroke();
      still.fillStyle = colour("ink");
      still.fillText(`${Math.round(100 * probability)}% at ${number(z, 2)}`, at.x(z) + 6, 28);
    }
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
