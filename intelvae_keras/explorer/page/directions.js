// Mappings of a direction, y / |y|. Steep functions magnify rounding, so `round` is float32 as in Keras; what
// differentiates them rounds nothing.

export const TINY = 1e-12; // squared radius below which a direction is not defined in float32

// y / |y|; the origin is sent to (1, 0, ...).
export function unitDirection(y) {
  const squared = y.reduce((sum, value) => sum + value * value, 0);
  if (squared < TINY) return y.map((_, index) => (index === 0 ? 1 : 0));
  const radius = Math.sqrt(squared);
  return y.map((value) => value / radius);
}

// (cos t, sin t cos t), t the angle of y.
export function figureEight(y) {
  const [cosine, sine] = unitDirection(y);
  return [cosine, sine * cosine];
}

// r y / |y|: the radius r is about `inner` for y inside of the median, about `outer` beyond.
export function twoRings(y, { inner, outer, width, median }, round = Math.fround) {
  const radius = round(Math.sqrt(y[0] * y[0] + y[1] * y[1] + TINY));
  const ring = (outer + inner) / 2 + ((outer - inner) / 2) * Math.tanh(round(radius - median) / width);
  return unitDirection(y).map((value) => ring * value);
}
