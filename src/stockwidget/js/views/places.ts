/** Where each part below the chart has its place: the report over two columns, which lie one under the other in a narrow card. */

import type { AnalysisDocument } from "./documents.ts";

export const COLUMNS = [
  ["report"],
  ["factors", "signals", "levels", "record"],
  ["risk", "seasonality", "sizing", "fundamentals", "quality"],
] as const;

/** What a column is drawn as; the report goes across. */
export const columnClass = (column: readonly Place[]): string => (column.includes("report") ? "sw-column sw-across" : "sw-column");

export type Place = (typeof COLUMNS)[number][number];

/** The parts that a document has something for, by column; no empty column. */
export function placesOf(document: AnalysisDocument): Place[][] {
  const has: Partial<Record<Place, unknown>> = { ...document, factors: document.score, levels: document.levels ?? document.trend };
  return COLUMNS.map((column) => column.filter((name) => has[name])).filter((column) => column.length > 0);
}
