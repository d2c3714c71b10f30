// Elements, sliders, and text for those who do not see the pictures.

export function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined) continue;
    if (name in node && name !== "list") node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

// Sets text only where it changed: a live region then speaks once. A text node stays, so that no child comes or goes.
export function setText(node, text) {
  if (node.textContent === text) return;
  if (node.childNodes.length === 1 && node.firstChild.nodeType === Node.TEXT_NODE) node.firstChild.data = text;
  else node.textContent = text;
}

export const number = (value, digits = 1) => {
  const text = value.toFixed(digits);
  return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "−");
};

let count = 0;
export const freshId = (name) => `explorer-${name}-${(count += 1)}`;

// A labelled native range: arrows, Home, End and PageUp come with it. `say(value)` is its aria-valuetext.
export function slider({ label, min, max, step, value, say = (v) => number(v, 2), onInput }) {
  const id = freshId("range");
  const input = element("input", { type: "range", id, min, max, step, value });
  const output = element("output", { htmlFor: id, className: "explorer-value" });
  const show = () => {
    output.textContent = number(Number(input.value), step < 0.1 ? 2 : step < 1 ? 1 : 0);
    input.setAttribute("aria-valuetext", say(Number(input.value)));
  };
  input.addEventListener("input", () => {
    onInput(Number(input.value));
    show();
  });
  show();
  return {
    root: element("div", { className: "explorer-slider" }, element("label", { htmlFor: id }, label), input, output),
    input,
    show,
    get value() {
      return Number(input.value);
    },
    set value(next) {
      input.value = String(next);
      show();
    },
  };
}

export function button(text, onClick, properties = {}) {
  const node = element("button", { type: "button", ...properties }, text);
  node.addEventListener("click", onClick);
  return node;
}

// A live region that speaks at most once a second, and only its last text.
export function speaker() {
  const root = element("p", { className: "explorer-hidden", role: "status" });
  let [timer, text] = [null, ""];
  return {
    root,
    say(next) {
      text = next;
      timer ??= setTimeout(() => {
        timer = null;
        setText(root, text);
      }, 1000);
    },
  };
}
