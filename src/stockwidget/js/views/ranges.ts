/** The range buttons of the chart, as bar positions. */

export const RANGES = ["1M", "3M", "6M", "YTD", "1Y", "5Y", "MAX"] as const;
export type Range = (typeof RANGES)[number];

const MONTHS: Readonly<Partial<Record<Range, number>>> = { "1M": 1, "3M": 3, "6M": 6, "1Y": 12, "5Y": 60 };

/** Position of the first bar of `range`, which ends at the last of `dates` (ISO, ascending). */
export function firstBar(range: Range, dates: readonly string[]): number {
  const last = dates.at(-1);
  if (last === undefined || range === "MAX") return 0;
  const from = range === "YTD" ? `${last.slice(0, 4)}-01-01` : monthsBefore(last, MONTHS[range] ?? 0);
  const first = dates.findIndex((date) => date >= from);
  return first === -1 ? 0 : first;
}

/** Whether `range` shows less than everything; one that does not would be a second MAX. */
export function worthShowing(range: Range, dates: readonly string[]): boolean {
  return range === "MAX" || firstBar(range, dates) > 0;
}

function monthsBefore(date: string, months: number): string {
  const [year = 0, month = 1, day = 1] = date.split("-").map(Number);
  const index = year * 12 + (month - 1) - months;
  // The 31st of a month without one becomes its last day: day 0 of the next.
  const lastDay = new Date(Date.UTC(Math.floor(index / 12), (index % 12) + 1, 0)).getUTCDate();
  const at = new Date(Date.UTC(Math.floor(index / 12), index % 12, Math.min(day, lastDay)));
  return at.toISOString().slice(0, 10);
}
