/** Values as the chart library takes them: a missing one is a hole, never a zero. */

import type { HistogramData, LineData, Time, WhitespaceData } from "lightweight-charts";

import { isNumber } from "./format.ts";

type Values = readonly (number | null)[];

export function lineData(dates: readonly string[], values: Values): (LineData<Time> | WhitespaceData<Time>)[] {
  return dates.map((time, i) => {
    const value = values[i];
    return isNumber(value) ? { time, value } : { time };
  });
}

export function barData(
  dates: readonly string[],
  values: Values,
  colour: (row: number, value: number) => string,
): (HistogramData<Time> | WhitespaceData<Time>)[] {
  return dates.map((time, i) => {
    const value = values[i];
    return isNumber(value) ? { time, value, color: colour(i, value) } : { time };
  });
}

/** A line that is read in the legend, so it needs no label of its own. */
export const QUIET = { priceLineVisible: false, lastValueVisible: false, crosshairMarkerVisible: false } as const;
