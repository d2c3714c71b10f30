// What several mappings need of the plane: directions, and sectors.

const TINY = 1e-12; // squared radius below which a direction is not defined

/** u = y / |y|, as [u1, u2, |y|]; the origin is sent to (1, 0). */
export function direction(y1, y2) {
  const squares = y1 * y1 + y2 * y2;
  if (squares < TINY) return [1, 0, 0];
  const radius = Math.sqrt(squares);
  return [y1 / radius, y2 / radius, radius];
}

/** The gradient by y of a function of u = y / |y|, from its gradient by u: (du - u (u . du)) / |y|. */
export function directionBack(u1, u2, radius, du1, du2) {
  if (radius === 0) return [0, 0];
  const along = u1 * du1 + u2 * du2;
  return [(du1 - u1 * along) / radius, (du2 - u2 * along) / radius];
}

/**
 * The sector of K equal ones that holds y, and how far y is from its edge.
 * The rays between the sectors leave the origin at 90 degrees + turn + k 360 / K.
 * @returns {object} part: k; u1, u2: the unit vector along the sector's middle; distance d to the nearest
 *   ray; n1, n2: the gradient of d by y, a unit vector
 */
export function sector(y1, y2, K, turn) {
  const size = 2 * Math.PI / K, start = Math.PI / 2 + turn;
  const turns = (Math.atan2(y2, y1) - start) / size;
  const whole = Math.floor(turns), part = ((whole % K) + K) % K;
  const middle = start + (part + 0.5) * size, u1 = Math.cos(middle), u2 = Math.sin(middle);
  const off = turns - whole - 0.5; // from the middle, in sectors: -1/2 .. 1/2
  const toEdge = (0.5 - Math.abs(off)) * size; // the angle to the nearest ray
  const radius = Math.hypot(y1, y2) + 1e-12;
  // More than a right angle away from the ray, its nearest point is its end, the origin.
  if (toEdge >= Math.PI / 2) return { part, u1, u2, distance: radius, n1: y1 / radius, n2: y2 / radius };
  const edge = middle + Math.sign(off) * size / 2, side = -Math.sign(off);
  return {
    part, u1, u2,
    distance: radius * Math.sin(toEdge),
    n1: -side * Math.sin(edge), n2: side * Math.cos(edge),
  };
}

/** [h, dh/dd] of the steep function h = tanh(d / width). */
export function steep(distance, width) {
  const height = Math.tanh(distance / width);
  return [height, (1 - height * height) / width];
}
