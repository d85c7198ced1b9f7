/**
 * A table of any length: sticky header and first column, sorting, filtering, keyboard. Only the rows in sight are in the
 * page once there are more than 200. It holds still while the pointer or the focus is on its rows, so that nothing moves
 * away under a click.
 */

import { scanTexts } from "../i18n/scan.ts";
import { extentOf, ZERO } from "./cellbar.ts";
import { choices, choose } from "./choices.ts";
import { type Column, columnsOf, laidOut, sparkColumn } from "./columns.ts";
import { button, h, say, set } from "./dom.ts";
import type { Format } from "./format.ts";
import { gridRows, heightOf, ROW_PX, windowed } from "./gridrows.ts";
import { type Order, Ordered, type Row, sifted } from "./order.ts";
import { type Sheet, tsv } from "./sheet.ts";
import { sieveOf, type Wish } from "./sieve.ts";
import { readSpark, sparkline, sparkWords } from "./sparkline.ts";

/** Changes that come faster are not slid: no eye follows them, and each costs layers to compose. */
const CALM_MS = 600;
/** Columns get room for their longest texts, as a sample of so many rows has them. */
const SAMPLE = 60;

export interface GridData {
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  /** One a row; see sparkline.ts. */
  readonly sparks?: readonly string[];
  readonly sort: string | undefined;
  readonly descending: boolean;
}

export interface Shown {
  readonly shown: number;
  readonly all: number;
  /** A name in the filter that no column has. */
  readonly unknown: string | null;
}

export interface GridView {
  readonly element: HTMLElement;
  update(data: GridData): void;
  filter(text: string): void;
  /** Show the columns as the reader's choices have them now. */
  layOut(): void;
  /** All columns, as the data have them. */
  columns(): readonly Column[];
  /** The rows and columns on show, in their order. */
  sheet(): Sheet;
  focus(): void;
  /** Called after the rows on show changed. */
  onShown(callback: (shown: Shown) => void): void;
}

/** What the reader did to the table, for the view that takes this one's place. */
export interface GridMemory {
  order?: Order;
  words?: string;
}

export interface GridOptions {
  readonly memory: GridMemory;
  readonly format: Format;
  readonly signal: AbortSignal;
  /** The reader wants to see more of the symbol; not given where nobody could show it. */
  readonly onOpen?: ((symbol: string) => void) | undefined;
}

let instances = 0;

export function gridView({ format, signal, onOpen, memory }: GridOptions): GridView {
  const t = scanTexts(format.t);
  const id = `sw-grid-${(instances += 1)}`;
  const collator = new Intl.Collator(format.t.lang);
  const head = h("tr", "");
  const scroller = h("div", "sw-grid");
  const body = gridRows(id, scroller, { open: onOpen && t.open, picture: (row) => picture(row) });
  const widths = h("colgroup", "");
  const table = h("table", "sw-table", {
    role: "grid", tabindex: 0, "aria-label": onOpen ? t.tableLabelOpen : t.tableLabel, "aria-multiselectable": "true",
  }, widths, h("thead", "", {}, head), body.element);
  scroller.append(table);
  const pill = button("sw-pill", "", signal, () => release());
  pill.hidden = true;
  const element = h("div", "sw-grid-box", {}, scroller, pill);

  const fitting = new ResizeObserver(() => table.classList.toggle("sw-wide", table.offsetWidth > scroller.clientWidth + 1)); // Then its first column sticks.
  for (const each of [table, scroller]) fitting.observe(each);
  signal.addEventListener("abort", () => fitting.disconnect());

  let data: GridData = { columns: [], rows: [], sort: undefined, descending: true };
  let waiting: GridData | null = null;
  const sparks = new WeakMap<Row, string>();
  let all: Column[] = [];
  let columns: Column[] = [];
  let order: Order | null = memory.order ?? null;
  let chosen = order !== null; // The reader sorted by hand; the scan's own order must not come back.
  let words = memory.words ?? "";
  let wish: Wish = sieveOf("", [], -1);
  let ordered = new Ordered(null, collator);
  let rows: readonly Row[] = [];
  let extent = ZERO;
  let sampled = 0; // Rows that the widths of the columns were judged by.
  let changedAt = Number.NEGATIVE_INFINITY;
  let active = -1;
  let anchor = -1; // Rows from here to the active one are selected.
  let pointer = false;
  let told: (shown: Shown) => void = () => undefined;

  const columnsChanged = (): void => {
    const sortColumn = data.columns.indexOf(data.sort ?? "");
    all = columnsOf(data.columns, data.sort ?? "", format);
    if (data.sparks?.length) all.push(sparkColumn(all.length, t.spark));
    if (!chosen) order = sortColumn === -1 ? null : { column: sortColumn, descending: data.descending };
    headChanged();
  };

  const headChanged = (): void => {
    const { columnsHidden: hidden, columnOrder } = choices();
    columns = laidOut(all, { hidden, order: columnOrder });
    table.classList.toggle("sw-many", columns.length > 6);
    set(table, { "aria-colcount": columns.length });
    head.replaceChildren(...columns.map((column) => {
      const label = button("sw-sort", column.label, signal, () => column.drawn || sortBy(column));
      const title = column.drawn ? t.sparkTip : t.sortBy(column.label);
      set(label, { title, "aria-disabled": column.drawn && "true", "aria-keyshortcuts": column.at > 0 ? "Alt+ArrowLeft Alt+ArrowRight" : null });
      label.addEventListener("keydown", (event) => {
        const by = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
        if (by === 0 || !event.altKey || column.at === 0) return;
        event.preventDefault();
        move(column, by);
      }, { signal });
      return h("th", column.numeric ? "sw-num" : "", { scope: "col", "data-priority": column.priority, "data-column": column.key }, label);
    }));
  };

  const move = (column: Column, by: number): void => {
    const keys = columns.map(({ key }) => key);
    const from = keys.indexOf(column.key);
    const to = from + by;
    if (to < 1 || to >= keys.length) return;
    keys.splice(to, 0, ...keys.splice(from, 1));
    choose({ columnOrder: [...keys, ...choices().columnOrder.filter((key) => !keys.includes(key))] }); // Calls layOut in every table of the page.
    head.querySelector<HTMLElement>(`th[data-column="${CSS.escape(column.key)}"] button`)?.focus();
  };

  const sortBy = ({ at, numeric }: Column): void => {
    order = memory.order = { column: at, descending: order?.column === at ? !order.descending : numeric }; // Numbers start with the largest, texts with A.
    chosen = true;
    unmark();
    release();
    scroller.scrollTop = 0;
    arrangeRows();
    draw("sliding");
  };

  const picture = (row: Row): SVGElement | null => {
    const spark = readSpark(sparks.get(row));
    return spark && sparkline(spark, sparkWords(spark, t, format));
  };

  const unmark = (): void => {
    active = anchor = -1;
  };

  /** Sift and sort `added`, which came after the rows that are in order already; without it all anew. */
  const arrangeRows = (added?: readonly Row[]): void => {
    if (!added) {
      wish = sieveOf(words, all, order?.column ?? -1);
      ordered = new Ordered(order, collator);
      extent = ZERO;
    }
    if (wish.unknown === null) ordered.add(sifted(added ?? data.rows, wish));
    rows = ordered.rows;
    columns.forEach(({ at }, i) => {
      set(head.children[i] as HTMLElement, { "aria-sort": order?.column !== at ? null : order.descending ? "descending" : "ascending" });
    });
    if (!added || data.rows.length >= 2 * sampled) widen();
    const ranking = rankedBy();
    if (ranking !== -1) extent = extentOf(added ?? data.rows, ranking, extent);
    set(table, { "aria-rowcount": rows.length + 1 });
    told({ shown: rows.length, all: data.rows.length, unknown: wish.unknown });
  };

  /** The place of the number that hits are ranked by; -1 if it is none. */
  const rankedBy = (): number => all.find(({ key, numeric }) => numeric && key === data.sort)?.at ?? -1;

  /** Give each column room for its longest text, so that columns stay put while rows scroll by. */
  const widen = (): void => {
    sampled = data.rows.length;
    widths.replaceChildren(...columns.map((column) => {
      const col = h("col", "", { "data-priority": column.priority, "data-column": column.key });
      if (column.numeric) col.style.width = `${widest(column)}ch`;
      return col;
    }));
  };

  const widest = (column: Column): number => {
    const step = Math.max(1, Math.floor(data.rows.length / SAMPLE));
    let length = column.label.length;
    for (let r = 0; r < data.rows.length; r += step) length = Math.max(length, column.write(data.rows[r]?.[column.at] ?? null).text.length);
    return length + 3;
  };

  const draw = (how: Parameters<typeof body.draw>[1] = "at once"): void => {
    const ranked = { at: rankedBy(), extent };
    const inSight = body.draw({ rows, columns, ranked, active, selected: active < 0 ? [-1, -1] : selected() }, how);
    set(table, { "aria-activedescendant": inSight ? `${id}-${active}` : null });
  };

  const selected = (): [number, number] => [Math.min(anchor, active), Math.max(anchor, active)];

  const take = (next: GridData): void => {
    const newColumns = next.columns.join("\n") !== data.columns.join("\n") || !next.sparks?.length !== !data.sparks?.length || next.sort !== data.sort || next.descending !== data.descending;
    if (!newColumns && next.rows === data.rows) return;
    const activeRow = rows[active];
    const before = data.rows.length;
    const grown = !newColumns && before > 0 && next.rows[0] === data.rows[0] && next.rows[before - 1] === data.rows[before - 1];
    data = next;
    for (let r = grown ? before : 0; r < next.rows.length; r += 1) sparks.set(next.rows[r] as Row, next.sparks?.[r] ?? "");
    if (newColumns) columnsChanged();
    arrangeRows(grown ? next.rows.slice(before) : undefined);
    active = anchor = activeRow ? rows.findIndex((row) => row[0] === activeRow[0]) : -1;
    const now = performance.now();
    draw(now - changedAt > CALM_MS ? "sliding" : "at once");
    changedAt = now;
  };
  const release = (): void => {
    pill.hidden = true;
    if (!waiting) return;
    const next = waiting;
    waiting = null;
    take(next);
  };
  const held = (): boolean => (pointer || table.matches(":focus")) && rows.length > 0;

  let due = 0;
  scroller.addEventListener("scroll", () => {
    if (windowed(rows) && due === 0) due = requestAnimationFrame(() => {
      due = 0;
      draw("scrolling");
    });
  }, { signal, passive: true });
  body.element.addEventListener("pointerenter", () => { pointer = true; }, { signal });
  body.element.addEventListener("pointerleave", () => { pointer = false; if (!held()) release(); }, { signal });
  table.addEventListener("blur", () => { if (!held()) release(); }, { signal });
  const open = (index: number): void => {
    const row = rows[index];
    if (row && onOpen) onOpen(String(row[0]));
  };
  body.element.addEventListener("click", (event) => {
    const index = body.numberOf(event);
    if (index < 0) return;
    activate(index, event.shiftKey);
    if (event.target instanceof Element && event.target.closest(".sw-open")) open(index);
  }, { signal });
  body.element.addEventListener("dblclick", (event) => {
    if (!(event.target instanceof Element && event.target.closest(".sw-open"))) open(body.numberOf(event));
  }, { signal });

  const activate = (index: number, extend: boolean): void => {
    if (rows.length === 0) return;
    active = Math.min(rows.length - 1, Math.max(0, index));
    if (!extend || anchor < 0) anchor = active;
    const top = active * ROW_PX;
    const room = heightOf(scroller) - ROW_PX; // The sticky header covers one row.
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (top + ROW_PX > scroller.scrollTop + room) scroller.scrollTop = top + ROW_PX - room;
    draw();
  };
  table.addEventListener("keydown", (event) => {
    if (event.target !== table || event.altKey) return;
    if (event.ctrlKey || event.metaKey) {
      if (event.key.toLowerCase() !== "a" || rows.length === 0) return;
      event.preventDefault();
      [anchor, active] = [0, rows.length - 1];
      return draw();
    }
    if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      return open(active);
    }
    const page = Math.max(1, Math.floor(heightOf(scroller) / ROW_PX) - 2);
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: active + 1, ArrowUp: Math.max(0, active - 1), PageDown: active + page, PageUp: active - page, Home: 0, End: rows.length - 1,
    };
    const to = moves[event.key];
    if (to === undefined) return;
    event.preventDefault();
    activate(to, event.shiftKey);
  }, { signal });
  const sheetOf = (some: readonly Row[]): Sheet => {
    const written = columns.filter(({ drawn }) => !drawn);
    return { keys: written.map(({ key }) => key), places: written.map(({ at }) => at), rows: some };
  };
  table.addEventListener("copy", (event) => {
    if (active < 0 || (getSelection()?.toString() ?? "") !== "") return;
    const [first, last] = selected();
    event.clipboardData?.setData("text/plain", tsv(sheetOf(rows.slice(first, last + 1))));
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
      words = memory.words = text;
      unmark();
      scroller.scrollTop = 0;
      arrangeRows();
      draw();
    },
    layOut() {
      headChanged();
      arrangeRows();
      draw();
    },
    columns: () => all,
    sheet: () => sheetOf(rows),
    focus: () => table.focus({ preventScroll: true }),
    onShown(callback) {
      told = callback;
    },
  };
}
