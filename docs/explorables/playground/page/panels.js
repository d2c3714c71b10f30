// The four pictures of a row: data x, codes y, z = g(y), new samples.

import { COMPONENTS } from "../model/mixture.js";
import { encode } from "../model/measures.js";
import { equalSectors } from "../mappings/sectors.js";
import { Plane } from "./drawing.js";
import { SAMPLES, SHOWN } from "./row.js";

const LINES = 13, PER_LINE = 241; // of y's grid
const GRID = makeGrid();

function makeGrid() {
  const lines = [];
  for (let i = 0; i < LINES; i++) {
    const at = -3 + 6 * i / (LINES - 1), across = new Float64Array(2 * PER_LINE), up = new Float64Array(2 * PER_LINE);
    for (let j = 0; j < PER_LINE; j++) {
      const along = -3 + 6 * j / (PER_LINE - 1);
      across.set([along, at], 2 * j);
      up.set([at, along], 2 * j);
    }
    lines.push(across, up);
  }
  return lines;
}

/** Draws one picture of a row. @param {object} selection  null, { y } or { x } */
export function drawPanel(row, key, theme, selection) {
  const plane = row.planes[key];
  if (key === "z") plane.reach = row.zReach();
  plane.begin(theme);
  const chosen = selection?.x && row.data.n ? row.posteriorOf(selection.x) : null;
  const probe = selection?.y ? row.probe(selection.y) : null;
  PANELS[key](row, plane, theme, { selection, chosen, probe });
}

const PANELS = {
  x(row, plane, theme, { selection, chosen, probe }) {
    plane.points(row.data.x, Math.min(row.data.n, 500), row.data.hue);
    if (chosen) plane.crosses(pairs(chosen.decoded), theme.mark, 2.5);
    if (selection?.x) plane.mark(...selection.x);
    if (probe) plane.mark(...probe.x);
  },

  y(row, plane, theme, { selection, chosen }) {
    drawPrior(row, plane, theme);
    drawCuts(row, plane, theme);
    const codes = codesOf(row);
    if (codes) plane.points(codes.y, codes.n, row.data.hue);
    if (chosen) {
      plane.curve(chosen.ellipse, chosen.ellipse.length / 2, theme.mark, 2);
      plane.mark(...chosen.mean, 3);
    }
    if (selection?.y) plane.mark(...selection.y);
  },

  z(row, plane, theme, { chosen, probe }) {
    const image = new Float64Array(2 * PER_LINE), { mapping } = row.model;
    for (const line of GRID) {
      mapping.forward(line, PER_LINE, image);
      plane.curve(image, PER_LINE, theme.line, 0.8, 0.5);
    }
    const codes = codesOf(row);
    if (codes) plane.points(codes.z, codes.n, row.data.hue);
    if (chosen) plane.curve(chosen.image, chosen.image.length / 2, theme.mark, 2.5, 0.8);
    if (probe) plane.mark(...probe.z);
  },

  samples(row, plane, theme, { probe }) {
    if (!row.samples) return;
    const { x, hue } = row.samples, on = [], hues = [], off = [];
    for (let r = 0; r < SAMPLES; r++) {
      const point = [x[2 * r], x[2 * r + 1]];
      if (row.offData.test(...point)) off.push(point);
      else {
        on.push(...point);
        hues.push(hue[r]);
      }
    }
    plane.points(on, hues.length, hues, 2.2);
    plane.crosses(off, theme.off);
    if (probe) plane.mark(...probe.x);
  },
};

function codesOf(row) {
  return row.data.n ? encode(row.model, row.data, SHOWN, row.noise) : null;
}

/** Rings that hold 39, 86 and 99% of N(0, I); or one ellipse for each part of the mixture. */
function drawPrior(row, plane, theme) {
  const { prior } = row.model;
  const ring = (m1, m2, s1, s2, s, width) => {
    const line = Plane.ellipse(m1, m2, s1, 0, s2, s);
    plane.curve(line, line.length / 2, theme.line, width);
  };
  if (!prior.means) return [1, 2, 3].forEach((s) => ring(0, 0, 1, 1, s, 1));
  prior.refresh();
  for (let k = 0; k < COMPONENTS; k++) {
    const width = Math.min(0.5 + 8 * prior.proportions[k], 2.5);
    ring(prior.means[2 * k], prior.means[2 * k + 1], prior.scales[2 * k], prior.scales[2 * k + 1], 2, width);
  }
}

/** The rays at which clusters and star cut the plane. */
function drawCuts(row, plane, theme) {
  const { name, K, angle } = row.training.g;
  if (name !== "clusters" && name !== "star") return;
  for (const [a, b] of equalSectors(K, angle).rays) plane.curve([0, 0, 4 * a, 4 * b], 2, theme.off, 1.2);
}

const pairs = (flat) => Array.from({ length: flat.length / 2 }, (_, r) => [flat[2 * r], flat[2 * r + 1]]);
