// What is seen of a model of two latents: the grid of y and its image, codes, draws, ellipses.

import { axes, line } from "./canvas.js";
import { generator, normals } from "./random.js";

export const REACH = 3; // of y that is shown

// Lines of the plane of y, each as points.
const LINES = [];
for (let at = -2.5; at <= 2.5; at += 0.5) {
  const along = Array.from({ length: 101 }, (_, index) => -2.5 + index / 20);
  LINES.push(along.map((t) => [at, t]), along.map((t) => [t, at]));
}

export function drawGrid(context, at, map, colour) {
  context.strokeStyle = colour("edge");
  context.lineWidth = 0.8;
  context.globalAlpha = 0.8;
  for (const points of LINES) {
    const image = points.map(map);
    context.beginPath();
    image.forEach(([x, y], index) => {
      // Where g tears, the line is torn.
      const torn = index === 0 || Math.hypot(x - image[index - 1][0], y - image[index - 1][1]) > 0.5;
      context[torn ? "moveTo" : "lineTo"](at.x(x), at.y(y));
    });
    context.stroke();
  }
  context.globalAlpha = 1;
}

export function drawDots(context, at, points, colour, size = 1.5) {
  context.fillStyle = colour;
  for (const [x, y] of points) context.fillRect(at.x(x) - size, at.y(y) - size, 2 * size, 2 * size);
}

// mean + radius * factor (cos t, sin t).
export function drawEllipse(context, at, mean, factor, radius) {
  const points = Array.from({ length: 49 }, (_, index) => {
    const [cosine, sine] = [Math.cos((index * Math.PI) / 24), Math.sin((index * Math.PI) / 24)];
    return [0, 1].map((row) => mean[row] + radius * (factor[row][0] * cosine + factor[row][1] * sine));
  });
  line(context, points, at);
  context.stroke();
}

// The prior on y: rings at one and two standard deviations, or the ellipses of a mixture.
export function drawPrior(context, at, prior, colour) {
  context.strokeStyle = colour("quiet");
  context.lineWidth = 1.2;
  context.setLineDash([4, 3]);
  if (prior.type === "mixture") {
    prior.means.forEach((mean, k) => {
      context.globalAlpha = Math.min(1, 0.2 + 12 * prior.weights[k]);
      drawEllipse(context, at, mean, [[prior.scales[k][0], 0], [0, prior.scales[k][1]]], 1.5);
    });
  } else if (prior.type === "standard_normal") {
    for (const radius of [1, 2]) drawEllipse(context, at, [0, 0], [[1, 0], [0, 1]], radius);
  }
  context.globalAlpha = 1;
  context.setLineDash([]);
}

// One draw of y, of any size; each seed gives another.
export function drawOne(prior, size, seed) {
  const noise = Array.from(normals(seed, size));
  if (prior.type !== "mixture") return noise;
  let [component, left] = [0, generator(seed + 1e6).uniform()];
  while (left > prior.weights[component] && component < prior.weights.length - 1) left -= prior.weights[component++];
  return noise.map((value, axis) => prior.means[component][axis] + prior.scales[component][axis] * value);
}

export function squareAxes(plot, reach) {
  return axes(plot, [-reach, reach], [-reach, reach]);
}
