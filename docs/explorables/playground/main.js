// Puts the playground into <div id="playground">.

import { onNewColours } from "../runner/frame.js";
import { App } from "./page/app.js";
import { follow } from "./page/starts.js";

const root = document.getElementById("playground");
if (root) {
  const app = new App(root);
  root.inert = true; // to be read, until the models are there
  const open = () => {
    app.open();
    root.inert = false;
    addEventListener("hashchange", () => follow(app, location.hash));
    window.playground = app; // for a look from the console, and for the tests

    // Nothing runs out of sight, and the canvases follow the page's size and colours.
    new IntersectionObserver((entries) => app.loop.show(entries.at(-1).isIntersecting)).observe(root);
    new ResizeObserver(() => app.restyle()).observe(root);
    onNewColours(() => app.restyle());
  };
  requestAnimationFrame(() => setTimeout(open)); // after the frame that shows the page
}
