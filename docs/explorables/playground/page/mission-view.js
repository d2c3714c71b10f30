// How a mission looks: its question, the prediction, the steps, the discovery.

import { MISSIONS } from "./missions.js";
import { button, element } from "../../runner/dom.js";

/** @param {object} page  start(name), predicted(), why(choice) */
export class MissionView {
  constructor(page) {
    this.page = page;
    this.menu = element("select", { "aria-label": "Mission" }, element("option", { value: "" }, "play freely"),
      ...Object.entries(MISSIONS).map(([name, { title }]) => element("option", { value: name }, title)));
    this.menu.addEventListener("change", () => page.start(this.menu.value));
    this.body = element("div", { className: "pg-mission-body", tabIndex: -1 });
    this.status = element("p", { className: "pg-hint", role: "status" });
    this.element = element("section", { className: "pg-mission", "aria-label": "Mission" },
      element("label", {}, "Mission ", this.menu), this.body, this.status);
  }

  show(name, progress) {
    this.menu.value = name;
    if (this.body.contains(document.activeElement)) this.body.focus({ preventScroll: true }); // its button goes
    this.body.replaceChildren();
    this.status.textContent = "";
    this.element.classList.toggle("pg-found", Boolean(progress?.complete));
    if (!progress) return;
    const { mission } = progress;
    const question = element("p", {}, element("strong", {}, mission.question));
    this.body.append(question);
    if (progress.prediction === null) {
      this.body.append(this.#choices("Predict first:", mission.options, (choice) => {
        progress.prediction = choice;
        this.show(name, progress);
        this.page.predicted();
      }));
      return;
    }
    question.append(` You predicted: ${mission.options[progress.prediction]}.`);
    const next = progress.done.indexOf(false);
    this.body.append(element("ol", {}, ...mission.steps.map(({ text }, at) => element("li",
      { className: progress.done[at] ? "pg-done" : "", "aria-current": at === next ? "step" : null },
      `${text}${progress.done[at] ? " ✓ done" : ""}`))));
    if (mission.why && next === mission.steps.length - 1) {
      this.body.append(this.#choices("Your answer:", mission.why, (choice) => this.page.why(choice)));
    }
    this.status.textContent = progress.complete
      ? `Found. Your prediction was ${progress.predictedRight ? "right" : "wrong"}. ${mission.found}` : progress.hint;
  }

  #choices(label, options, chosen) {
    return element("div", { className: "pg-choices", role: "group", "aria-label": label }, element("span", {}, label), ...options.map((text, at) => button(text, () => chosen(at))));
  }
}
