// Small helps for keys. Everything works without JavaScript too.
(() => {
  "use strict";
  const WIDE = ".md-typeset pre > code, .md-typeset__scrollwrap";

  // Wide blocks that scroll sideways can be reached by keys. The theme wraps tables after this script ran.
  function reach() {
    for (const block of document.querySelectorAll(WIDE)) {
      if (block.scrollWidth > block.clientWidth) block.tabIndex = 0;
      else block.removeAttribute("tabindex");
    }
  }

  let asked = 0;
  const soon = () => {
    cancelAnimationFrame(asked);
    asked = requestAnimationFrame(reach);
  };
  soon();
  for (const event of ["load", "resize"]) addEventListener(event, soon);
  document.addEventListener("toggle", soon, true);
  const article = document.querySelector("article");
  if (article) new MutationObserver(soon).observe(article, { childList: true, subtree: true });
})();
