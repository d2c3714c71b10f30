// One model of the drawing explorer: q(y|x) on the prior, z = g(y) on its density, and what is drawn there.

import { axes, line, picture, surface, ticks } from "../runner/canvas.js";
import { gaussian } from "../runner/density.js";
import { element, number, setText } from "../runner/dom.js";
import { densityOfZ, drawDensity } from "../runner/line_density.js";
import { REACH } from "../runner/plane.js";
import { gapOf, massLeft, percent, posteriorOf, verdictOf } from "./digit_verdict.js";
import { reading } from "./reading.js";

const NARROWEST = 0.04; // of y: a bell that is narrower is drawn so wide, to be seen
const Y = Array.from({ length: 121 }, (_, index) => -REACH + (2 * REACH * index) / 120);

export function digitColumn(title, colour, shape) {
  const bell = surface(240, 96, "q(y|x): nothing is drawn yet");
  const density = densityOfZ(colour === "intel" ? "square" : "circle");
  const again = picture(shape, "Nothing is drawn yet");
  const reads = element("p", { className: "explorer-reads" });
  const note = (text) => element("p", { className: "explorer-note" }, text);
  return {
    root: element(
      "div",
      { className: "explorer-panel explorer-digit" },
      element("p", { className: `explorer-title explorer-${colour}` }, title),
      note("q(y|x), before p(y)"),
      bell.canvas,
      note("z = g(y), on p(z)"),
      density.canvas,
      element("div", { className: "explorer-again" }, again.canvas, element("div", {}, note("drawn again"), reads)),
    ),
    // Returns what is to be said.
    draw({ encoder, decoder }, pixels, colourOf) {
      const q = posteriorOf(encoder.encode(pixels));
      drawPosterior(bell, decoder, q, colour, colourOf);
      drawDensity(density, decoder, q.mean, colour, colourOf);
      again.show(decoder.decode(decoder.map([q.mean])), colourOf);
      again.canvas.setAttribute("aria-label", `${title} draws it again; it ${reading(decoder, q.mean)}`);
      setText(reads, reading(decoder, q.mean));
      return verdictOf(title.split(",")[0], decoder, q);
    },
    clear(colourOf) {
      bell.begin();
      density.begin();
      again.show(new Float64Array(shape[0] * shape[1]), colourOf);
      for (const { canvas } of [bell, density, again]) canvas.setAttribute("aria-label", `${title}: nothing is drawn yet`);
      setText(reads, "");
    },
  };
}

function drawPosterior(target, model, q, colour, colourOf) {
  const at = axes(target, [-REACH, REACH], [0, 1], [8, 20, 8, 22]), gap = gapOf(model);
  const context = target.beginOn(colourOf("ink"), (still) => {
    still.strokeStyle = colourOf("edge");
    line(still, [[-REACH, 0], [REACH, 0]], at);
    still.stroke();
    line(still, Y.map((y) => [y, gaussian(y) / gaussian(0)]), at);
    still.stroke();
    ticks(still, at, [-3, 0, 3], target.height - 5, colourOf("quiet"));
    if (gap === null) return;
    still.strokeStyle = colourOf("bad");
    still.lineWidth = 2;
    still.setLineDash([5, 3]);
    line(still, [[gap, 0], [gap, 1]], at);
    still.stroke();
    still.setLineDash([]);
  });
  const width = Math.max(q.deviation, NARROWEST);
  const bell = Array.from({ length: 41 }, (_, index) => q.mean + width * (index - 20) / 5);
  line(context, bell.map((y) => [y, Math.exp(-(((y - q.mean) / width) ** 2) / 2)]), at);
  context.fillStyle = colourOf(colour);
  context.fill();
  context.fillStyle = colourOf("ink");
  context.font = "12px system-ui, sans-serif";
  const said = [`q(y|x) at ${number(q.mean, 2)}, standard deviation ${number(q.deviation, 2)}`];
  if (gap !== null) {
    const left = massLeft(q, gap);
    context.textAlign = "left";
    context.fillText(percent(left), 8, 13);
    context.textAlign = "right";
    context.fillText(percent(1 - left), target.width - 8, 13);
    context.textAlign = "center";
    context.fillText("gap", at.x(gap), 13);
    said.push(`${percent(left)} of it left of the gap, ${percent(1 - left)} right`);
  }
  target.canvas.setAttribute("aria-label", said.join("; "));
}
