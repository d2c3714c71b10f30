// What is said of a drawing: by the mass of q(y|x) on each side of the gap, and by what is drawn where it lies.

import { number } from "../runner/dom.js";
import { cumulative } from "./gaussian.js";
import { probability, reading } from "./reading.js";

const SURE = 0.975; // so much of q on one side

// q(y|x) of one latent, as the runner gives it: its mean and its standard deviation.
export const posteriorOf = ({ mean, factor }) => ({ mean: mean[0], deviation: factor[0][0] });

// Where g tears the line: null for an ordinary VAE.
export const gapOf = ({ spec: { mapping } }) => mapping.find(({ type }) => type === "intervals")?.boundaries[0] ?? null;

export const massLeft = ({ mean, deviation }, gap) => cumulative((gap - mean) / deviation);

export function verdictOf(name, model, q) {
  const gap = gapOf(model);
  const at = `${name}: q(y|x) is ${number(q.mean, 2)} ± ${number(q.deviation, 2)}`;
  const drawn = `What is drawn there ${reading(model, q.mean)}.`;
  if (gap === null) return `${at}. ${drawn}`;
  const left = massLeft(q, gap);
  const part = (side, mass) => {
    const digit = Math.round(probability(model, side === "left" ? gap - 1 : gap + 1));
    return `${percent(mass)} of it lies ${side} of the gap, on the side of the ${digit}s`;
  };
  const [more, less] = left > 0.5 ? [part("left", left), part("right", 1 - left)] : [part("right", 1 - left), part("left", left)];
  return Math.max(left, 1 - left) < SURE ? `${at}: ${more}, ${less}. It cannot tell. ${drawn}` : `${at}: ${more}. ${drawn}`;
}

export const percent = (part) =>
  part > 0.9995 ? "over 99.9%" : part < 0.0005 ? "under 0.1%" : `${number(100 * part, 1)}%`;
