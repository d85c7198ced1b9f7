/** The numbers of a comparison, on the days that all have; the twin of notebook/comparison.py, which has the definitions. */

import type { AnalysisDocument } from "./documents.ts";
import { isNumber } from "./format.ts";

/** Fewer common returns have no correlation worth the name. */
export const LEAST = 20;
const YEAR = 252;

export type Maybe = number | null;

/** Closes on the dates that all have, a list a symbol. */
export interface Common {
  /** ISO, ascending. */
  readonly dates: readonly string[];
  readonly closes: readonly (readonly number[])[];
}

export interface Figures {
  readonly change: Maybe;
  /** Of log returns, ddof 1, · √252. */
  readonly volatility: Maybe;
  readonly drawdown: Maybe;
}

type Closes = Pick<AnalysisDocument["bars"], "date" | "close">;

export function commonDays(all: readonly Closes[]): Common {
  const maps = all.map(({ date, close }) => new Map(date.flatMap((day, i) => {
    const value = close[i];
    return isNumber(value) ? [[day, value] as const] : [];
  })));
  const [first, ...rest] = maps;
  const dates = [...(first?.keys() ?? [])].filter((day) => rest.every((map) => map.has(day))).sort();
  return { dates, closes: maps.map((map) => dates.map((day) => map.get(day) as number)) };
}

export const since = ({ dates, closes }: Common, row: number): Common => ({ dates: dates.slice(row), closes: closes.map((each) => each.slice(row)) });

/** From 100. */
export const rebased = (closes: readonly number[]): number[] => closes.map((close) => (100 * close) / (closes[0] as number));

export function figuresOf(closes: readonly number[]): Figures {
  const [first, last] = [closes[0], closes.at(-1)];
  if (closes.length < 2 || first === undefined || last === undefined) return { change: null, volatility: null, drawdown: null };
  let [peak, drawdown] = [first, 0];
  for (const close of closes) {
    peak = Math.max(peak, close);
    drawdown = Math.min(drawdown, close / peak - 1);
  }
  const returns = logReturns(closes);
  return { change: last / first - 1, volatility: returns.length < LEAST ? null : deviation(returns) * Math.sqrt(YEAR), drawdown };
}

/** Pearson's, of log returns; null with too few of them or a still price. */
export function correlations({ closes }: Common): Maybe[][] {
  const returns = closes.map(logReturns);
  const known = returns.map((each) => each.length >= LEAST && deviation(each) > 0);
  return returns.map((a, i) => returns.map((b, j) => (!known[i] || !known[j] ? null : i === j ? 1 : covariance(a, b) / (deviation(a) * deviation(b)))));
}

const logReturns = (closes: readonly number[]): number[] => closes.slice(1).map((close, i) => Math.log(close / (closes[i] as number)));
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values: readonly number[]): number => Math.sqrt(covariance(values, values));

function covariance(a: readonly number[], b: readonly number[]): number {
  const [middle, other] = [mean(a), mean(b)];
  return a.reduce((sum, value, i) => sum + (value - middle) * ((b[i] as number) - other), 0) / (a.length - 1);
}
