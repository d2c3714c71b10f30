// Random numbers from a seed: the same seed gives the same numbers at each visit, on every machine.

// Uniform and normal numbers. The bits come from sfc32 (Chris Doty-Humphrey, "PractRand"), small and well tested.
export function generator(seed) {
  let [a, b, c, counter, spare] = [seed | 0, 0x9e3779b9, 0x243f6a88, 1, null];

  function bits() {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + t) | 0;
    return t >>> 0;
  }
  for (let i = 0; i < 15; i += 1) bits(); // the first numbers of close seeds are alike

  // Uniform on the open interval (0, 1).
  const uniform = () => (bits() + 0.5) / 4294967296;

  // N(0, 1), by Box and Muller: sqrt(-2 log u) (cos 2 pi v, sin 2 pi v).
  function normal() {
    if (spare !== null) {
      const value = spare;
      spare = null;
      return value;
    }
    const [radius, angle] = [Math.sqrt(-2 * Math.log(uniform())), 2 * Math.PI * uniform()];
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  return { uniform, normal };
}

export function normals(seed, size) {
  const { normal } = generator(seed);
  return Float64Array.from({ length: size }, () => normal());
}
