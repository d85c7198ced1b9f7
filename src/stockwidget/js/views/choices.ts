/** What the reader chose to see, for every chart that comes after: kept in the browser where it may be. */

import type { Habit } from "./documents.ts";

export interface Choices {
  readonly overlays: readonly string[];
  readonly panes: readonly string[];
  readonly marks: "none" | "main" | "all";
  readonly levels: boolean;
  readonly log: boolean;
  /** Which colour means up; empty follows the market. */
  readonly up: Habit | "";
  /** Names of the parts that are unfolded; `BY_WIDTH` until the reader has folded one. */
  readonly open: readonly string[];
  /** Columns of scans that were put away, and the order in which the others were placed. */
  readonly columnsHidden: readonly string[];
  readonly columnOrder: readonly string[];
}

export const BY_WIDTH = "*";

const DEFAULTS: Choices = {
  overlays: ["sma_20", "sma_50", "sma_200"],
  panes: ["volume", "macd"],
  marks: "main",
  levels: true,
  log: false,
  up: "",
  open: [BY_WIDTH],
  columnsHidden: [],
  columnOrder: [],
};
const KEY = "stockwidget.choices.v1";

/** Several copies of this module may live in a page, and its storage may be forbidden. */
const page = globalThis as unknown as Record<symbol, Partial<Choices> | undefined>;
const HERE = Symbol.for(KEY);

export const choices = (): Choices => ({ ...DEFAULTS, ...(page[HERE] ?? stored()) });

export function choose(change: Partial<Choices>): void {
  page[HERE] = { ...choices(), ...change };
  try {
    localStorage.setItem(KEY, JSON.stringify(page[HERE]));
  } catch {
    // Full or forbidden: the choice holds for this page.
  }
  dispatchEvent(new Event(KEY));
}

export function onChoice(changed: () => void, signal: AbortSignal): void {
  addEventListener(KEY, changed, { signal });
}

/** What an older version or another hand has written is taken only where it has the right form. */
function stored(): Partial<Choices> {
  try {
    const found = Object.entries(JSON.parse(localStorage.getItem(KEY) ?? "{}") as object);
    const fits = ([name, value]: [string, unknown]): boolean => {
      const usual = (DEFAULTS as unknown as Record<string, unknown>)[name];
      return typeof usual === typeof value && Array.isArray(usual) === Array.isArray(value);
    };
    return Object.fromEntries(found.filter(fits)) as Partial<Choices>;
  } catch {
    return {};
  }
}
