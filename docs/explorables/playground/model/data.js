// The data: points of the plane, as the package's toy sets have them (intelvae_keras.datasets), a blob, or your own.
//
// Each lies along a shape in the unit disc; then noise e ~ N(0, noise^2 I) is added.

const { PI, cos, sin, floor } = Math;

/** A point without its noise, from two uniform numbers u and v: [x1, x2, hue], the hue in [0, 1) for its colour. */
const SHAPES = {
  circle: (u) => [cos(2 * PI * u), sin(2 * PI * u), u],
  eight: (u) => [cos(2 * PI * u), sin(2 * PI * u) * cos(2 * PI * u), u],
  clusters(u, v, { parts }) {
    const j = floor(u * parts), angle = 2 * PI * j / parts;
    return [cos(angle), sin(angle), j / parts];
  },
  star(u, v, { parts }) {
    const j = floor(u * parts), angle = 2 * PI * j / parts + PI / 2;
    return [v * cos(angle), v * sin(angle), j / parts];
  },
  rings(u, v) {
    const outer = floor(2 * u), r = (1 + outer) / 2;
    return [r * cos(2 * PI * v), r * sin(2 * PI * v), outer ? v / 2 + 0.5 : v / 2];
  },
  blob: () => [0, 0, 0.6],
  drawn(u, v, { points }) {
    const j = floor(u * points.length);
    return [...points[j], j / points.length];
  },
};

export const DATA = {
  circle: { title: "circle", noise: 0.05 },
  eight: { title: "figure eight", noise: 0.05 },
  clusters: { title: "clusters", noise: 0.1, batch: 128, steps: 6000 },
  star: { title: "star", noise: 0.03, batch: 128, steps: 6000 },
  rings: { title: "two rings", noise: 0.03 },
  blob: { title: "a blob", noise: 0.5 },
  drawn: { title: "draw your own", noise: 0.03 },
};

/**
 * Draws points: { x: Float64Array(2 n), hue: Float32Array(n), n }.
 * @param {string} name  one of DATA
 * @param {object} options  noise; parts, of clusters and star; points, of drawn: [[x1, x2], ...]
 */
export function drawData(name, options, n, random) {
  const x = new Float64Array(2 * n), hue = new Float32Array(n);
  if (name === "drawn" && !options.points.length) return { x: new Float64Array(0), hue, n: 0 };
  for (let r = 0; r < n; r++) {
    const shape = SHAPES[name](random.uniform(), random.uniform(), options);
    x[2 * r] = shape[0] + options.noise * random.normal();
    x[2 * r + 1] = shape[1] + options.noise * random.normal();
    hue[r] = shape[2];
  }
  return { x, hue, n };
}
