// What the reader finds in "Tear the plane", in plain words, once it has been seen.

import { number } from "../runner/dom.js";
import { verdict } from "./question.js";

const RIGHT = 1;
const NEAR = 0.35; // so near has y come to the origin

const HINTS = {
  circle: "Drag y slowly through the origin, and watch x.",
  "circle-vae": "Drag y slowly through the origin, and watch x.",
  "circle-mixture": "The dashed ellipses are the learned prior. Drag y to where there are none.",
  clusters5: "Drag y around the origin, across the five cuts.",
  star: "Drag y around the origin, across the five cuts, then outwards.",
};

export const hint = (key) => HINTS[key];

// Null, as long as the reader has not seen it.
export function sentence({ key, nearest, inmost, far, answer, fit }) {
  if (nearest > NEAR) return null;
  const centre = number(inmost, 2);
  const draws = `${far} of its 200 draws lie far from the data shown, and log p(x) of test data is ${number(fit, 2)} nats`;
  return {
    circle:
      inmost > 0.6
        ? `${verdict(answer, RIGHT)}Your y has passed the origin, and x never came nearer to the centre than ${centre}. ` +
          `The hole holds for every y, since |z| = 1 for every y. Here ${draws}. Now look at the ordinary VAE and the learned prior.`
        : `With g only a part of the way, x came within ${centre} of the centre: the hole is closed. Turn the strength up again.`,
    "circle-vae":
      `Here z = y, and x came within ${centre} of the centre: there is no hole in z, so some y must land in the ring's. ` +
      `${draws[0].toUpperCase()}${draws.slice(1)}.`,
    "circle-mixture":
      `The learned prior fits the density: ${draws}. But only its mass avoids the hole. ` +
      `At your y the decoder drew x within ${centre} of the centre: codes may lie anywhere, and nothing keeps the hole open.`,
    clusters5: `Between two parts x jumps, since z jumps; ${draws}. Turn the strength down to 0, and the clusters are joined again.`,
    star: `All rays of z meet at the origin, and so do those of x; ${draws}. Turn the strength down, and the plane unfolds.`,
  }[key];
}
