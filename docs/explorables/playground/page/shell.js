// What stands around the two rows: buttons, controls, the selection's sliders, the mission, the Python.

import { addPoint, clearPoints } from "./changes.js";
import { buildControls } from "./controls.js";
import { button, element, setText } from "../../runner/dom.js";
import { kerasCode } from "./keras-code.js";
import { MissionView } from "./mission-view.js";
import { listen } from "./pointer.js";
import { catchUp, linkTo, startMission } from "./starts.js";
import { SETTINGS } from "./state.js";

const HOW = "Click a point of x: its posterior (ellipse) in y, the ellipse's image in z, its reconstructions (crosses) in x. "
  + "Click a place in y: what both rows draw there.";

export class Shell {
  constructor(app) {
    this.app = app;
    this.start = button("Start", () => app.toggle());
    this.start.className = "pg-start";
    this.stepped = element("output", { className: "pg-step" });
    const bar = element("div", { className: "pg-bar pg-run", role: "group", "aria-label": "Training" }, this.start,
      button("Step", () => app.oneStep()), button("Reset", () => app.reset()), this.stepped);
    this.seed = element("input", { type: "number", min: 1, max: 999999, step: 1 });
    this.seed.addEventListener("change", () => app.change("seed", SETTINGS.seed.read(this.seed.value)));
    const pace = element("div", { className: "pg-bar" }, element("label", {}, "seed ", this.seed),
      button("Another seed", () => app.change("seed", app.state.seed % SETTINGS.seed.high + 1)));
    this.controls = buildControls((name, value) => app.change(name, value));
    this.mission = new MissionView({ start: (name) => startMission(app, name), predicted: () => catchUp(app), why: (choice) => app.tell({ type: "why", choice }) });
    this.compared = element("p", { className: "pg-compared" });
    this.spoken = element("p", { className: "pg-spoken", role: "status" });
    const rows = Object.values(app.rows);
    rows.forEach((row) => listen(row, {
      choose: (selection) => app.choose(selection), addPoint: (point) => addPoint(app, point),
      drawing: () => app.state.data === "drawn",
    }));
    this.element = element("div", { className: "pg" }, this.mission.element,
      element("div", { className: "pg-side" }, bar, pace, this.#drawn(), this.controls.element),
      element("div", { className: "pg-stage" }, ...rows.map((row) => row.element), this.compared),
      element("div", { className: "pg-below" }, this.#selection(), this.#tools(), this.#python()));
  }

  /** For data of your own: with the finger in the pictures of x, or by keys. */
  #drawn() {
    const { app } = this, range = () => element("input", { type: "range", min: -1.5, max: 1.5, step: 0.05, value: 0 });
    const [a, b] = [range(), range()];
    this.pad = element("div", { className: "pg-bar" }, "Draw in a picture of x, or ", element("label", {}, "x₁ ", a),
      element("label", {}, "x₂ ", b), button("Add this point", () => addPoint(app, [Number(a.value), Number(b.value)])),
      button("Clear", () => clearPoints(app)));
    return this.pad;
  }

  /** Two sliders for a y, one for a data point: what a click in a picture does, by keys. */
  #selection() {
    const { app } = this, range = (max, step) => element("input", { type: "range", min: step === 1 ? 0 : -max, max, step, value: 0 });
    this.y = [range(3, 0.05), range(3, 0.05)];
    this.point = range(255, 1);
    this.y.forEach((slider) => slider.addEventListener("input", () => app.choose({ y: this.y.map(({ value }) => Number(value)) })));
    this.point.addEventListener("input", () => {
      const { data } = app.rows.intel, r = Math.min(Number(this.point.value), data.n - 1);
      if (r >= 0) app.choose({ x: Array.from(data.x.subarray(2 * r, 2 * r + 2)) });
    });
    this.selected = element("p", {}, HOW);
    return element("fieldset", { className: "pg-group" }, element("legend", {}, "Look at one point, in both rows"),
      element("label", { className: "pg-control" }, element("span", {}, "y₁"), this.y[0]),
      element("label", { className: "pg-control" }, element("span", {}, "y₂"), this.y[1]),
      element("label", { className: "pg-control" }, element("span", {}, "data point"), this.point), this.selected);
  }

  #tools() {
    const { app } = this, rows = Object.values(app.rows);
    const copy = async () => {
      const text = `${location.origin}${linkTo(app.state)}`;
      try {
        await navigator.clipboard.writeText(text);
        setText(this.spoken, "The link is copied.");
      } catch {
        setText(this.spoken, `Copy this link: ${text}`);
      }
    };
    return element("div", { className: "pg-bar" }, button("Say the numbers", () => {
      this.spoken.textContent = "";
      setText(this.spoken, rows.map((row) => row.sentence()).join(" "));
    }), button("Copy a link to this setting", copy), this.spoken);
  }

  #python() {
    const row = element("select", { "aria-label": "Row" }, element("option", { value: "intel" }, "InteL-VAE"), element("option", { value: "ordinary" }, "ordinary VAE"));
    this.code = element("code", {});
    this.showCode = () => setText(this.code, kerasCode(this.app.state, row.value));
    row.addEventListener("change", this.showCode);
    const details = element("details", { className: "pg-python" }, element("summary", {}, "Show me this in Keras"), row,
      element("pre", { tabIndex: 0, "aria-label": "Python code" }, this.code));
    return details;
  }

  update() {
    const { app } = this;
    this.start.textContent = app.loop.running ? "Pause" : app.now === 0 ? "Start" : app.now >= app.last ? "Train on" : "Go on";
    this.seed.value = app.state.seed;
    this.pad.hidden = app.state.data !== "drawn";
    app.root.classList.toggle("pg-drawing", app.state.data === "drawn");
    this.controls.update(app.state);
    this.showStep();
    this.showCode();
    if (!this.shown) this.mission.show(app.state.mission, app.progress);
    this.shown = true;
  }

  showStep() {
    setText(this.stepped, `step ${this.app.now.toLocaleString("en")} of ${this.app.last.toLocaleString("en")}`);
  }

  showComparison(text) {
    setText(this.compared, text);
  }

  showSelection() {
    const { selection, rows } = this.app, two = (values) => values.map((value) => value.toFixed(2)).join(", ");
    if (!selection || !rows.intel.data.n) {
      setText(this.selected, HOW);
      return;
    }
    if (selection.x) {
      const codes = (title, row) => {
        const { mean, scales } = row.posteriorOf(selection.x);
        return `${title}: y (${two(mean)}) ± (${two(scales)}), draws (${two(row.probe(mean).x)}).`;
      };
      this.point.setAttribute("aria-valuetext", `x ${two(selection.x)}`);
      setText(this.selected, `x = (${two(selection.x)}). ${codes("Ordinary", rows.ordinary)} ${codes("InteL", rows.intel)}`);
      return;
    }
    this.y.forEach((slider, d) => {
      slider.value = selection.y[d];
      slider.setAttribute("aria-valuetext", `y${d + 1} ${selection.y[d].toFixed(2)}`);
    });
    const say = (title, { z, x, off }) => `${title}: z (${two(z)}), draws (${two(x)}), ${off ? "off the data" : "on the data"}.`;
    setText(this.selected, `y = (${two(selection.y)}). ${say("Ordinary", rows.ordinary.probe(selection.y))} ${say("InteL", rows.intel.probe(selection.y))}`);
  }
}
