// Puts the playground into <div id="playground">.

import { onNewColours } from "../runner/frame.js";
import { App } from "./page/app.js";

const root = document.getElementById("playground");
if (root) {
  const app = new App(root);
  const open = () => {
    app.open();
    window.playground = app; // for a look from the console, and for the tests

    // Nothing runs out of sight, and the canvases follow the page's size and colours.
    new IntersectionObserver((entries) => app.loop.show(entries.at(-1).isIntersecting)).observe(root);
    new ResizeObserver(() => app.restyle()).observe(root);
    onNewColours(() => app.restyle());
  };
  requestAnimationFrame(() => setTimeout(open)); // after the frame that shows the page
}
