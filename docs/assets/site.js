// Loads the explorers' script on the pages that have one. Everything else works without JavaScript.
(() => {
  "use strict";
  const here = document.currentScript.src;
  if (document.querySelector(".explorer[data-explorer]")) {
    const script = document.createElement("script");
    script.type = "module";
    script.src = new URL("explorer/explorer.js", here).href;
    document.head.append(script);
  }
  // Wide blocks that scroll sideways can be reached by keys.
  for (const block of document.querySelectorAll(".md-typeset pre > code, .md-typeset__scrollwrap")) {
    if (block.scrollWidth > block.clientWidth) block.tabIndex = 0;
  }
})();
