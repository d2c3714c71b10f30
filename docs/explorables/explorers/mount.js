// One explorer in its place: the question first; models and stage when the reader wants them.

import { button, element } from "../runner/dom.js";
import { addressOf } from "../runner/state.js";
import { ask } from "./question.js";

// `explorer` is {name, text, answers, load(base), stage(root, models, address, base), preview(root, base)?}; one without
// a text is open at once, and its stage takes what the preview gives. The stage is {node, open(answer), ready?}. `ready` is
// the promise of what the address names: the explorer is open after it.
export async function mount(root, explorer, base) {
  const address = addressOf(explorer.name);
  if (!explorer.text) return mountOpen(root, explorer, address, base);
  const body = element("div", { className: "explorer-body", hidden: true });
  // The preview is an extra: without it the question still stands.
  const preview = explorer.preview ? await explorer.preview(root, base).catch(() => null) : null;
  let [stage, answer] = [null, null];

  // From when the reader comes to the explorer, so that most is there by the time of the answer. Not before:
  // the first view of a page shall not wait for weights.
  const warm = () => explorer.load(base).catch(() => null);
  for (const sign of ["pointerenter", "focusin"]) root.addEventListener(sign, warm, { once: true });

  async function show() {
    try {
      if (!stage) body.replaceChildren(element("p", { role: "status" }, "Loading the models …"));
      stage ??= explorer.stage(root, await explorer.load(base), address, base);
      if (!stage.node.isConnected) body.replaceChildren(stage.node);
      await stage.ready;
      root.dataset.state = "open";
      stage.open(answer);
    } catch (error) {
      body.replaceChildren(complaint(error, show));
      root.dataset.state = "failed";
    }
  }

  function open(said) {
    body.hidden = said === undefined;
    answer = said ?? null;
    if (said !== undefined) show();
  }

  const { text, answers } = explorer;
  root.replaceChildren(ask({ text, answers, preview, address, open }), body);
  root.dataset.state = "ready";
}

// An explorer without a question is open at once; its stage asks for the models when it needs them.
async function mountOpen(root, explorer, address, base) {
  const first = await explorer.preview(root, base).catch(() => null);
  root.replaceChildren(explorer.stage(root, first, address, base).node);
  root.dataset.state = "open";
}

export function complaint(error, again) {
  const text = element("p", {}, `This explorer cannot start. ${error.message}`);
  return element("div", { className: "explorer-error", role: "alert" }, text, button("Try again", again));
}
