/** Which rows a table shows and in which order; pure, so that it is tested without a page. */

import type { Cell } from "./documents.ts";

export type Row = readonly Cell[];

export interface Order {
  readonly column: number;
  readonly descending: boolean;
}

/** Rows that contain every word of `filter` in one of their texts, sorted; missing values last in either direction. */
export function arrange(rows: readonly Row[], order: Order | null, filter: string, collator: Intl.Collator): readonly Row[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const kept = words.length === 0 ? [...rows] : rows.filter((row) => words.every((word) => row.some((cell) => has(cell, word))));
  if (!order) return kept;
  const sign = order.descending ? -1 : 1;
  return kept.sort((a, b) => compare(a[order.column] ?? null, b[order.column] ?? null, sign, collator));
}

const has = (cell: Cell, word: string): boolean => typeof cell === "string" && cell.toLowerCase().includes(word);

function compare(a: Cell, b: Cell, sign: number, collator: Intl.Collator): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  if (typeof a === "number" && typeof b === "number") return sign * (a - b);
  return sign * collator.compare(String(a), String(b));
}
