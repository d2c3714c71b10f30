// Mappings z = g(y), as `maps.py` wrote them. A step's numbers (strength, width) are read at each call,
// so that a slider may change them.

import { network, runsLayer, vector } from "./layers.js";

const TINY = 1e-12; // squared radius below which a direction is not defined in float32
const POWER_OFFSET = 1e-4;
const float32 = Math.fround; // steep functions magnify rounding: round where Keras does

function steep(offset, { power, width }) {
  if (power === null) return Math.tanh(offset / width);
  return Math.sign(offset) * ((Math.abs(offset) + POWER_OFFSET) ** power - POWER_OFFSET ** power);
}

function sector([right, up], { first_angle: first, turns }) {
  const turn = (Math.atan2(up, right) - first) / (2 * Math.PI);
  const fraction = turn - Math.floor(turn);
  return turns.reduce((count, end) => count + (fraction >= end ? 1 : 0), 0);
}

function distanceToRays([right, up], { rays }) {
  const radius = Math.sqrt(right * right + up * up + TINY);
  let nearest = Infinity;
  for (const [cosine, sine] of rays) {
    const along = right * cosine + up * sine;
    const across = Math.abs(float32(float32(up * cosine) - float32(right * sine)));
    nearest = Math.min(nearest, along > 0 ? across : radius);
  }
  return nearest;
}

function unitDirection(values) {
  const squared = values.reduce((sum, value) => sum + value * value, 0);
  if (squared < TINY) return values.map((_, index) => (index === 0 ? 1 : 0));
  return values.map((value) => value / Math.sqrt(squared));
}

// The first two latents through `plane`, the others unchanged.
const onPlane = (plane) => (step) => (y) => [...plane(y.slice(0, 2), step), ...y.slice(2)];

const MAKE = {
  intervals: (step) => ([y]) => [
    y + step.strength * step.boundaries.reduce((sum, b) => sum + steep(float32(y - b), step), 0),
  ],
  sectors: onPlane((y, step) => {
    const push = step.strength * steep(distanceToRays(y, step), step);
    const unit = step.units[sector(y, step)];
    return [y[0] + push * unit[0], y[1] + push * unit[1]];
  }),
  star: onPlane((y, step) => {
    const unit = step.units[sector(y, step)];
    const along = y[0] * unit[0] + y[1] * unit[1];
    const star = step.fold * along * Math.tanh(distanceToRays(y, step) / step.width);
    return [star * unit[0] + (1 - step.fold) * y[0], star * unit[1] + (1 - step.fold) * y[1]];
  }),
  two_rings: onPlane((y, { inner, outer, width, median }) => {
    const radius = float32(Math.sqrt(y[0] * y[0] + y[1] * y[1] + TINY));
    const ring = (outer + inner) / 2 + ((outer - inner) / 2) * Math.tanh(float32(radius - median) / width);
    return unitDirection(y).map((value) => ring * value);
  }),
  circle: onPlane(unitDirection),
  figure_eight: onPlane((y) => {
    const [cosine, sine] = unitDirection(y);
    return [cosine, sine * cosine];
  }),
  sphere: () => unitDirection,
  torus: () => (y) => y.flatMap((_, index) => (index % 2 ? [] : unitDirection(y.slice(index, index + 2)))),
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
