// Pointing at the pictures: a data point in x, a place in y, a sample; and drawing points of your own.

import { SAMPLES } from "./row.js";

/** @param {object} page  choose(selection), addPoint(point), drawing(): whether x is a drawing pad */
export function listen(row, page) {
  for (const key of ["x", "y", "samples"]) {
    const { canvas } = row.planes[key];
    let last = null;
    const at = (event) => {
      const { left, top, width } = canvas.getBoundingClientRect(), { reach } = row.planes[key];
      const place = (value) => Math.min(Math.max(value, -1), 1) * reach; // also when released outside
      return [place((event.clientX - left) / width * 2 - 1), place(1 - (event.clientY - top) / width * 2)];
    };
    const use = (event) => {
      const point = at(event);
      if (key === "y") page.choose({ y: point });
      else if (key === "x" && page.drawing()) {
        if (last && Math.hypot(point[0] - last[0], point[1] - last[1]) < 0.05) return;
        last = point;
        page.addPoint(point);
      } else if (key === "x") page.choose(nearest(row.data.x, row.data.n, point, (x) => ({ x })));
      else if (row.samples) page.choose(nearest(row.samples.x, SAMPLES, point, (x, r) => ({ y: Array.from(row.samples.y.subarray(2 * r, 2 * r + 2)) })));
    };
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      last = null;
      if (event.pointerType === "mouse" || page.drawing()) canvas.setPointerCapture(event.pointerId);
      use(event);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (event.buttons & 1 && key !== "samples") use(event);
    });
  }
}

function nearest(pairs, n, [a, b], make) {
  let best = -1, least = Infinity;
  for (let r = 0; r < n; r++) {
    const distance = (pairs[2 * r] - a) ** 2 + (pairs[2 * r + 1] - b) ** 2;
    if (distance < least) [best, least] = [r, distance];
  }
  return best < 0 ? null : make(Array.from(pairs.subarray(2 * best, 2 * best + 2)), best);
}
