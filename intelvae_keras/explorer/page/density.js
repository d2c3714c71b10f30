// Densities on the line: that of the prior on y, and that of z = g(y), which follows from it.

const RANGE = 8; // of y, beyond which no prior of a page has mass that one would see
const STEP = 0.004;
const BINS = 240;

export const gaussian = (y, mean = 0, scale = 1) =>
  Math.exp(-0.5 * ((y - mean) / scale) ** 2) / (scale * Math.sqrt(2 * Math.PI));

// p(y) of a prior with one latent, as a function of y.
export function priorDensity(prior) {
  if (prior.type === "standard_normal") return (y) => gaussian(y);
  if (prior.type === "mixture") {
    return (y) => prior.weights.reduce((sum, weight, k) => sum + weight * gaussian(y, prior.means[k][0], prior.scales[k][0]), 0);
  }
  const { from, step, values } = prior.density; // of any other prior: a table, as Keras computed it
  return (y) => {
    const place = (y - from) / step;
    const cell = Math.floor(place);
    if (!(cell >= 0 && cell < values.length - 1)) return 0;
    return values[cell] + (place - cell) * (values[cell + 1] - values[cell]);
  };
}

// p(z): the mass of each small cell of y goes to where g sends the cell. So g may fall, fold or jump. Where g is
// flat, a whole part of the prior lands on one z: an atom, which has a probability and no density.
// Gives {points: [[z, p(z)]], atoms: [[z, probability]], reach}.
export function densityOfMapped(map, prior, shown) {
  const p = priorDensity(prior);
  const count = Math.round((2 * RANGE) / STEP);
  const z = Array.from({ length: count + 1 }, (_, index) => map([-RANGE + index * STEP])[0]);
  const inside = z.filter((_, index) => Math.abs(-RANGE + index * STEP) <= shown);
  const reach = Math.max(4, ...inside.map(Math.abs));
  const width = (2 * reach) / BINS;
  const mass = new Float64Array(BINS);
  const atoms = new Map();
  for (let cell = 0; cell < count; cell += 1) {
    const weight = p(-RANGE + (cell + 0.5) * STEP) * STEP;
    const [low, high] = [Math.min(z[cell], z[cell + 1]), Math.max(z[cell], z[cell + 1])];
    if (high - low < 1e-9) {
      atoms.set(low, (atoms.get(low) ?? 0) + weight);
      continue;
    }
    const first = Math.max(0, Math.floor((low + reach) / width));
    const last = Math.min(BINS - 1, Math.floor((high + reach) / width));
    for (let bin = first; bin <= last; bin += 1) {
      const left = Math.max(low, bin * width - reach);
      const right = Math.min(high, (bin + 1) * width - reach);
      if (right > left) mass[bin] += (weight * (right - left)) / (high - low);
    }
  }
  return {
    reach,
    points: Array.from(mass, (value, bin) => [(bin + 0.5) * width - reach, value / width]),
    atoms: [...atoms].filter(([, probability]) => probability > 0.001),
  };
}
