// Enhances each <div class="explorer" data-explorer="..."> in place, when the reader comes near it.

import { complaint, mount } from "./mount.js";

const EXPLORERS = {
  "draw-a-digit": () => import("./draw_a_digit.js"),
  "half-way": () => import("./half_way.js"),
  "tear-the-plane": () => import("./tear_the_plane.js"),
  "who-pays": () => import("./who_pays.js"),
  "which-gates": () => import("./which_gates.js"),
};

// What the page said before stays where the explorer cannot start.
async function enhance(root) {
  root.querySelector(":scope > .explorer-error")?.remove();
  try {
    const name = root.dataset.explorer;
    if (!EXPLORERS[name]) throw new Error(`There is no explorer called ${name}.`);
    const { explorer } = await EXPLORERS[name]();
    await mount(root, explorer, new URL("../models/", import.meta.url));
  } catch (error) {
    root.append(complaint(error, () => enhance(root)));
    root.dataset.state = "failed";
  }
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
if (globalThis.document$?.subscribe) globalThis.document$.subscribe(start);
else start();
