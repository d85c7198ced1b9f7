/** The rows of a table that are in sight, as elements; each is made once and kept while it stays in sight. */

import { bars, type Extent } from "./cellbar.ts";
import type { Column } from "./columns.ts";
import { h, set } from "./dom.ts";
import { MISSING } from "./format.ts";
import { slide } from "./motion.ts";
import type { Row } from "./order.ts";

const ALL_AT_ONCE = 200;
/** As in scan.css; windowing needs to know where a row is without measuring it. */
export const ROW_PX = 28;
/** Rows that fly by are drawn without their pictures, which come once the table has stood still so long. */
const STILL_MS = 100;
/** Fewer new rows than these are no flight. */
const FEW = 6;
const MARGIN_ROWS = 8;
/** As in table.css: the room a long table has, even before it is in the page or while only its head is. */
const HEIGHT_PX = 364;
export const heightOf = (scroller: HTMLElement): number => scroller.clientHeight || HEIGHT_PX;
/** Whether only some of so many rows are in the page. */
export const windowed = (rows: readonly Row[]): boolean => rows.length > ALL_AT_ONCE;

export interface Scene {
  readonly rows: readonly Row[];
  /** Another array once any of them has changed. */
  readonly columns: readonly Column[];
  /** The place in a row that hits are ranked by, -1 if there is none, and its range. */
  readonly ranked: { readonly at: number; readonly extent: Extent };
  /** Number of the row that the keyboard stands on, and of those selected; -1 if there is none. */
  readonly active: number;
  readonly selected: readonly [first: number, last: number];
}

export interface GridRows {
  readonly element: HTMLElement;
  /**
   * `how`: rows may have changed their place, and slide there; or the reader scrolls. Returns whether the active row is among
   * those drawn.
   */
  draw(scene: Scene, how: "at once" | "sliding" | "scrolling"): boolean;
  /** The number of the row that an event is about, or -1. */
  numberOf(event: Event): number;
}

interface Made {
  readonly element: HTMLElement;
  readonly barred: HTMLElement | null;
  extent: Extent | null;
  /** The cell that still waits for its picture. */
  blank: HTMLElement | null;
}

export interface Content {
  /** What a click on this symbol does, in words; undefined if it does nothing. */
  readonly open: ((symbol: string) => string) | undefined;
  /** The content of a column that is drawn; null where there is none. */
  picture(row: Row): SVGElement | null;
}

export function gridRows(id: string, scroller: HTMLElement, { open, picture }: Content): GridRows {
  const [above, below] = [spacer(), spacer()];
  const element = h("tbody", "");
  let made = new Map<Row, Made>();
  let columns: readonly Column[] = [];
  let drawnAt = new Map<string, number>();
  let filling: ReturnType<typeof setTimeout> | undefined;

  const fill = (row: Row, shown: Made): void => {
    if (!shown.blank) return;
    const drawing = picture(row);
    shown.blank.append(drawing ?? MISSING);
    set(shown.blank, { title: drawing?.getAttribute("aria-label") });
    shown.blank = null;
  };
  const make = (row: Row, ranked: Scene["ranked"]): Made => {
    let barred: HTMLElement | null = null;
    let blank: HTMLElement | null = null;
    const cells = columns.map((column) => {
      const cell = row[column.at] ?? null;
      const { text, tone } = column.write(cell);
      const bar = ranked.at === column.at && typeof cell === "number";
      const name = [column.numeric && "sw-num", tone && `sw-${tone}`, bar && "sw-barred"].filter(Boolean).join(" ");
      const symbol = column.at === 0;
      const title = column.key === "name" ? text : symbol && open ? open(text) : null;
      const content = symbol && open ? h("span", "sw-open", {}, text) : text;
      const element = h(symbol ? "th" : "td", name, { "data-priority": column.priority, "data-column": column.key, scope: symbol ? "row" : null, title }, content);
      if (bar) barred = element;
      if (column.drawn) blank = element;
      return element;
    });
    return { element: h("tr", "", {}, ...cells), barred, extent: null, blank };
  };

  return {
    element,
    draw(scene, how) {
      const { rows, active, selected: [first, last], ranked } = scene;
      let [from, to] = [0, rows.length];
      if (windowed(rows)) {
        from = Math.max(0, Math.floor(scroller.scrollTop / ROW_PX) - MARGIN_ROWS);
        to = Math.min(rows.length, Math.ceil((scroller.scrollTop + Math.max(scroller.clientHeight, HEIGHT_PX)) / ROW_PX) + MARGIN_ROWS);
      }
      if (scene.columns !== columns) made = new Map();
      columns = scene.columns;
      const kept = new Map<Row, Made>();
      const inSight = rows.slice(from, to);
      const flying = how === "scrolling" && inSight.filter((row) => !made.has(row)).length > FEW;
      const drawn = inSight.map((row, i) => {
        const index = from + i;
        const shown = made.get(row) ?? make(row, ranked);
        kept.set(row, shown);
        if (!flying) fill(row, shown);
        set(shown.element, { id: `${id}-${index}`, "aria-rowindex": index + 2, "data-active": index === active, "aria-selected": String(index >= first && index <= last) });
        if (shown.barred && shown.extent !== ranked.extent) {
          shown.extent = ranked.extent;
          bars(shown.barred, row[ranked.at] as number, ranked.extent);
        }
        return { element: shown.element, key: String(row[0]), index };
      });
      made = kept;
      stretch(above, from);
      stretch(below, rows.length - to);
      put(element, [above, ...drawn.map((each) => each.element), below]);
      if (flying) {
        clearTimeout(filling);
        filling = setTimeout(() => made.forEach((shown, row) => fill(row, shown)), STILL_MS);
      }
      if (how === "sliding") slide(drawn, drawnAt, ROW_PX);
      drawnAt = new Map(drawn.map(({ key, index }) => [key, index]));
      return active >= from && active < to;
    },
    numberOf(event) {
      const row = event.target instanceof Element ? event.target.closest("tr[id]") : null;
      return row ? Number(row.id.slice(id.length + 1)) : -1;
    },
  };
}

const spacer = (): HTMLElement => h("tr", "sw-spacer", { "aria-hidden": "true", hidden: true });

function stretch(element: HTMLElement, rows: number): void {
  const height = `${rows * ROW_PX}px`;
  if (element.style.height !== height) element.style.height = height;
  element.hidden = rows <= 0;
}

/** Make `wanted` the children of `parent`; those that are there and in order are not touched, so that they need no layout. */
function put(parent: HTMLElement, wanted: readonly Element[]): void {
  const staying = new Set(wanted);
  for (const child of [...parent.children]) if (!staying.has(child)) child.remove();
  let at = parent.firstElementChild;
  for (const element of wanted) {
    if (element === at) at = at.nextElementSibling;
    else parent.insertBefore(element, at);
  }
}
