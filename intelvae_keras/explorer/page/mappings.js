// Mappings z = g(y), as `page_mappings.py` wrote them. A step's numbers (strength, width) are read at each call,
// so that a slider may change them.

import { figureEight, twoRings, unitDirection } from "./directions.js";
import { network, runsLayer, vector } from "./layers.js";
import { clusters, intervals, star } from "./sectors.js";

// The first two latents through `plane`, the others unchanged.
const onPlane = (plane) => (step) => (y) => [...plane(y.slice(0, 2), step), ...y.slice(2)];

const MAKE = {
  intervals: (step) => ([y]) => [intervals(y, step)],
  sectors: onPlane(clusters),
  star: onPlane(star),
  two_rings: onPlane(twoRings),
  circle: onPlane(unitDirection),
  figure_eight: onPlane(figureEight),
  sphere: () => unitDirection,
  torus: () => (y) => y.flatMap((_, index) => (index % 2 ? [] : unitDirection(y.slice(index, index + 2)))),
  threshold: ({ threshold, scale }) => (y) =>
    y.map((value) => scale * Math.sign(value) * Math.max(Math.abs(value) - threshold, 0)),
  sparse: (step, tensors) => {
    const gates = network(step.gates, tensors);
    return Object.assign((y) => gatedBy(gates, y).map((gate, index) => gate * y[index]), {
      gates: (y) => gatedBy(gates, y),
    });
  },
  hierarchical: (step, tensors) => {
    const networks = step.networks.map((steps) => network(steps, tensors));
    return (y) => chain(networks, step.groups, y);
  },
};

const gatedBy = (gates, y) => Array.from(gates(vector(Float64Array.from(y))).values);

function chain(networks, groups, y) {
  let [start, before] = [groups[0], y.slice(0, groups[0])];
  const z = [...before];
  networks.forEach((run, index) => {
    const group = y.slice(start, start + groups[index + 1]);
    before = Array.from(run(vector(Float64Array.from([...before, ...group]))).values);
    z.push(...before);
    start += groups[index + 1];
  });
  return z;
}

// A function from the array y to the array z; `gates(y)` too, where there is a sparse mapping.
export function mapping(steps, tensors) {
  const functions = steps.map((step) => {
    if (MAKE[step.type]) return MAKE[step.type](step, tensors);
    if (!runsLayer(step)) throw new Error(`This page cannot run the mapping ${step.type}.`);
    const layer = network([step], tensors);
    return (y) => Array.from(layer(vector(Float64Array.from(y))).values);
  });
  const run = (y) => functions.reduce((value, each) => each(value), Array.from(y));
  const sparse = functions.findIndex((each) => each.gates);
  if (sparse >= 0) {
    run.gates = (y) => functions[sparse].gates(functions.slice(0, sparse).reduce((v, f) => f(v), Array.from(y)));
  }
  return run;
}
