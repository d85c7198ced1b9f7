/** A bar behind the number that rows are ranked by, all to one scale that has zero on it. */

import type { Row } from "./order.ts";

export interface Extent {
  readonly least: number;
  readonly most: number;
}

/** The range of a column together with zero; null if there is nothing to compare. */
export function extentOf(rows: readonly Row[], at: number): Extent | null {
  let [least, most] = [0, 0];
  for (const row of rows) {
    const cell = row[at];
    if (typeof cell !== "number") continue;
    if (cell < least) least = cell;
    if (cell > most) most = cell;
  }
  return most > least ? { least, most } : null;
}

/** Tell the stylesheet from where to where the bar goes, in percent of the cell. */
export function bars(cell: HTMLElement, value: number, { least, most }: Extent): void {
  const at = (number: number): number => (100 * (number - least)) / (most - least);
  const [from, to] = value < 0 ? [at(value), at(0)] : [at(0), at(value)];
  cell.style.setProperty("--sw-from", `${from.toFixed(1)}%`);
  cell.style.setProperty("--sw-to", `${to.toFixed(1)}%`);
}
