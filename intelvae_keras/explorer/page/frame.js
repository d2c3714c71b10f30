// Drawing when something has changed, once a frame, and only what can be seen. No loop runs otherwise.

export function painter(root, draw) {
  let [wanted, requested, visible] = [false, false, true];
  const run = () => {
    requested = false;
    if (!visible || document.hidden) return; // `wanted` stays, until the page is back
    wanted = false;
    draw();
  };
  const request = () => {
    wanted = true;
    if (requested || !visible || document.hidden) return;
    requested = true;
    requestAnimationFrame(run);
  };
  new IntersectionObserver(
    (entries) => {
      visible = entries[entries.length - 1].isIntersecting;
      if (visible && wanted) request();
    },
    { rootMargin: "200px" },
  ).observe(root);
  document.addEventListener("visibilitychange", () => wanted && request());
  onNewColours(request);
  return request;
}

// Calls back when the reader switches between light and dark.
export function onNewColours(callback) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", callback);
  const observer = new MutationObserver(callback);
  for (const node of [document.documentElement, document.body]) {
    observer.observe(node, { attributes: true, attributeFilter: ["data-md-color-scheme", "data-theme"] });
  }
}
