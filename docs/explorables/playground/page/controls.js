// The controls: native selects and ranges, so that keys, touch and screen readers work as everywhere.

import { DATA } from "../model/data.js";
import { MAPPINGS } from "../mappings/index.js";
import { element, setText } from "../../runner/dom.js";

const titles = (table) => Object.entries(table).map(([value, { title }]) => [value, title]);
const log = { toRange: (value) => Math.log10(value), fromRange: (at) => Number((10 ** at).toPrecision(2)) };

const GROUPS = [
  { title: "Data", controls: [
    { name: "data", label: "data", options: titles(DATA) },
    { name: "parts", label: "clusters or arms", range: [2, 9, 1], shown: ({ data }) => data === "clusters" || data === "star" },
    { name: "noise", label: "noise", range: [0, 0.5, 0.01] },
    { name: "n", label: "points", options: [[20, "20"], [100, "100"], [500, "500"], [5000, "5,000"], [20000, "20,000"]] },
  ] },
  { title: "InteL-VAE: the mapping g", controls: [
    { name: "g", label: "g", options: titles(MAPPINGS) },
    { name: "K", label: "K", range: [2, 9, 1], uses: true },
    { name: "strength", label: "strength", range: [0, 5, 0.1], uses: true },
    { name: "width", label: "width", range: [-3, 0, 0.05], ...log, uses: true },
    { name: "angle", label: "angle (°)", range: [-90, 90, 1], uses: true },
  ] },
  { title: "Ordinary VAE, and training", folds: true, controls: [
    { name: "prior", label: "ordinary prior", options: [["normal", "N(0, I)"], ["mixture", "learned, of 10"]] },
    { name: "covariance", label: "posterior", options: [["full", "full"], ["diagonal", "diagonal"]] },
    { name: "warmup", label: "KL warm-up", range: [0, 0.8, 0.05] },
    { name: "start", label: "first scale of q", options: [[0.1, "0.1"], [0.3, "0.3"], [1, "1"]] },
    { name: "steps", label: "steps", options: [[1000, "1,000"], [2000, "2,000"], [4000, "4,000"], [8000, "8,000"]] },
    { name: "batch", label: "batch", options: [[32, "32"], [64, "64"], [128, "128"], [256, "256"]] },
    { name: "speed", label: "speed", options: [["slow", "slow"], ["normal", "normal"], ["full", "full"]] },
  ] },
];

/** Builds all controls; calls change(name, value). Returns { element, update(state) }. */
export function buildControls(change) {
  const updates = [];
  const groups = GROUPS.map(({ title, folds, controls }) => {
    const lines = controls.map((control) => build(control, change, updates));
    if (!folds) return element("fieldset", { className: "pg-group" }, element("legend", {}, title), ...lines);
    // On a phone, what is seldom needed gives way to the pictures.
    return element("details", { className: "pg-group", open: matchMedia("(min-width: 60rem)").matches }, element("summary", {}, title), ...lines);
  });
  return {
    element: element("div", { className: "pg-controls" }, ...groups),
    update: (state) => updates.forEach((update) => update(state)),
  };
}

function build(control, change, updates) {
  const { name, label, options, range, toRange = Number, fromRange = Number, shown, uses } = control;
  const output = options ? null : element("output", {});
  let input;
  if (options) {
    input = element("select", { "aria-label": label }, ...options.map(([value, text]) => element("option", { value: String(value) }, text)));
    const numeric = typeof options[0][0] === "number";
    input.addEventListener("change", () => change(name, numeric ? Number(input.value) : input.value));
  } else {
    const [min, max, step] = range;
    input = element("input", { type: "range", min, max, step, "aria-label": label });
    input.addEventListener("input", () => change(name, fromRange(Number(input.value))));
  }
  const line = element("label", { className: "pg-control" }, element("span", {}, label, " ", output), input);
  updates.push((state) => {
    const value = state[name];
    if (options) select(input, String(value));
    else {
      input.value = toRange(value);
      input.setAttribute("aria-valuetext", `${label} ${value}`);
      setText(output, String(value));
    }
    const visible = uses ? MAPPINGS[state.g].uses.includes(name) : shown?.(state) ?? true;
    line.hidden = !visible;
  });
  return line;
}

function select(input, value) {
  // A number that came by the address may be none of the list.
  if (![...input.options].some((option) => option.value === value)) input.append(element("option", { value }, value));
  input.value = value;
}
