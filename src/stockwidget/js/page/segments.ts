/** A row of choices, one of which holds: arrow keys move, as in any radio group. */

import { h, set } from "../views/dom.ts";

export interface Choice<T extends string> {
  readonly value: T;
  readonly label: string;
  /** Shown in place of the label. */
  readonly icon?: Element;
}

export function segments<T extends string>(
  name: string,
  choices: readonly Choice<T>[],
  chosen: T,
  signal: AbortSignal,
  onChoose: (value: T) => void,
): HTMLElement {
  const buttons = choices.map(({ label, icon }) =>
    h("button", "dp-segment", { type: "button", role: "radio", title: icon ? label : null, "aria-label": icon ? label : null }, icon ?? label));
  const mark = (at: number): void => buttons.forEach((button, i) => set(button, { "aria-checked": String(i === at), tabindex: i === at ? 0 : -1 }));
  const choose = (at: number): void => {
    const choice = choices[at];
    if (!choice) return;
    mark(at);
    buttons[at]?.focus();
    onChoose(choice.value);
  };
  buttons.forEach((button, i) => button.addEventListener("click", () => choose(i), { signal }));
  const group = h("div", "dp-segments", { role: "radiogroup", "aria-label": name }, ...buttons);
  group.addEventListener("keydown", ({ key }) => {
    const step = key === "ArrowRight" || key === "ArrowDown" ? 1 : key === "ArrowLeft" || key === "ArrowUp" ? -1 : 0;
    if (step === 0) return;
    const at = buttons.findIndex((button) => button.getAttribute("aria-checked") === "true");
    choose((at + step + buttons.length) % buttons.length);
  }, { signal });
  mark(choices.findIndex(({ value }) => value === chosen));
  return group;
}
