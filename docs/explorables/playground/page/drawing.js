// How things are drawn: a square of the plane on a canvas, in the colours of the page's scheme.

/** The colours in force, read from the page's style. */
export function readTheme(root) {
  const style = getComputedStyle(root), get = (name) => style.getPropertyValue(`--pg-${name}`).trim();
  const names = ["ground", "ink", "faint", "off", "mark", "line"];
  const theme = Object.fromEntries(names.map((name) => [name, get(name)]));
  const light = get("lightness") || "0.55";
  theme.hues = Array.from({ length: HUES }, (_, h) => `oklch(${light} 0.15 ${h * 360 / HUES + 20})`);
  return theme;
}

const HUES = 20;

export class Plane {
  constructor(canvas, reach) {
    this.canvas = canvas;
    this.reach = reach; // the square is [-reach, reach]^2
    this.context = canvas.getContext("2d", { willReadFrequently: true });
  }

  /** Fits the canvas to its size on the page, and clears it. */
  begin(theme) {
    const ratio = Math.min(window.devicePixelRatio || 1, 2), size = Math.max(this.canvas.clientWidth, 60);
    this.size = size;
    const pixels = Math.round(size * ratio);
    if (this.canvas.width !== pixels) this.canvas.width = this.canvas.height = pixels;
    this.context.setTransform(pixels / size, 0, 0, pixels / size, 0, 0);
    this.context.fillStyle = theme.ground;
    this.context.fillRect(0, 0, size, size);
    this.theme = theme;
  }

  px(a) {
    return (a / this.reach + 1) * this.size / 2;
  }

  py(b) {
    return (1 - b / this.reach) * this.size / 2;
  }

  /** Points, an array of pairs, each in the colour of its hue in [0, 1); or all in one colour. */
  points(pairs, n, hue, size = 2.6) {
    const { context, theme } = this;
    for (let bucket = 0; bucket < (hue ? HUES : 1); bucket++) {
      context.fillStyle = hue ? theme.hues[bucket] : theme.ink;
      for (let r = 0; r < n; r++) {
        if (hue && Math.floor(hue[r] * HUES) % HUES !== bucket) continue;
        context.fillRect(this.px(pairs[2 * r]) - size / 2, this.py(pairs[2 * r + 1]) - size / 2, size, size);
      }
    }
  }

  /** A cross: red for what lies off the data. Its shape says it without the colour. */
  crosses(list, colour, size = 3) {
    const { context } = this;
    context.strokeStyle = colour;
    context.lineWidth = 1.4;
    context.beginPath();
    for (const [a, b] of list) {
      const x = this.px(a), y = this.py(b);
      context.moveTo(x - size, y - size);
      context.lineTo(x + size, y + size);
      context.moveTo(x - size, y + size);
      context.lineTo(x + size, y - size);
    }
    context.stroke();
  }

  /** The selected point: a ring with a dark and a light edge. */
  mark(a, b, size = 6) {
    const { context, theme } = this;
    for (const [colour, width] of [[theme.ground, 5], [theme.mark, 2.5]]) {
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.beginPath();
      context.arc(this.px(a), this.py(b), size, 0, 2 * Math.PI);
      context.stroke();
    }
  }

  /** A curve through points; it breaks where two are more than `jump` apart, as beside a cut. */
  curve(pairs, n, colour, width = 1, jump = Infinity) {
    const { context } = this;
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.beginPath();
    for (let r = 0; r < n; r++) {
      const a = pairs[2 * r], b = pairs[2 * r + 1];
      const far = r > 0 && Math.hypot(a - pairs[2 * r - 2], b - pairs[2 * r - 1]) > jump;
      if (r === 0 || far) context.moveTo(this.px(a), this.py(b));
      else context.lineTo(this.px(a), this.py(b));
    }
    context.stroke();
  }

  /** The ellipse m + s L (cos t, sin t), as pairs: what a Gaussian covers. */
  static ellipse(m1, m2, l11, l21, l22, s, count = 60) {
    const pairs = new Float64Array(2 * (count + 1));
    for (let i = 0; i <= count; i++) {
      const c = s * Math.cos(2 * Math.PI * i / count), d = s * Math.sin(2 * Math.PI * i / count);
      pairs[2 * i] = m1 + l11 * c;
      pairs[2 * i + 1] = m2 + l21 * c + l22 * d;
    }
    return pairs;
  }
}
