// Mappings that cut the line into intervals, or the plane into sectors between rays from the origin. `round` is
// float32, as in Keras: on a cut, the side is a matter of rounding. What differentiates them rounds nothing.

import { TINY } from "./directions.js";

const POWER_OFFSET = 1e-4;

// A step from -1 to 1 at offset 0, or a root, which has no end.
export function steep(offset, { power, width }) {
  if (power === null) return Math.tanh(offset / width);
  return Math.sign(offset) * ((Math.abs(offset) + POWER_OFFSET) ** power - POWER_OFFSET ** power);
}

// The sector that holds y, counted from the first ray.
export function sector([right, up], { first_angle: first, turns }, round = Math.fround) {
  const turn = round(round(round(Math.atan2(up, right)) - first) / round(2 * Math.PI));
  const fraction = round(turn - Math.floor(turn));
  return turns.reduce((count, end) => count + (fraction >= end ? 1 : 0), 0);
}

// The nearest ray, a unit vector, and the distance to it. Behind its end, a ray's nearest point is the origin;
// where that holds of all rays, `ray` is null.
export function nearestRay([right, up], { rays }, round = Math.fround) {
  let [distance, ray] = [Math.sqrt(right * right + up * up + TINY), null];
  for (const each of rays) {
    const [cosine, sine] = each;
    if (right * cosine + up * sine <= 0) continue;
    const across = Math.abs(round(round(up * cosine) - round(right * sine)));
    if (across < distance) [distance, ray] = [across, each];
  }
  return { distance, ray };
}

// By the angle whose cosine and sine are `turn`.
function turned([right, up], { turn: [cosine, sine] }, sense, round) {
  if (sine === 0) return [right, up];
  const across = sense * sine;
  return [round(cosine * right - across * up), round(across * right + cosine * up)];
}

export function intervals(y, step, round = Math.fround) {
  return y + step.strength * step.boundaries.reduce((sum, b) => sum + steep(round(y - b), step), 0);
}

// y + strength steep(d) u: d the distance to the nearest ray, u along the middle of y's sector.
export function clusters(given, step, round = Math.fround) {
  const y = turned(given, step, -1, round);
  const push = step.strength * steep(nearestRay(y, step, round).distance, step);
  const unit = step.units[sector(y, step, round)];
  return turned([y[0] + push * unit[0], y[1] + push * unit[1]], step, 1, round);
}

// fold (y . u) tanh(d / width) u + (1 - fold) y, with d and u as above.
export function star(y, step, round = Math.fround) {
  const unit = step.units[sector(y, step, round)];
  const along = y[0] * unit[0] + y[1] * unit[1];
  const folded = step.fold * along * Math.tanh(nearestRay(y, step, round).distance / step.width);
  return [folded * unit[0] + (1 - step.fold) * y[0], folded * unit[1] + (1 - step.fold) * y[1]];
}
