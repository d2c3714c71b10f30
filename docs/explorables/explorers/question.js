// A prediction before the explorer opens: an answer, or "Skip", unlocks it.

import { button, element } from "../runner/dom.js";

const SKIPPED = "skip";

// `open(answer, byHand)` is called with the index of the answer, or null, and undefined to lock again.
export function ask({ text, answers, preview, address, open }) {
  const root = element("div", { className: "explorer-question" });
  const keys = answers.map((_, index) => String(index));

  function finish(said, byHand) {
    const answer = said === SKIPPED ? null : Number(said);
    const told = element("p", { className: "explorer-said", tabIndex: -1 }, element("strong", {}, text));
    if (answer !== null) told.append(` You said: “${answers[answer]}”.`);
    const again = button("Ask me again", restart, { className: "explorer-quiet" });
    root.replaceChildren(told, again);
    if (byHand) {
      address.set({ said });
      told.focus({ preventScroll: true });
    }
    open(answer);
  }

  function restart() {
    address.set({ said: null });
    show();
    open(undefined);
    root.querySelector("button").focus();
  }

  function show() {
    const group = element("div", { role: "group", className: "explorer-answers" });
    group.setAttribute("aria-label", "Your prediction");
    group.append(...answers.map((answer, index) => button(answer, () => finish(keys[index], true))));
    const skip = button("Skip", () => finish(SKIPPED, true), { className: "explorer-quiet" });
    const question = element("p", {}, element("strong", {}, text));
    root.replaceChildren(question, ...(preview ? [preview] : []), group, skip);
  }

  const known = address.text("said", null, [...keys, SKIPPED]);
  if (known === null) show();
  else queueMicrotask(() => finish(known, false));
  return root;
}

// How a finding begins, once the reader has seen it.
export function verdict(answer, right) {
  if (answer === null) return "";
  return answer === right ? "You were right. " : "It is not what you said. ";
}
