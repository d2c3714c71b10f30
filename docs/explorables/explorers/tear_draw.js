// The three planes of "Tear the plane": what stands still is drawn once, the point at each move.

import { mark } from "../runner/canvas.js";
import { number } from "../runner/dom.js";
import { drawDots, drawEllipse, drawGrid, drawPrior, REACH, squareAxes } from "../runner/plane.js";
import { drawSamples } from "./samples.js";

export const words = (point) => Array.from(point, (value) => number(value, 2)).join(", ");
export const label = ({ canvas }, text) => canvas.setAttribute("aria-label", text);

// Returns how many draws lie far from the data shown, when they were drawn anew.
export function drawPlanes({ plots, model, bend, points, posterior, codes, samples, reach, version, colour }) {
  const look = `${version} ${colour("ink")}`;
  let far;
  const yAt = squareAxes(plots.y, REACH);
  let context = plots.y.beginOn(look, (still) => {
    drawGrid(still, yAt, (y) => y, colour);
    drawDots(still, yAt, codes, colour("ordinary"), 1);
    drawPrior(still, yAt, model.spec.prior, colour);
  });
  context.strokeStyle = colour("intel");
  context.lineWidth = 2.5;
  drawEllipse(context, yAt, posterior.mean, posterior.factor, 2);
  label(plots.y, `y at ${words(points.y)}; the posterior of x around ${words(posterior.mean)}`);

  const zAt = squareAxes(plots.z, reach);
  context = plots.z.beginOn(look, (still) => drawGrid(still, zAt, bend, colour));
  spot(context, zAt, points.z, "square", colour);
  label(plots.z, `The grid of y under g, and z at ${words(points.z)}`);

  const xAt = squareAxes(plots.x, 1.5);
  context = plots.x.beginOn(look, (still) => {
    drawDots(still, xAt, model.spec.points, colour("faint"), 2);
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
