// The page: two rows, trained together on the same data from the same seed, and what the reader does with them.

import { drawData } from "../model/data.js";
import { OffData, REFERENCE_SIZE } from "../model/off-data.js";
import { generator } from "../model/random.js";
import { readTheme } from "./drawing.js";
import { drawPanel } from "./panels.js";
import { Progress } from "./progress.js";
import { showRemark, showRemarks } from "./remarks.js";
import { Row } from "./row.js";
import { linkTo } from "./starts.js";
import { chosen, dataOptions, fromAddress, needsReset, trainingSettings } from "./state.js";
import { live } from "./changes.js";
import { Loop } from "./loop.js";
import { Shell } from "./shell.js";

const FIGURES_EVERY = 250; // ms, one row at a time

export class App {
  constructor(root) {
    this.root = root;
    this.state = fromAddress(location.hash);
    this.rows = { ordinary: new Row("ordinary", "Ordinary VAE"), intel: new Row("intel", "InteL-VAE") };
    this.selection = null;
    this.waiting = [];
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.atRest = () => this.tell({ type: "rest" });
    this.loop = new Loop({ step: () => this.step(), draw: () => this.draw(), job: () => this.job(), tick: (now) => this.tick(now) });
    this.shell = new Shell(this);
    root.replaceChildren(this.shell.element);
    if (this.state.mission) this.progress = new Progress(this.state.mission);
    this.shell.update();
  }

  /** Makes data and models: a long task on a slow machine, so the page is shown before. */
  open() {
    this.theme = readTheme(this.root);
    this.reset();
  }

  each(work) {
    Object.values(this.rows).forEach(work);
  }

  /** New data, new models, untrained. */
  reset() {
    const { state } = this, options = dataOptions(state), draw = (n, seed) => drawData(state.data, options, n, generator(seed));
    this.loop.pause();
    this.extra = 0;
    const seed = 100 * state.seed; // streams of their own, apart from those of weights and noise
    const data = draw(state.n, seed + 50), held = draw(1000, seed + 51);
    const offData = new OffData(draw(REFERENCE_SIZE, seed + 52));
    this.each((row) => row.reset(trainingSettings(state, row.name), data, held, offData));
    this.selection = this.jobs = this.changed = null;
    this.refresh();
  }

  /** The total number of steps: those of the recipe, and those that the reader adds at rest. */
  get last() {
    return this.state.steps + this.extra;
  }

  get now() {
    return this.rows.intel.training?.step ?? 0;
  }

  toggle() {
    if (this.loop.running) this.loop.pause();
    else {
      if (!this.rows.intel.data.n) return;
      this.settle();
      if (this.now >= this.last) this.extra = this.now + 1000 - this.state.steps;
      this.loop.pace = this.state.speed;
      this.loop.start();
    }
    this.refresh();
  }

  oneStep() {
    if (!this.rows.intel.data.n) return;
    this.settle();
    this.loop.pause();
    this.each((row) => row.training.advance());
    this.extra = Math.max(this.extra, this.now - this.state.steps);
    this.each((row) => row.measure());
    this.refresh();
  }

  /** One step of both rows; false when training has come to its end. */
  step() {
    this.each((row) => row.training.advance());
    if (this.now < this.last) return true;
    this.loop.pause();
    this.startMeasuring(this.atRest);
    this.shell.update();
    return false;
  }

  tick(now) {
    if (!this.loop.running) return;
    if (now - (this.shownAt ?? 0) > FIGURES_EVERY) {
      this.shownAt = now;
      this.turn = this.turn === "intel" ? "ordinary" : "intel"; // so that no frame is long
      this.rows[this.turn].measure();
      this.shell.showStep();
      showRemark(this, this.rows[this.turn]);
      this.shell.showSelection();
      this.tell({ type: "progress" });
    }
    if (!this.waiting.length && now - (this.drawnAt ?? 0) > (this.calm.matches ? 1000 : 80)) {
      this.drawnAt = now;
      this.redraw(["y", "z", "samples"]);
    }
  }

  /** Measures both rows well, a slice at a time, and then calls `then`. */
  startMeasuring(then) {
    const { rows } = this;
    this.jobs = (function* measure() {
      yield* rows.ordinary.measureWell();
      yield* rows.intel.measureWell();
    })();
    this.then = then;
    this.loop.wake();
  }

  job() {
    if (!this.jobs) return false;
    if (!this.jobs.next().done) return true;
    this.jobs = null;
    showRemarks(this);
    this.then?.();
    this.redraw();
    return false;
  }

  /** Measures to the end what is being measured, so that a mission hears of it before the model changes. */
  settle() {
    while (this.job());
  }

  /** Marks pictures as out of date; the loop draws them. */
  redraw(keys = ["x", "y", "z", "samples"]) {
    for (const row of Object.values(this.rows)) {
      for (const key of keys) if (!this.waiting.some((w) => w[0] === row && w[1] === key)) this.waiting.push([row, key]);
    }
    this.loop.wake();
  }

  draw() {
    const next = this.waiting.shift();
    if (!next) return false;
    drawPanel(...next, this.theme, this.selection);
    return this.waiting.length > 0;
  }

  refresh() {
    this.shell.update();
    this.shell.showSelection();
    showRemarks(this);
    this.redraw();
    history.replaceState(history.state, "", linkTo(this.state));
  }

  /** A control was moved. */
  change(name, value) {
    if (this.then === this.atRest) this.settle();
    const before = this.state, after = this.state = chosen(before, name, value);
    if (name === "speed") this.loop.pace = value;
    else if (needsReset(before, after)) this.reset();
    else live(this, name, before);
    this.refresh();
  }

  /** A place in y, or a data point, is looked at in both rows. */
  choose(selection) {
    if (!selection) return;
    this.selection = selection;
    this.redraw();
    this.shell.showSelection();
    if (!selection.y || !this.rows.intel.data.n) return;
    const { ordinary, intel } = this.rows;
    this.tell({ type: "probe", y: selection.y, rows: { ordinary: ordinary.probe(selection.y), intel: intel.probe(selection.y) } });
  }

  /** Tells the mission what happened. */
  tell(event) {
    const { ordinary, intel } = this.rows;
    const all = { step: this.now, state: this.state, figures: { ordinary: ordinary.figures, intel: intel.figures }, ...event };
    if (this.progress?.observe(all)) this.shell.mission.show(this.state.mission, this.progress);
  }

  /** Another scheme, or another size. */
  restyle() {
    this.theme = readTheme(this.root);
    this.redraw();
  }
}
