// Random numbers from a seed: the same seed gives the same numbers on every machine.

/**
 * A generator of uniform and normal numbers.
 * The bits come from sfc32 (Chris Doty-Humphrey, "PractRand"), a small and well-tested generator.
 */
export function generator(seed) {
  let a = seed | 0, b = 0x9e3779b9, c = 0x243f6a88, counter = 1, spare = NaN;

  function bits() {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t | 0;
    return t >>> 0;
  }
  for (let i = 0; i < 15; i++) bits(); // the first numbers of close seeds are alike

  /** Uniform on the open interval (0, 1). */
  const uniform = () => (bits() + 0.5) / 4294967296;

  /** Normal, N(0, 1), by Box and Muller: sqrt(-2 log u) (cos 2 pi v, sin 2 pi v). */
  function normal() {
    if (!Number.isNaN(spare)) {
      const value = spare;
      spare = NaN;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(uniform())), angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** Fills an array, or its first `count` entries, with N(0, 1). */
  function fillNormal(array, count = array.length) {
    for (let i = 0; i < count; i++) array[i] = normal();
    return array;
  }

  /** Shuffles an array in place (Fisher and Yates). */
  function shuffle(array) {
    for (let i = array.length - 1; i > 0; i--) {
      const j = Math.floor(uniform() * (i + 1)), kept = array[i];
      array[i] = array[j];
      array[j] = kept;
    }
    return array;
  }

  return { uniform, normal, fillNormal, shuffle };
}
