/** What a reader types to narrow a table: words, and conditions such as `rsi<30` or `>50`. */

import type { Column } from "./columns.ts";
import type { Sieve, Test } from "./order.ts";

const CONDITION = /([^\s<>=≤≥]*)\s*(<=|>=|[<>=≤≥])\s*(?:([-−+]?\d[\d,]*\.?\d*|[-−+]?\.\d+)([%kmb万亿]?)(?=\s|$))?/giu;
const UNIT: Readonly<Record<string, number>> = { k: 1e3, m: 1e6, b: 1e9, 万: 1e4, 亿: 1e8 };

export interface Wish extends Sieve {
  /** The first name in a condition that no column has. */
  readonly unknown: string | null;
}

/**
 * Read `text`. A condition without a name is on the column in `ordered` place; one whose number is still missing is left
 * out. Numbers are as they are shown: 5 and 5% are the same where a column is shown in percent.
 */
export function sieveOf(text: string, columns: readonly Column[], ordered: number): Wish {
  const tests: Test[] = [];
  let unknown: string | null = null;
  const rest = text.replace(CONDITION, (_all, name: string, sign: string, number?: string, unit = "") => {
    const column = name === "" ? columns.find(({ at, numeric }) => at === ordered && numeric) : named(name, columns);
    if (!column) unknown ??= name;
    else if (number !== undefined) {
      const bound = (Number(number.replace(/,/g, "").replace("−", "-")) * (UNIT[unit.toLowerCase()] ?? 1)) / (column.percent ? 100 : 1);
      tests.push({ column: column.at, passes: (value) => passes(value, sign, bound) });
    }
    return " ";
  });
  return { words: rest.toLowerCase().split(/\s+/).filter(Boolean), tests, unknown };
}

function passes(value: number, sign: string, bound: number): boolean {
  switch (sign) {
    case "<":
      return value < bound;
    case ">":
      return value > bound;
    case "<=":
    case "≤":
      return value <= bound;
    case ">=":
    case "≥":
      return value >= bound;
    default:
      return Math.abs(value - bound) <= 1e-9 * Math.max(1, Math.abs(bound));
  }
}

/** The numeric column that is called so, whose name begins so, or has it somewhere in it; in this order. */
function named(name: string, columns: readonly Column[]): Column | undefined {
  const wanted = bare(name);
  const names = columns.filter(({ numeric }) => numeric).map((column) => ({ column, called: [bare(column.key), bare(column.label)] }));
  const by = (fits: (called: string) => boolean): Column | undefined => names.find(({ called }) => called.some(fits))?.column;
  return by((called) => called === wanted) ?? by((called) => called.startsWith(wanted)) ?? by((called) => called.includes(wanted));
}

const bare = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
