// A pad for two latents: a click places the point, a drag moves it, and two native ranges serve the keys.

import { axes, surface } from "./canvas.js";
import { element, slider } from "./dom.js";

export function pad({ label, names, reach, value, say, onMove }) {
  const plot = surface(300, 300, label);
  const at = axes(plot, [-reach, reach], [-reach, reach]);
  const handle = element("div", { className: "explorer-handle" });
  const root = element("div", { className: "explorer-pad" }, plot.canvas, handle);
  const point = [...value];
  const clip = (number) => Math.min(Math.max(number, -reach), reach);

  const sliders = names.map((name, axis) =>
    slider({
      label: name,
      min: -reach,
      max: reach,
      step: 0.05,
      value: point[axis],
      say,
      onInput(number) {
        point[axis] = number;
        place();
        onMove(point);
      },
    }),
  );

  function place() {
    handle.style.left = `${(100 * at.x(point[0])) / plot.width}%`;
    handle.style.top = `${(100 * at.y(point[1])) / plot.height}%`;
  }

  function moveTo(event) {
    const box = plot.canvas.getBoundingClientRect();
    point[0] = clip(at.toX(((event.clientX - box.left) / box.width) * plot.width));
    point[1] = clip(at.toY(((event.clientY - box.top) / box.height) * plot.height));
    onMove(point);
    place();
    sliders.forEach((each, axis) => (each.value = point[axis]));
  }

  let dragging = null; // the pointer that drags
  root.addEventListener("pointerdown", (event) => {
    // A finger on the point drags it. Elsewhere it may be about to scroll the page: a tap comes as a click.
    if (dragging !== null || event.button !== 0 || (event.pointerType === "touch" && event.target !== handle)) return;
    dragging = event.pointerId;
    root.setPointerCapture(dragging);
    event.preventDefault(); // no selection of text
    if (event.target !== handle) moveTo(event);
  });
  root.addEventListener("pointermove", (event) => event.pointerId === dragging && moveTo(event));
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
    root.addEventListener(end, (event) => {
      if (event.pointerId === dragging) dragging = null;
    });
  }
  root.addEventListener("click", (event) => event.pointerType === "touch" && event.target !== handle && moveTo(event));

  place();
  return {
    root,
    plot,
    at,
    sliders,
    set(next) {
      [point[0], point[1]] = next.map(clip);
      place();
      sliders.forEach((each, axis) => (each.value = point[axis]));
    },
  };
}
