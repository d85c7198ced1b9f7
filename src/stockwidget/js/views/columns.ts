/** How each column of a scan is called and written; the names are those of scan/columns.py. */

import type { ScanCatalogue } from "../i18n/scan.en.ts";
import { scanTexts } from "../i18n/scan.ts";
import type { Cell } from "./documents.ts";
import { arrow, direction, type Format, isNumber, MISSING } from "./format.ts";

type Look = "text" | "change" | "share" | "volume" | "index" | "price";

export interface Column {
  readonly key: string;
  /** Where in a row it stands. */
  readonly at: number;
  readonly label: string;
  readonly numeric: boolean;
  /** Drawn, not written: no cell of a row holds it, and nothing sorts or copies by it. */
  readonly drawn?: true;
  /** Fractions that are shown in percent. */
  readonly percent: boolean;
  /** Columns of a narrow card go from the highest number down; 0 always stays. */
  readonly priority: number;
  write(cell: Cell): { readonly text: string; readonly tone: "up" | "down" | "flat" | null };
}

/** Which columns a reader has put away, and in which order the others stand; columns that it does not name come after. */
export interface Layout {
  readonly hidden: readonly string[];
  readonly order: readonly string[];
}

const TEXT = new Set(["symbol", "name", "last_date"]);
const LOOKS: Readonly<Record<string, Look>> = {
  ret: "change", drawdown: "change", volatility: "share", bandwidth: "share", percent_b: "share", volume: "volume", rsi: "index", score: "index",
  mfi: "index", adx: "index", cci: "index", roc: "index", percentile: "index",
};

export function columnsOf(keys: readonly string[], sortKey: string, format: Format): Column[] {
  const rest = keys.filter((key) => !(key in PRIORITY) && key !== sortKey);
  return keys.map((key, at) => columnOf(key, at, key === sortKey ? 0 : (PRIORITY[key] ?? (key === rest[0] ? 2 : 3)), format));
}

/** The small picture of a row's last closes, as a column behind `count` others. */
export function sparkColumn(count: number, label: string): Column {
  return { key: "sparkline", at: count, label, numeric: false, percent: false, drawn: true, priority: 3, write: () => ({ text: "", tone: null }) };
}

/** In the reader's order, without what he put away; the first column stays where it is. */
export function laidOut(columns: readonly Column[], { hidden, order }: Layout): Column[] {
  const place = ({ key, at }: Column): number => {
    const chosen = order.indexOf(key);
    return at === 0 ? -1 : chosen === -1 ? order.length + at : chosen;
  };
  return columns.filter(({ key, at }) => at === 0 || !hidden.includes(key)).sort((a, b) => place(a) - place(b));
}

/** The sorted column is 0 too; of the others one survives on a phone. */
const PRIORITY: Readonly<Record<string, number>> = { symbol: 0, close: 1, name: 3, last_date: 4 };

function columnOf(key: string, at: number, priority: number, format: Format): Column {
  const look = TEXT.has(key) ? "text" : (LOOKS[partsOf(key).family] ?? "price");
  return {
    key,
    at,
    label: labelOf(key, scanTexts(format.t)),
    numeric: look !== "text",
    percent: look === "change" || look === "share",
    priority,
    write(cell) {
      if (cell === null || cell === undefined) return { text: MISSING, tone: null };
      if (!isNumber(cell)) return { text: String(cell), tone: null };
      if (look === "change") return { text: `${arrow(cell)} ${format.change(cell)}`.trim(), tone: direction(cell) };
      return { text: write(cell, look, format), tone: null };
    },
  };
}

function write(value: number, look: Look, format: Format): string {
  switch (look) {
    case "share":
      return format.share(value);
    case "volume":
      return format.volume(value);
    case "index":
      return format.decimal(value, 1);
    default:
      return format.price(value);
  }
}

/** `rsi_14` and `rsi(14)` are RSI of 14 bars; any other expression is its own name. */
function partsOf(key: string): { readonly family: string; readonly period: string | undefined } {
  const [, family = key, one, other] = /^([a-z][a-z_]*?)(?:_(\d+)|\((\d*)\))?$/.exec(key) ?? [];
  return { family, period: one ?? (other || undefined) };
}

function labelOf(key: string, t: ScanCatalogue): string {
  const named = t.column[key];
  if (named) return named;
  const { family, period } = partsOf(key);
  if (family === "volatility") return t.columnVolatility();
  if (family === "drawdown") return t.columnDrawdown(period);
  if (period === undefined) return key;
  if (family === "ret") return t.columnRet(period);
  if (family === "sma") return t.sma(Number(period));
  return `${family.toUpperCase()} ${period}`;
}
