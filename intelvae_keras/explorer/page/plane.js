// What is seen of a model of two latents: the grid of y and its image, codes, draws, ellipses.

import { axes, line, mark } from "./canvas.js";
import { normals } from "./gaussian.js";

const NORMALS = normals(7, 400);
const FAR = 0.15; // from every data point shown: a draw off the data
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
  } else for (const radius of [1, 2]) drawEllipse(context, at, [0, 0], [[1, 0], [0, 1]], radius);
  context.globalAlpha = 1;
  context.setLineDash([]);
}

// 200 draws of y from the model's own prior.
export function draws(prior) {
  let [component, filled] = [0, prior.weights?.[0]];
  return Array.from({ length: 200 }, (_, index) => {
    const noise = [NORMALS[2 * index], NORMALS[2 * index + 1]];
    if (prior.type !== "mixture") return noise;
    while (filled < (index + 0.5) / 200 && component < prior.weights.length - 1) filled += prior.weights[(component += 1)];
    return noise.map((value, axis) => prior.means[component][axis] + prior.scales[component][axis] * value);
  });
}

export function isOff([x, y], data) {
  return data.every(([a, b]) => (x - a) ** 2 + (y - b) ** 2 > FAR ** 2);
}

export function drawSamples(context, at, points, data, colour) {
  const off = points.filter((point) => isOff(point, data));
  context.globalAlpha = 0.8;
  drawDots(context, at, points, colour("intel"));
  context.globalAlpha = 1;
  context.strokeStyle = colour("bad");
  context.lineWidth = 2;
  for (const [x, y] of off) {
    mark(context, "cross", at.x(x), at.y(y), 4);
    context.stroke();
  }
  return off.length;
}

export function squareAxes(plot, reach) {
  return axes(plot, [-reach, reach], [-reach, reach]);
}
