// A pad to draw on, with mouse, pen or finger. It keeps strokes: lists of points [x, y] in [0, 1].

import { surface } from "../runner/canvas.js";

const SIZE = 240, NEAR = 0.012; // units; how far a point must lie from the one before

// `onBegin` is called before a stroke, `onInk` when there is more of it.
export function digitPad(label, { onBegin, onInk }) {
  const pad = surface(SIZE, SIZE, label);
  pad.canvas.classList.add("explorer-drawing");
  let [strokes, drawing] = [[], null]; // `drawing`: the pointer that draws

  function add(event, { left, top, width, height }) {
    const inside = (value) => Math.min(Math.max(value, 0), 1);
    const point = [inside((event.clientX - left) / width), inside((event.clientY - top) / height)];
    const stroke = strokes.at(-1), last = stroke.at(-1);
    if (!last || Math.hypot(point[0] - last[0], point[1] - last[1]) > NEAR) stroke.push(point);
  }

  pad.canvas.addEventListener("pointerdown", (event) => {
    if (drawing !== null || event.button !== 0) return;
    onBegin(); // may clear the pad
    drawing = event.pointerId;
    pad.canvas.setPointerCapture(drawing);
    event.preventDefault(); // no selection of text
    strokes.push([]);
    add(event, pad.canvas.getBoundingClientRect());
    onInk();
  });
  pad.canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== drawing) return;
    const events = event.getCoalescedEvents?.() ?? [];
    const box = pad.canvas.getBoundingClientRect();
    (events.length ? events : [event]).forEach((each) => add(each, box));
    onInk();
  });
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
    pad.canvas.addEventListener(end, (event) => {
      if (event.pointerId === drawing) drawing = null;
    });
  }

  return {
    canvas: pad.canvas,
    get strokes() {
      return strokes;
    },
    clear() {
      [strokes, drawing] = [[], null];
    },
    // The strokes; or the image of an example, enlarged; or what to do here.
    draw(example, colourOf) {
      const context = pad.begin();
      context.imageSmoothingEnabled = false;
      if (example) return context.drawImage(example, 0, 0, SIZE, SIZE);
      context.strokeStyle = context.fillStyle = colourOf("ink");
      context.lineWidth = 16;
      context.lineCap = "round";
      for (const stroke of strokes) {
        context.beginPath();
        stroke.forEach(([x, y]) => context.lineTo(x * SIZE, y * SIZE));
        if (stroke.length === 1) context.lineTo(stroke[0][0] * SIZE + 0.1, stroke[0][1] * SIZE);
        context.stroke();
      }
      if (strokes.length) return undefined;
      context.fillStyle = colourOf("quiet");
      context.font = "15px system-ui, sans-serif";
      context.textAlign = "center";
      context.fillText("Draw a 0 or a 1 here", SIZE / 2, SIZE / 2);
      return undefined;
    },
  };
}
