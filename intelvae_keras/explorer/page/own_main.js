// The page that `vae.explore` writes: its model stands in the page itself, so that it needs no server.

import { element } from "./dom.js";
import { fromInline } from "./model.js";
import { ownExplorer } from "./own.js";

const root = document.querySelector(".explorer");

async function start() {
  try {
    if (!globalThis.intelvaeModel) throw new Error("Its file model.js is missing or damaged.");
    ownExplorer(root, await fromInline(globalThis.intelvaeModel));
  } catch (error) {
    root.replaceChildren(element("div", { className: "explorer-error", role: "alert" }, `This explorer cannot start. ${error.message}`));
    root.dataset.state = "failed";
  }
}

start();
