// Every g by its name. A new one takes its z = g(y) from the runner, and adds its gradient; then a line here.

import { Circle, FigureEight, TwoRings } from "./directions.js";
import { None } from "./none.js";
import { Clusters, Star } from "./sectors.js";

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
  return new MAPPINGS[name].Mapping({ K, strength, width, fold, angle });
}
