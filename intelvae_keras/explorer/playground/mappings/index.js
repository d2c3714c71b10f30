// Every g by its name. A new one is a file with `forward` (z = g(y)) and `backward` (dy = J^T dz), and a line here.

import { Circle } from "./circle.js";
import { Clusters } from "./clusters.js";
import { FigureEight } from "./figure-eight.js";
import { None } from "./none.js";
import { Star } from "./star.js";
import { TwoRings } from "./two-rings.js";

/** `width`: what serves this small network. In a narrower zone codes get stuck, and two arms of a star share a part. */
export const MAPPINGS = {
  none: { Mapping: None, title: "none (z = y)", uses: [] },
  circle: { Mapping: Circle, title: "circle", uses: [] },
  eight: { Mapping: FigureEight, title: "figure eight", uses: [] },
  clusters: { Mapping: Clusters, title: "clusters", uses: ["K", "strength", "width", "angle"], width: 0.01 },
  star: { Mapping: Star, title: "star", uses: ["K", "width", "angle"], width: 0.1 },
  rings: { Mapping: TwoRings, title: "two rings", uses: ["width"], width: 0.05 },
};

/** g from its name and its numbers: K, strength, width, angle (degrees), fold. */
export function createMapping(name, { K, strength, width, angle = 0, fold = 1 }) {
  return new MAPPINGS[name].Mapping({ K, strength, width, fold, turn: angle * Math.PI / 180 });
}
