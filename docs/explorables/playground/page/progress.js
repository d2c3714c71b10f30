// How far the reader has come in a mission.

import { MISSIONS } from "./missions.js";

/** A mission under way: which steps are done, and the last hint. */
export class Progress {
  constructor(name) {
    this.mission = MISSIONS[name];
    this.done = this.mission.steps.map(() => false);
    this.memory = {};
    this.prediction = null;
    this.hint = "";
  }

  /** Takes an event; the steps are done in their order. True if something is new. */
  observe(event) {
    if (this.prediction === null || this.complete) return false;
    const at = this.done.indexOf(false), step = this.mission.steps[at];
    if (step.done(event, this.memory)) {
      this.done[at] = true;
      this.hint = "";
      return true;
    }
    const hint = event.type === "progress" ? null : step.hint?.(event, this.memory) ?? null;
    if (hint && hint !== this.hint) {
      this.hint = hint;
      return true;
    }
    return false;
  }

  get complete() {
    return !this.done.includes(false);
  }

  get predictedRight() {
    return this.prediction === this.mission.right;
  }
}
