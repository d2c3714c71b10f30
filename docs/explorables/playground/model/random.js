// Random numbers from a seed, for training: also by the array, and in a new order.

import { generator as numbers } from "../../runner/random.js";

export function generator(seed) {
  const { uniform, normal } = numbers(seed);

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
