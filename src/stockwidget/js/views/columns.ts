/** How each column of a scan is called and written; the names are those of scan/columns.py. */

import type { ScanCatalogue } from "../i18n/scan.en.ts";
import { scanTexts } from "../i18n/scan.ts";
import type { Cell } from "./documents.ts";
import { arrow, direction, type Format, isNumber, MISSING } from "./format.ts";

type Look = "text" | "change" | "share" | "volume" | "index" | "price";

export interface Column {
  readonly key: string;
  readonly label: string;
  readonly numeric: boolean;
  /** Columns of a narrow card go from the highest number down; 0 always stays. */
  readonly priority: number;
  write(cell: Cell): { readonly text: string; readonly tone: "up" | "down" | "flat" | null };
}

const TEXT = new Set(["symbol", "name", "last_date"]);

export function columnsOf(keys: readonly string[], sortKey: string, format: Format): Column[] {
  const rest = keys.filter((key) => !(key in PRIORITY) && key !== sortKey);
  return keys.map((key) => columnOf(key, key === sortKey ? 0 : (PRIORITY[key] ?? (key === rest[0] ? 2 : 3)), format));
}

/** The sorted column is 0 too; of the others one survives on a phone. */
const PRIORITY: Readonly<Record<string, number>> = { symbol: 0, close: 1, name: 3, last_date: 4 };

function columnOf(key: string, priority: number, format: Format): Column {
  const look = lookOf(key);
  return {
    key,
    label: labelOf(key, scanTexts(format.t)),
    numeric: look !== "text",
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

function lookOf(key: string): Look {
  if (TEXT.has(key)) return "text";
  if (key.startsWith("ret_")) return "change";
  if (key.startsWith("volatility_")) return "share";
  if (key === "volume") return "volume";
  return key.startsWith("rsi_") ? "index" : "price";
}

function labelOf(key: string, t: ScanCatalogue): string {
  const named = t.column[key];
  if (named) return named;
  const [family = key, period] = key.split(/_(?=\d+$)/);
  if (period === undefined) return key;
  if (family === "ret") return t.columnRet(period);
  if (family === "volatility") return t.columnVolatility();
  if (family === "sma") return t.sma(Number(period));
  return `${family.toUpperCase()} ${period}`;
}
