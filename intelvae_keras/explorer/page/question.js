// A prediction before the explorer opens: an answer, or "Skip", unlocks it.

import { button, element } from "./dom.js";

const SKIPPED = "skip";

// `open(answer)` is called with the index of the answer, or null. Returns the question's element.
export function ask({ text, answers, preview, address, open }) {
  const root = element("div", { className: "explorer-question" });
  const keys = answers.map((_, index) => String(index));
  const known = address.text("said", null, [...keys, SKIPPED]);

  const finish = (said, byHand) => {
    const answer = said === SKIPPED ? null : Number(said);
    const told = element("p", { className: "explorer-said", tabIndex: -1 });
    told.append(element("strong", {}, text), answer === null ? "" : ` You said: ${answers[answer]}.`);
    const again = button("Ask me again", () => {
      address.set({ said: null });
      show();
      open(undefined);
      root.querySelector("button").focus();
    });
    again.className = "explorer-quiet";
    root.replaceChildren(told, again);
    if (byHand) {
      address.set({ said });
      told.focus({ preventScroll: true });
    }
    open(answer);
  };

  function show() {
    const group = element("div", { role: "group", className: "explorer-answers" });
    group.setAttribute("aria-label", "Your prediction");
    group.append(...answers.map((answer, index) => button(answer, () => finish(keys[index], true))));
    const skip = button("Skip", () => finish(SKIPPED, true), { className: "explorer-quiet" });
    const ask = element("p", {}, element("strong", {}, text));
    root.replaceChildren(ask, ...(preview ? [preview] : []), group, skip);
  }

  if (known === null) show();
  else queueMicrotask(() => finish(known, false));
  return root;
}
