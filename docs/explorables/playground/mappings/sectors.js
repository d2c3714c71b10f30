// Derivatives of the mappings of K equal sectors. u: along the middle of y's sector;  d: distance to the nearest ray.

import { clusters, nearestRay, sector, star, steep } from "../../runner/sectors.js";
import { Pointwise, exact } from "./pointwise.js";

/** K equal sectors as the runner reads them; the rays between them at 90 degrees + angle + k 360 / K. */
export function equalSectors(K, angle) {
  const size = 2 * Math.PI / K, first = Math.PI / 2 + angle * Math.PI / 180;
  const each = Array.from({ length: K }, (_, k) => k), at = (turn) => [Math.cos(turn), Math.sin(turn)];
  return {
    first_angle: first,
    rays: each.map((k) => at(first + k * size)),
    units: each.map((k) => at(first + (k + 0.5) * size)),
    turns: each.slice(1).map((k) => k / K),
    turn: [1, 0], // the rays are turned already
  };
}

/** The sector that holds y. */
export const partOf = (y, sectors) => sector(y, sectors, exact);

/** u, the height and slope of h = tanh(d / width) at y, and grad d, a unit vector. */
function edge(y, mapping) {
  const { distance, ray } = nearestRay(y, mapping, exact), height = steep(distance, mapping);
  let normal = [y[0] / distance, y[1] / distance]; // from the origin, where all rays end
  if (ray) {
    const side = Math.sign(y[1] * ray[0] - y[0] * ray[1]);
    normal = [-side * ray[1], side * ray[0]];
  }
  return { unit: mapping.units[partOf(y, mapping)], height, slope: (1 - height * height) / mapping.width, normal };
}

/** K parts with gaps between them. A step of about `width` in y becomes a gap of about 2 strength sin(pi / K) in z. */
export class Clusters extends Pointwise {
  constructor({ K, strength, width, angle }) {
    super({ ...equalSectors(K, angle), strength, width, power: null });
  }

  value(y) {
    return clusters(y, this, exact);
  }

  /** With s = dz . u:   dy = dz + strength s h'(d) grad d. */
  gradient(y, dz) {
    const { unit, slope, normal } = edge(y, this);
    const s = this.strength * slope * (dz[0] * unit[0] + dz[1] * unit[1]);
    return [dz[0] + s * normal[0], dz[1] + s * normal[1]];
  }
}

/** K rays from the origin. Training folds the plane slowly, from fold 0 to 1. */
export class Star extends Pointwise {
  constructor({ K, width, angle, fold }) {
    super({ ...equalSectors(K, angle), width, fold, power: null });
  }

  value(y) {
    return star(y, this, exact);
  }

  /** With s = dz . u:   dy = (1 - fold) dz + fold s (h(d) u + (y . u) h'(d) grad d). */
  gradient(y, dz) {
    const { unit, height, slope, normal } = edge(y, this);
    const s = this.fold * (dz[0] * unit[0] + dz[1] * unit[1]), along = (y[0] * unit[0] + y[1] * unit[1]) * slope;
    return [0, 1].map((d) => (1 - this.fold) * dz[d] + s * (height * unit[d] + along * normal[d]));
  }
}
