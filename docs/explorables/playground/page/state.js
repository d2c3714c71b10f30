// What the page is set to, and the same in its address, so that a link shows what you see.

import { DATA } from "../model/data.js";
import { MAPPINGS } from "../mappings/index.js";
import { MISSIONS } from "./missions.js";

const choice = (values, first) => ({ first, read: (text) => (values.includes(text) ? text : first), write: String });
const number = (first, low, high, whole = false) => ({
  first, low, high,
  read(text) {
    const value = text.trim() === "" ? NaN : Number(text);
    if (!Number.isFinite(value)) return first;
    const inside = Math.min(Math.max(value, low), high);
    return whole ? Math.round(inside) : inside;
  },
  write: (value) => String(Number(value.toPrecision(3))),
});
const whole = (first, low, high) => ({ ...number(first, low, high, true), write: String });

/** Each setting: its value at first, and how the address spells it. */
export const SETTINGS = {
  data: choice(Object.keys(DATA), "circle"),
  parts: whole(5, 2, 9), // clusters, or arms of the star
  noise: number(0.05, 0, 0.5),
  n: whole(5000, 20, 20000),
  points: { first: [], read: readPoints, write: writePoints }, // drawn ones
  g: choice(Object.keys(MAPPINGS), "circle"),
  K: whole(5, 2, 9),
  strength: number(1, 0, 5),
  width: number(0.01, 0.001, 1),
  angle: number(0, -90, 90),
  prior: choice(["normal", "mixture"], "normal"), // of the ordinary row
  covariance: choice(["full", "diagonal"], "full"),
  warmup: number(0.4, 0, 0.8),
  start: number(0.1, 0.01, 1), // scale of q(y|x) before training
  steps: whole(4000, 100, 20000),
  batch: whole(64, 8, 256),
  seed: whole(1, 1, 999999),
  speed: choice(["slow", "normal", "full"], "full"),
  mission: choice(["", ...Object.keys(MISSIONS)], ""),
};

export const defaults = () => Object.fromEntries(Object.entries(SETTINGS).map(([name, { first }]) => [name, first]));

/** The mission that the page opens in. */
export const OPENING = Object.keys(MISSIONS)[0];

/** What a mission starts from; without one, the defaults. */
export const startOf = (mission) => ({ ...defaults(), ...MISSIONS[mission]?.setting, mission });

/** The part of the address after "#": the mission, and what differs from its start. Without one the page opens. */
export function toAddress(state) {
  const parts = new URLSearchParams(), start = startOf(state.mission);
  if (state.mission) parts.set("mission", state.mission);
  for (const [name, { write }] of Object.entries(SETTINGS)) {
    const text = write(state[name]);
    if (text !== write(start[name])) parts.set(name, text);
  }
  const text = parts.toString();
  return text === `mission=${OPENING}` ? "" : text || "mission=";
}

/** The state from an address; what is missing or makes no sense is the default. */
export function fromAddress(text) {
  const parts = new URLSearchParams(text.replace(/^#/, ""));
  const opening = [...parts.keys()].some((name) => name in SETTINGS) ? "" : OPENING;
  const state = startOf(SETTINGS.mission.read(parts.get("mission") ?? opening));
  for (const [name, { read }] of Object.entries(SETTINGS)) {
    if (parts.has(name)) state[name] = read(parts.get(name));
  }
  return state;
}

/** The state after a control was moved. Data and g come with the recipe that serves them. */
export function chosen(state, name, value) {
  const after = { ...state, [name]: value };
  if (name === "data") Object.assign(after, { noise: DATA[value].noise, batch: DATA[value].batch ?? 64, steps: DATA[value].steps ?? 4000 });
  if (name === "g") after.width = MAPPINGS[value].width ?? after.width;
  return after;
}

/** Whether an address says anything of the settings: one of a heading of the page does not. */
export function holdsSettings(text) {
  const names = [...new URLSearchParams(text.replace(/^#/, "")).keys()];
  return !names.length || names.some((name) => name in SETTINGS);
}

/** Whether the new state needs a training from the start, or goes on with the weights as they are. */
export function needsReset(before, after) {
  const fresh = ["data", "parts", "noise", "n", "points", "prior", "covariance", "start", "batch", "seed"];
  return fresh.some((name) => SETTINGS[name].write(before[name]) !== SETTINGS[name].write(after[name]));
}

/** What Training takes, for one of the two rows. */
export function trainingSettings(state, row) {
  const { covariance, warmup, start, steps, batch, seed, K, strength, width, angle } = state;
  const ordinary = row === "ordinary";
  return {
    hidden: HIDDEN, covariance, warmup, steps, batch, seed, startScale: start,
    prior: ordinary ? state.prior : "normal",
    g: { name: ordinary ? "none" : state.g, K, strength, width, angle },
  };
}

export const HIDDEN = 32; // units of each hidden layer

export const dataOptions = ({ noise, parts, points }) => ({ noise, parts, points });

// Drawn points: each coordinate in [-1.5, 1.5] is one of 4096 steps, two characters; at most 300 points.
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
export const MOST_POINTS = 300, EDGE = 1.5;

function writePoints(points) {
  const letters = (value) => {
    const step = Math.round((Math.min(Math.max(value, -EDGE), EDGE) + EDGE) / (2 * EDGE) * 4095);
    return ALPHABET[step >> 6] + ALPHABET[step & 63];
  };
  return points.slice(0, MOST_POINTS).map(([a, b]) => letters(a) + letters(b)).join("");
}

function readPoints(text) {
  const points = [];
  for (let at = 0; at + 4 <= text.length && points.length < MOST_POINTS; at += 4) {
    const [a, b, c, d] = [...text.slice(at, at + 4)].map((letter) => ALPHABET.indexOf(letter));
    if (Math.min(a, b, c, d) < 0) return [];
    points.push([a * 64 + b, c * 64 + d].map((step) => step / 4095 * 2 * EDGE - EDGE));
  }
  return points;
}
