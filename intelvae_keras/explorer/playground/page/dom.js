// Small helpers for the page's elements.

/** An element: element("button", { type: "button", onclick }, "Start"). Names with "-" and `role` become attributes. */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (name.includes("-") || name === "role" || name === "for") made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** Sets text only where it changed: a live region then speaks once. */
export function setText(target, text) {
  if (target.textContent !== text) target.textContent = text;
}
