// "Draw a 0 or a 1": while the reader draws, q(y|x) of both models, z = g(y), and what they draw again.

import { colours, picture } from "../runner/canvas.js";
import { button, element, setText, speaker } from "../runner/dom.js";
import { painter } from "../runner/frame.js";
import { digitColumn } from "./digit_column.js";
import { digitOf, SIDE } from "./digit_image.js";
import { digitPad } from "./digit_pad.js";
import { load } from "./load.js";
import { complaint } from "./mount.js";

const SHAPE = [SIDE, SIDE, 1];
const MODELS = ["mnist01-vae", "mnist01-clusters"];

export const explorer = {
  name: "draw-a-digit",
  load: (base) =>
    Promise.all(MODELS.map(async (name) => {
      const [decoder, encoder] = await Promise.all([load(name, base), load(`${name}-encoder`, base)]);
      return { decoder, encoder };
    })),
  preview: (root, base) => fetch(new URL("draw-a-digit.json", base)).then((response) => response.json()),
  stage,
};

function stage(root, examples, address, base) {
  let [models, asked, chosen, drawn, look] = [null, false, null, null, null];
  const node = element("div", { className: "explorer-draw" });
  const seen = picture(SHAPE, "Your drawing as the models see it");
  const columns = [digitColumn("Ordinary VAE, z = y", "ordinary", SHAPE), digitColumn("InteL-VAE, two parts", "intel", SHAPE)];
  const lines = MODELS.map(() => element("p", {}));
  const finding = element("div", { className: "explorer-finding" }, ...lines);
  const trouble = element("div", {});
  const voice = speaker();
  const paint = painter(node, draw);
  const pad = digitPad("A pad to draw a 0 or a 1 on, with mouse or finger; the buttons have digits for the keys", {
    onBegin() {
      if (chosen !== null) choose(null);
    },
    onInk: see,
  });
  const digits = (examples ?? []).map(({ label, image }, index) => {
    const small = picture(SHAPE, `a ${label}, as somebody wrote it`);
    const node = button("", () => choose(index), { className: "explorer-ready", "aria-pressed": "false" });
    node.append(small.canvas);
    return { node, small, pixels: image.map((value) => value / 255) };
  });

  function see() {
    fetchModels();
    paint();
  }

  function choose(index) {
    chosen = index;
    digits.forEach((digit, at) => digit.node.setAttribute("aria-pressed", String(at === index)));
    pad.clear();
    address.set({ digit: index });
    see();
  }

  // The weights come when the reader begins: the page's first view shall not wait for them.
  async function fetchModels() {
    if (asked) return;
    asked = true;
    trouble.replaceChildren();
    try {
      models = await explorer.load(base);
      paint();
    } catch (error) {
      trouble.replaceChildren(complaint(error, () => {
        asked = false;
        fetchModels();
      }));
    }
  }

  function draw() {
    const colour = colours(root);
    if (look !== colour("ink")) digits.forEach(({ small, pixels }) => small.show(pixels, colour));
    look = colour("ink");
    const pixels = chosen === null ? digitOf(pad.strokes) : Float64Array.from(digits[chosen].pixels);
    seen.show(pixels ?? new Float64Array(SIDE * SIDE), colour);
    pad.draw(chosen === null ? null : seen.canvas, colour);
    if (!pixels) {
      if (drawn !== null) columns.forEach((column) => column.clear(colour));
      drawn = null;
      say(["Draw slowly, and watch where q(y|x) goes. Then try something between a 0 and a 1.", ""]);
      return;
    }
    drawn = pixels;
    if (!models) {
      say(["Loading the models …", ""]);
      return;
    }
    const said = columns.map((column, index) => column.draw(models[index], pixels, colour));
    say(said);
    voice.say(said.join(" "));
  }

  const say = (texts) => texts.forEach((text, index) => setText(lines[index], text));

  for (const sign of ["pointerenter", "focusin"]) node.addEventListener(sign, fetchModels, { once: true });
  node.append(
    element(
      "div",
      { className: "explorer-desk" },
      pad.canvas,
      element("div", { className: "explorer-row" }, button("Clear", () => choose(null)), ...digits.map((digit) => digit.node)),
      element("div", { className: "explorer-again" }, seen.canvas, element("p", { className: "explorer-note" }, "as the models see it: 28 × 28 pixels, centred as in MNIST")),
    ),
    element("div", { className: "explorer-pair" }, ...columns.map((column) => column.root)),
    finding,
    trouble,
    voice.root,
  );
  const shared = address.text("digit", null, digits.map((_, index) => String(index)));
  if (shared !== null) choose(Number(shared));
  paint();
  return { node };
}
