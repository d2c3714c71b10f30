// Enhances each <div class="explorer" data-explorer="..."> in place, when the reader comes near it.

import { element, button } from "./dom.js";

const EXPLORERS = {
  "half-way": () => import("./half_way.js"),
  "tear-the-plane": () => import("./tear_the_plane.js"),
  "who-pays": () => import("./who_pays.js"),
  "which-gates": () => import("./which_gates.js"),
};

// What the page said before stays where the explorer cannot start.
async function enhance(root) {
  const name = root.dataset.explorer;
  try {
    if (!EXPLORERS[name]) throw new Error(`There is no explorer called ${name}.`);
    const base = new URL(root.dataset.models ?? "./models/", root.dataset.models ? document.baseURI : import.meta.url);
    const { build } = await EXPLORERS[name]();
    const parts = await build(root, base);
    root.replaceChildren(...parts);
    root.dataset.state = "ready";
  } catch (error) {
    fail(root, error);
  }
}

function fail(root, error) {
  root.querySelector(".explorer-error")?.remove();
  const retry = button("Try again", () => enhance(root));
  const text = element("p", {}, `This explorer cannot start. ${error.message} `);
  root.append(element("div", { className: "explorer-error", role: "alert" }, text, retry));
  root.dataset.state = "failed";
}

export function start() {
  const near = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        enhance(target);
      }
    },
    { rootMargin: "400px 0px" },
  );
  for (const root of document.querySelectorAll(".explorer[data-explorer]:not([data-state])")) {
    root.dataset.state = "waiting";
    near.observe(root);
  }
}

// Material for MkDocs may exchange the page's content without loading a new page.
if (globalThis.document$?.subscribe) document$.subscribe(start);
else start();
