/** A bar behind the number that rows are ranked by, all to one scale that has zero on it. */

import type { Row } from "./order.ts";

export interface Extent {
  readonly least: number;
  readonly most: number;
}

/** Nothing but zero. */
export const ZERO: Extent = { least: 0, most: 0 };

/** The range of a column together with `known`; the same object if that has it all. */
export function extentOf(rows: readonly Row[], at: number, known = ZERO): Extent {
  let { least, most } = known;
  for (const row of rows) {
    const cell = row[at];
    if (typeof cell !== "number") continue;
    if (cell < least) least = cell;
    if (cell > most) most = cell;
  }
  return least < known.least || most > known.most ? { least, most } : known;
}

/** Tell the stylesheet from where to where the bar goes, in percent of the cell. */
export function bars(cell: HTMLElement, value: number, { least, most }: Extent): void {
  const at = (number: number): number => (most > least ? (100 * (number - least)) / (most - least) : 0);
  const [from, to] = value < 0 ? [at(value), at(0)] : [at(0), at(value)];
  cell.style.setProperty("--sw-from", `${from.toFixed(1)}%`);
  cell.style.setProperty("--sw-to", `${to.toFixed(1)}%`);
}
