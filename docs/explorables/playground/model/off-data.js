// "Off the data": further than 0.1 from the nearest of 50,000 data points, as metrics.off_manifold has it.
//
// The nearest of so many points is dear to find for each sample. So the plane is cut into cells of 0.01, and
// those within 0.1 of a data point are marked once. A sample then only reads its cell (right to 0.007).

const HALF = 3, CELL = 0.01, SIDE = (2 * HALF) / CELL, REACH = 0.1 / CELL;
export const REFERENCE_SIZE = 50_000;

const cell = (value) => Math.floor((value + HALF) / CELL);

export class OffData {
  /** @param {object} reference  from drawData */
  constructor({ x, n }) {
    this.near = new Uint8Array(SIDE * SIDE);
    const occupied = new Uint8Array(SIDE * SIDE); // a cell that holds many points is marked once
    for (let r = 0; r < n; r++) {
      const i = cell(x[2 * r]), j = cell(x[2 * r + 1]);
      if (!(i >= 0 && i < SIDE && j >= 0 && j < SIDE) || occupied[j * SIDE + i]) continue;
      occupied[j * SIDE + i] = 1;
      this.#mark(i, j);
    }
  }

  #mark(i, j) {
    for (let dj = -REACH; dj <= REACH; dj++) {
      const row = j + dj, half = Math.floor(Math.sqrt(REACH * REACH - dj * dj));
      if (row < 0 || row >= SIDE) continue;
      this.near.fill(1, row * SIDE + Math.max(i - half, 0), row * SIDE + Math.min(i + half, SIDE - 1) + 1);
    }
  }

  /** Whether the point lies where there are no data. */
  test(x1, x2) {
    const i = cell(x1), j = cell(x2);
    return !(i >= 0 && i < SIDE && j >= 0 && j < SIDE && this.near[j * SIDE + i]);
  }
}
