/** Where each part below the chart has its place: two columns, one under the other in a narrow card; what is wide lies across. */

import type { AnalysisDocument } from "./documents.ts";

export const COLUMNS = [
  ["report"],
  ["factors", "signals", "levels"],
  ["risk", "seasonality", "sizing", "fundamentals", "quality"],
  ["record"],
] as const;

const WIDE: readonly Place[] = ["report", "record"];
export const columnClass = (column: readonly Place[]): string => (column.some((name) => WIDE.includes(name)) ? "sw-column sw-across" : "sw-column");

export type Place = (typeof COLUMNS)[number][number];

/** The parts that a document has something for, by column; no empty column. */
export function placesOf(document: AnalysisDocument): Place[][] {
  const has: Partial<Record<Place, unknown>> = { ...document, factors: document.score, levels: document.levels ?? document.trend };
  return COLUMNS.map((column) => column.filter((name) => has[name])).filter((column) => column.length > 0);
}
