/** Where each part below the chart has its place: two columns, one under the other where the card is narrow. */

import type { AnalysisDocument } from "./documents.ts";

export const COLUMNS = [
  ["factors", "signals", "levels", "record"],
  ["risk", "seasonality", "sizing", "fundamentals", "quality"],
] as const;

export type Place = (typeof COLUMNS)[number][number];

/** The parts that a document has something for, by column; no empty column. */
export function placesOf(document: AnalysisDocument): Place[][] {
  const has: Partial<Record<Place, unknown>> = { ...document, factors: document.score, levels: document.levels ?? document.trend };
  return COLUMNS.map((column) => column.filter((name) => has[name])).filter((column) => column.length > 0);
}
