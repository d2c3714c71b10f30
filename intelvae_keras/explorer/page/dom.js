// Elements, sliders, and text for those who do not see the pictures.

export function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in node && name !== "list") node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
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

// One of several: real radio buttons, so that arrows move and the group has a name.
export function choice({ legend, options, value, onChange }) {
  const name = freshId("choice");
  const inputs = options.map(([key, text]) => {
    const input = element("input", { type: "radio", name, value: key, checked: key === value });
    input.addEventListener("change", () => onChange(key));
    return [key, input, element("label", { className: "explorer-option" }, input, element("span", {}, text))];
  });
  const root = element("fieldset", { className: "explorer-choice" }, element("legend", {}, legend));
  root.append(...inputs.map(([, , label]) => label));
  return {
    root,
    set value(next) {
      for (const [key, input] of inputs) input.checked = key === next;
    },
  };
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
        if (root.textContent !== text) root.textContent = text;
      }, 1000);
    },
  };
}
