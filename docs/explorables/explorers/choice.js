import { element, freshId } from "../runner/dom.js";

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
