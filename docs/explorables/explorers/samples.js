// 200 draws of a model's own prior, and which of them lie far from the data shown. These are few: so it is not
// "off the data", which the playground and `metrics.off_manifold` measure against 50,000 points.

import { mark } from "../runner/canvas.js";
import { drawDots } from "../runner/plane.js";
import { normals } from "../runner/random.js";

const NORMALS = normals(7, 400);
export const FAR = 0.15; // from every data point shown

export function draws(prior) {
  let [component, filled] = [0, prior.weights?.[0]];
  return Array.from({ length: 200 }, (_, index) => {
    const noise = [NORMALS[2 * index], NORMALS[2 * index + 1]];
    if (prior.type !== "mixture") return noise;
    while (filled < (index + 0.5) / 200 && component < prior.weights.length - 1) filled += prior.weights[(component += 1)];
    return noise.map((value, axis) => prior.means[component][axis] + prior.scales[component][axis] * value);
  });
}

function isFar([x, y], data) {
  return data.every(([a, b]) => (x - a) ** 2 + (y - b) ** 2 > FAR ** 2);
}

export function drawSamples(context, at, points, data, colour) {
  const far = points.filter((point) => isFar(point, data));
  drawDots(context, at, points, colour("ink"), 1);
  context.strokeStyle = colour("bad");
  context.lineWidth = 2;
  for (const [x, y] of far) {
    mark(context, "cross", at.x(x), at.y(y), 4);
    context.stroke();
  }
  return far.length;
}
