/**
 * A table of any length: sticky header, sorting, filtering, keyboard. Only the rows in sight are in the page once there
 * are more than 200. It holds still while the pointer or the focus is on its rows, so that nothing moves away under a click.
 */

import { scanTexts } from "../i18n/scan.ts";
import { type Column, columnsOf } from "./columns.ts";
import { button, h, say, set } from "./dom.ts";
import type { Format } from "./format.ts";
import { arrange, type Order, type Row } from "./order.ts";

const ALL_AT_ONCE = 200;
/** As in theme.css; windowing needs to know where a row is without measuring it. */
const ROW_PX = 28;
const MARGIN_ROWS = 8;
/** As in theme.css: the room a long table has, even before it is in the page. */
const HEIGHT_PX = 364;
const heightOf = (scroller: HTMLElement): number => scroller.clientHeight || HEIGHT_PX;

export interface GridData {
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  readonly sort: string | undefined;
  readonly descending: boolean;
}

export interface GridView {
  readonly element: HTMLElement;
  update(data: GridData): void;
  filter(text: string): void;
  /** Called after the rows on show changed, with their number and the number there is. */
  onShown(callback: (shown: number, all: number) => void): void;
}

let instances = 0;

export function gridView(format: Format, signal: AbortSignal): GridView {
  const t = scanTexts(format.t);
  const id = `sw-grid-${(instances += 1)}`;
  const collator = new Intl.Collator(format.t.lang, { numeric: true });
  const head = h("tr", "");
  const body = h("tbody", "");
  const widths = h("colgroup", "");
  const table = h("table", "sw-table", {}, widths, h("thead", "", {}, head), body);
  const scroller = h("div", "sw-grid", { tabindex: 0, role: "group", "aria-label": t.tableLabel }, table);
  const pill = button("sw-pill", "", signal, () => release());
  pill.hidden = true;
  const element = h("div", "sw-grid-box", {}, scroller, pill);

  let data: GridData = { columns: [], rows: [], sort: undefined, descending: true };
  let waiting: GridData | null = null;
  let columns: Column[] = [];
  let order: Order | null = null;
  let chosen = false; // The reader sorted by hand; the scan's own order must not come back.
  let words = "";
  let rows: readonly Row[] = [];
  let active = -1;
  let pointer = false;
  let shown: (shown: number, all: number) => void = () => undefined;

  const columnsChanged = (): void => {
    const sortColumn = data.columns.indexOf(data.sort ?? "");
    columns = columnsOf(data.columns, data.sort ?? "", format);
    table.classList.toggle("sw-many", columns.length > 6);
    if (!chosen) order = sortColumn === -1 ? null : { column: sortColumn, descending: data.descending };
    head.replaceChildren(...columns.map((column, i) => {
      const label = button("sw-sort", column.label, signal, () => sortBy(i));
      set(label, { title: t.sortBy(column.label) });
      return h("th", column.numeric ? "sw-num" : "", { scope: "col", "data-priority": column.priority, "data-column": column.key }, label);
    }));
  };

  const sortBy = (column: number): void => {
    const first = columns[column]?.numeric ?? false; // Numbers start with the largest, texts with A.
    order = { column, descending: order?.column === column ? !order.descending : first };
    chosen = true;
    active = -1;
    release();
    arrangeRows();
    scroller.scrollTop = 0;
    draw();
  };

  const arrangeRows = (): void => {
    rows = arrange(data.rows, order, words, collator);
    [...head.children].forEach((cell, i) => {
      set(cell, { "aria-sort": order?.column !== i ? null : order.descending ? "descending" : "ascending" });
    });
    widths.replaceChildren(...columns.map((column, i) => {
      const col = h("col", "", { "data-priority": column.priority });
      if (column.numeric) col.style.width = `${widest(column, i)}ch`;
      return col;
    }));
    set(table, { "aria-rowcount": rows.length + 1 });
    shown(rows.length, data.rows.length);
  };

  /** Room for the longest text of a column, judged by a sample, so that columns stay put while rows scroll by. */
  const widest = (column: Column, i: number): number => {
    const step = Math.max(1, Math.floor(data.rows.length / 60));
    let length = column.label.length;
    for (let r = 0; r < data.rows.length; r += step) length = Math.max(length, column.write(data.rows[r]?.[i] ?? null).text.length);
    return length + 3;
  };

  const draw = (): void => {
    let [from, to] = [0, rows.length];
    if (rows.length > ALL_AT_ONCE) {
      from = Math.max(0, Math.floor(scroller.scrollTop / ROW_PX) - MARGIN_ROWS);
      to = Math.min(rows.length, Math.ceil((scroller.scrollTop + heightOf(scroller)) / ROW_PX) + MARGIN_ROWS);
    }
    const drawn = rows.slice(from, to).map((row, i) => rowElement(row, from + i));
    body.replaceChildren(spacer(from), ...drawn, spacer(rows.length - to));
    set(scroller, { "aria-activedescendant": active >= from && active < to ? `${id}-${active}` : null });
  };

  const rowElement = (row: Row, index: number): HTMLElement =>
    h("tr", "", { id: `${id}-${index}`, "aria-rowindex": index + 2, "data-active": index === active },
      ...columns.map((column, i) => {
        const { text, tone } = column.write(row[i] ?? null);
        const kind = i === 0 ? "th" : "td";
        const name = `${column.numeric ? "sw-num" : ""}${tone ? ` sw-${tone}` : ""}`.trim();
        const title = column.key === "name" ? text : null;
        return h(kind, name, { "data-priority": column.priority, "data-column": column.key, scope: i === 0 ? "row" : null, title }, text);
      }));

  const take = (next: GridData): void => {
    const newColumns = next.columns.join("\n") !== data.columns.join("\n") || next.sort !== data.sort || next.descending !== data.descending;
    const activeRow = rows[active];
    data = next;
    if (newColumns) columnsChanged();
    arrangeRows();
    active = activeRow ? rows.findIndex((row) => row[0] === activeRow[0]) : -1;
    draw();
  };
  const release = (): void => {
    pill.hidden = true;
    if (!waiting) return;
    const next = waiting;
    waiting = null;
    take(next);
  };
  const held = (): boolean => (pointer || scroller.matches(":focus")) && rows.length > 0;

  scroller.addEventListener("scroll", () => rows.length > ALL_AT_ONCE && requestAnimationFrame(draw), { signal, passive: true });
  body.addEventListener("pointerenter", () => { pointer = true; }, { signal });
  body.addEventListener("pointerleave", () => { pointer = false; if (!held()) release(); }, { signal });
  scroller.addEventListener("blur", () => { if (!held()) release(); }, { signal });
  body.addEventListener("click", (event) => {
    const row = event.target instanceof Element ? event.target.closest("tr[id]") : null;
    if (row) activate(Number(row.id.slice(id.length + 1)));
  }, { signal });

  const activate = (index: number): void => {
    if (rows.length === 0) return;
    active = Math.min(rows.length - 1, Math.max(0, index));
    const top = active * ROW_PX;
    const room = heightOf(scroller) - ROW_PX; // The sticky header covers one row.
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (top + ROW_PX > scroller.scrollTop + room) scroller.scrollTop = top + ROW_PX - room;
    draw();
  };
  scroller.addEventListener("keydown", (event) => {
    if (event.target !== scroller || event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor(heightOf(scroller) / ROW_PX) - 2);
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: active + 1, ArrowUp: Math.max(0, active - 1), PageDown: active + page, PageUp: active - page, Home: 0, End: rows.length - 1,
    };
    const to = moves[event.key];
    if (to === undefined) return;
    event.preventDefault();
    activate(to);
  }, { signal });
  scroller.addEventListener("copy", (event) => {
    const row = rows[active];
    if (!row || (getSelection()?.toString() ?? "") !== "") return;
    event.clipboardData?.setData("text/plain", row.map((cell) => cell ?? "").join("\t"));
    event.preventDefault();
  }, { signal });

  return {
    element,
    update(next) {
      if (!held()) return take(next);
      waiting = next;
      const more = next.rows.length - data.rows.length;
      pill.hidden = more <= 0;
      say(pill, t.newRows(format.count(more)));
      set(pill, { title: t.holdTip });
    },
    filter(text) {
      words = text;
      active = -1;
      arrangeRows();
      scroller.scrollTop = 0;
      draw();
    },
    onShown(callback) {
      shown = callback;
    },
  };
}

function spacer(rows: number): HTMLElement {
  const element = h("tr", "sw-spacer", { "aria-hidden": "true" });
  element.style.height = `${rows * ROW_PX}px`;
  element.hidden = rows <= 0;
  return element;
}
