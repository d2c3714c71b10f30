// Small helps for keys. Everything works without JavaScript too.
(() => {
  "use strict";
  // Wide blocks that scroll sideways can be reached by keys.
  for (const block of document.querySelectorAll(".md-typeset pre > code, .md-typeset__scrollwrap")) {
    if (block.scrollWidth > block.clientWidth) block.tabIndex = 0;
  }
})();
