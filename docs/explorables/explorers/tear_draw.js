// The three planes of "Tear the plane": what stands still is drawn once, the point at each move.

import { mark } from "../runner/canvas.js";
import { number } from "../runner/dom.js";
import { drawDots, drawEllipse, drawGrid, drawPrior, REACH, squareAxes } from "../runner/plane.js";
import { drawSamples } from "./samples.js";

export const words = (point) => Array.from(point, (value) => number(value, 2)).join(", ");
export const label = ({ canvas }, text) => canvas.setAttribute("aria-label", text);

const HUES = 20;

// The hue of each data point, by its angle in x: its code has the same in y, and where g sends it in z.
export const huesOf = (points) => points.map(([a, b]) => Math.floor((HUES * (Math.atan2(b, a) + Math.PI)) / (2 * Math.PI)) % HUES);

function drawHues(context, at, points, hues, colour, size) {
  const lightness = parseInt(colour("paper").slice(1, 3), 16) < 128 ? 0.75 : 0.55;
  for (let hue = 0; hue < HUES; hue += 1) {
    const alike = points.filter((_, index) => hues[index] === hue);
    drawDots(context, at, alike, `oklch(${lightness} 0.15 ${(360 * hue) / HUES + 20})`, size);
  }
}

// Returns how many draws lie far from the data shown, when they were drawn anew.
export function drawPlanes({ plots, model, bend, points, posterior, codes, hues, samples, reach, version, colour }) {
  const look = `${version} ${colour("ink")}`;
  let far;
  const yAt = squareAxes(plots.y, REACH);
  let context = plots.y.beginOn(look, (still) => {
    drawGrid(still, yAt, (y) => y, colour);
    drawHues(still, yAt, codes, hues, colour, 1.2);
    drawPrior(still, yAt, model.spec.prior, colour);
  });
  context.strokeStyle = colour("intel");
  context.lineWidth = 2.5;
  drawEllipse(context, yAt, posterior.mean, posterior.factor, 2);
  label(plots.y, `y at ${words(points.y)}; the posterior of x around ${words(posterior.mean)}`);

  const zAt = squareAxes(plots.z, reach);
  context = plots.z.beginOn(look, (still) => {
    drawGrid(still, zAt, bend, colour);
    drawHues(still, zAt, codes.map(bend), hues, colour, 1.2);
  });
  spot(context, zAt, points.z, "square", colour);
  label(plots.z, `The grid of y under g, and z at ${words(points.z)}`);

  const xAt = squareAxes(plots.x, 1.5);
  context = plots.x.beginOn(look, (still) => {
    drawHues(still, xAt, model.spec.points, hues, colour, 1.5);
    far = drawSamples(still, xAt, samples, model.spec.points, colour);
  });
  spot(context, xAt, points.x, "diamond", colour);
  return far;
}

function spot(context, at, [x, y], shape, colour) {
  context.fillStyle = colour("point");
  context.strokeStyle = colour("paper");
  context.lineWidth = 2;
  mark(context, shape, at.x(x), at.y(y), 6);
  context.fill();
  context.stroke();
}
