/** Small tables of the result: a head, rows, numbers to the right. */

import { h } from "./dom.ts";

type Cell = Node | string;

export interface Column {
  readonly label: Cell;
  readonly number?: boolean;
  readonly tip?: string;
  /** The lower, the narrower the card it still stands in; 1 always does. */
  readonly priority?: 1 | 2 | 3;
}

export function table(name: string, label: string, columns: readonly Column[], rows: readonly (HTMLElement | readonly Cell[])[]): HTMLElement {
  const marks = ({ number, priority = 1 }: Column): { class: string | null; "data-priority": number } => ({ class: number ? "sw-num" : null, "data-priority": priority });
  const cells = (row: readonly Cell[]): HTMLElement =>
    h("tr", "", {}, ...row.map((cell, i) => {
      const column = columns[i] as Column;
      return i === 0 ? h("th", "", { scope: "row", ...marks(column) }, cell) : h("td", "", marks(column), cell);
    }));
  return h("div", "sw-facts-box", {}, h("table", `sw-facts sw-facts-${name}`, { "aria-label": label },
    h("thead", "", {}, h("tr", "", {}, ...columns.map((column) => h("th", "", { scope: "col", title: column.tip, ...marks(column) }, column.label)))),
    h("tbody", "", {}, ...rows.map((row) => (row instanceof HTMLElement ? row : cells(row))))));
}
