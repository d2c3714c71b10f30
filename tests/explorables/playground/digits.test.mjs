// A drawing as MNIST has its digits, and what is said of it: the parts that need no browser.

import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./settings.mjs";

const { SIDE, centreOfMass, digitOf } = await load("../explorers/digit_image.js");
const { verdictOf } = await load("../explorers/digit_verdict.js");

const ring = (x, y, r) => [Array.from({ length: 41 }, (_, k) => [x + 0.7 * r * Math.cos(k * Math.PI / 20), y + r * Math.sin(k * Math.PI / 20)])];
const six = (x, y, r) => [...ring(x, y, r), [[x - 0.7 * r, y], [x, y - 2.5 * r]]];
const ends = (pixels, axis) => {
  const inked = Array.from(pixels.keys()).filter((at) => pixels[at] > 0.5).map((at) => (axis ? Math.floor(at / SIDE) : at % SIDE));
  return Math.max(...inked) - Math.min(...inked) + 1;
};

test("no point is no digit, and a dot is a dot", () => {
  assert.equal(digitOf([]), null);
  assert.equal(digitOf([[]]), null);
  const dot = digitOf([[[0.9, 0.1]]]), all = dot.reduce((sum, value) => sum + value);
  assert.ok(Math.abs(all - Math.PI * 1.35 ** 2) < 0.6, `${all} pixels of ink`); // the area of the pen
});

test("a digit is 20 pixels long, its mass in the middle, its edges grey", () => {
  for (const strokes of [ring(0.5, 0.5, 0.3), six(0.4, 0.6, 0.15), [[[0.5, 0.1], [0.5, 0.9]]], [[[0.1, 0.2], [0.8, 0.3]]]]) {
    const pixels = digitOf(strokes), longer = Math.max(ends(pixels, 0), ends(pixels, 1));
    assert.ok(longer >= 19 && longer <= 21, `${longer} pixels long`);
    centreOfMass(pixels).forEach((at) => assert.ok(Math.abs(at - SIDE / 2) < 0.1, `mass at ${at}`));
    assert.ok(pixels.every((value) => value >= 0 && value <= 1));
    assert.ok(pixels.filter((value) => value > 0.05 && value < 0.95).length > 15);
    assert.ok(Math.max(...pixels) === 1);
  }
});

test("where and how large one draws makes no difference", () => {
  const one = digitOf(six(0.5, 0.6, 0.2)), other = digitOf(six(0.3, 0.5, 0.1));
  one.forEach((value, at) => assert.ok(Math.abs(value - other[at]) < 1e-6));
  const drawn = digitOf(ring(0.5, 0.5, 0.3)), less = drawn.reduce((sum, value, at) => sum + Math.abs(value - one[at]), 0);
  assert.ok(less > 20); // and what one draws does
});

test("what is said is what q's mass says, on either side of the gap", () => {
  const reads = Array.from({ length: 601 }, (_, index) => Number(index >= 300)); // 1s at the right
  const intel = { spec: { mapping: [{ type: "intervals", boundaries: [0] }], reads } }, ordinary = { spec: { mapping: [], reads } };
  const say = (mean, deviation, model = intel) => verdictOf("It", model, { mean, deviation });
  assert.match(say(-1, 0.5), /−1.00 ± 0.50: 97.7% of it lies left of the gap, on the side of the 0s\. .* reads as a 0/); // Φ(2)
  assert.match(say(0.3, 0.02), /over 99.9% of it lies right of the gap, on the side of the 1s\. .* reads as a 1/);
  assert.match(say(0.05, 0.05), /84.1% of it lies right.* 1s, 15.9% of it lies left.* 0s\. It cannot tell/); // Φ(1)
  assert.doesNotMatch(say(-1, 0.5, ordinary), /gap|side/);
  const swapped = { spec: { ...intel.spec, reads: reads.map((one) => 1 - one) } };
  assert.match(say(-1, 0.1, swapped), /left of the gap, on the side of the 1s\. .* reads as a 1/);
});
