// What a classifier reads in what a model of 0s and 1s draws at a y: from the table that the model came with.

import { number } from "../runner/dom.js";

const CERTAIN = 0.8; // below it, the classifier counts as unsure
const LOW = -3, STEP = 0.01; // of the table

export const isBlend = (one) => Math.max(one, 1 - one) < CERTAIN;

// The probability of a 1.
export function probability({ spec: { reads } }, y) {
  return reads[Math.min(Math.max(Math.round((y - LOW) / STEP), 0), reads.length - 1)];
}

export function reading(model, y) {
  const one = probability(model, y);
  const [digit, sure] = one > 0.5 ? [1, one] : [0, 1 - one];
  return isBlend(one) ? `reads as neither (${digit}: ${number(100 * sure, 0)}%)` : `reads as a ${digit} (${number(100 * sure, 0)}%)`;
}
