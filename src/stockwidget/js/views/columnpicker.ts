/** Which columns a table shows: a row of ticks that a button unfolds. What is chosen holds for every scan of the page. */

import type { ScanCatalogue } from "../i18n/scan.en.ts";
import { choices, choose } from "./choices.ts";
import type { Column } from "./columns.ts";
import { button, h } from "./dom.ts";

export interface ColumnPicker {
  readonly element: HTMLElement;
  update(columns: readonly Column[]): void;
}

export function columnPicker(t: ScanCatalogue, signal: AbortSignal): ColumnPicker {
  const ticks = h("div", "sw-ticks");
  const reset = button("sw-action", t.allColumns, signal, () => choose({ columnsHidden: [], columnOrder: [] }));
  const element = h("div", "sw-picker", { role: "group", "aria-label": t.columns, hidden: true }, ticks, reset, h("p", "sw-hint", {}, t.columnsHint));
  let drawn = "";

  return {
    element,
    update(columns) {
      const { columnsHidden, columnOrder } = choices();
      reset.disabled = columnsHidden.length + columnOrder.length === 0;
      const key = JSON.stringify([columns.map(({ label }) => label), columnsHidden]);
      if (key === drawn) return;
      drawn = key;
      const focused = ticks.contains(document.activeElement) ? (document.activeElement as HTMLInputElement).value : null;
      ticks.replaceChildren(...columns.filter(({ at }) => at > 0).map(({ key: name, label }) => {
        const tick = h("input", "", { type: "checkbox", value: name });
        tick.checked = !columnsHidden.includes(name);
        tick.addEventListener("change", () => {
          const others = choices().columnsHidden.filter((hidden) => hidden !== name);
          choose({ columnsHidden: tick.checked ? others : [...others, name] });
        }, { signal });
        return h("label", "sw-tick", {}, tick, label);
      }));
      if (focused !== null) [...ticks.querySelectorAll("input")].find(({ value }) => value === focused)?.focus();
    },
  };
}
