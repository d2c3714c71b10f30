// A drawing as MNIST has its digits: fitted into 20 x 20 pixels, grey at its edges, its centre of mass in the middle
// of 28 x 28. The pen has one width there, however large one draws.

export const SIDE = 28;
const BOX = 20;
const PEN = 2.7; // pixels: about that of MNIST's digits
const SMALLEST = 0.1; // of the pad: a smaller drawing is not blown up further

// The pixels of strokes, each a list of points [x, y] in [0, 1], y downwards; null for no point at all.
export function digitOf(strokes) {
  const points = strokes.flat();
  if (!points.length) return null;
  const ends = [0, 1].map((axis) => points.map((point) => point[axis])).map((all) => [Math.min(...all), Math.max(...all)]);
  const scale = (BOX - PEN) / Math.max(...ends.map(([low, high]) => high - low), SMALLEST);
  const centre = ends.map(([low, high]) => (low + high) / 2);
  const place = (shift) => strokes.map((stroke) => stroke.map((point) => point.map((value, axis) => (value - centre[axis]) * scale + shift[axis])));
  const middle = [SIDE / 2, SIDE / 2];
  const mass = centreOfMass(inked(place(middle)));
  return inked(place(middle.map((value, axis) => 2 * value - mass[axis])));
}

// Each pixel by the distance of its middle to the nearest stroke: 1 inside of the pen, and grey at its edge.
function inked(strokes) {
  const pixels = new Float64Array(SIDE * SIDE);
  for (const stroke of strokes) {
    stroke.forEach((end, index) => ink(pixels, stroke[Math.max(index - 1, 0)], end));
  }
  return pixels;
}

function ink(pixels, [ax, ay], [bx, by]) {
  const reach = PEN / 2 + 0.5, squares = (bx - ax) ** 2 + (by - ay) ** 2;
  const range = (a, b) => [Math.max(Math.floor(Math.min(a, b) - reach), 0), Math.min(Math.ceil(Math.max(a, b) + reach), SIDE)];
  const [[left, right], [top, bottom]] = [range(ax, bx), range(ay, by)];
  for (let row = top; row < bottom; row += 1) {
    for (let column = left; column < right; column += 1) {
      const [x, y] = [column + 0.5 - ax, row + 0.5 - ay];
      const along = squares ? Math.min(Math.max((x * (bx - ax) + y * (by - ay)) / squares, 0), 1) : 0;
      const value = reach - Math.sqrt((x - along * (bx - ax)) ** 2 + (y - along * (by - ay)) ** 2);
      const at = row * SIDE + column;
      if (value > pixels[at]) pixels[at] = Math.min(value, 1);
    }
  }
}

export function centreOfMass(pixels) {
  let [all, x, y] = [0, 0, 0];
  pixels.forEach((value, at) => {
    all += value;
    x += value * ((at % SIDE) + 0.5);
    y += value * (Math.floor(at / SIDE) + 0.5);
  });
  return [x / all, y / all];
}
