/** The numbers of a comparison are those of the common days: of NumPy for the same closes, and none where too few are known. */

import { expect, test } from "vitest";

import { commonDays, correlations, figuresOf, rebased, since } from "../../src/stockwidget/js/views/comparison.ts";

const day = (n: number): string => `2024-01-${String(n).padStart(2, "0")}`;
/** 24 closes each; correlation, volatility and drawdown of them by NumPy 2.4.6 (np.corrcoef, std(ddof=1) · √252, minimum.accumulate). */
const A = [100, 102, 101, 105, 107, 104, 108, 110, 109, 113, 111, 115, 117, 114, 118, 121, 119, 123, 120, 124, 127, 125, 129, 131];
const B = [50, 50.5, 50.2, 51.9, 52, 51.1, 52.3, 52.9, 53.3, 54.1, 53.2, 54.8, 55.1, 54.9, 55.2, 56.9, 56.1, 57.7, 57, 57.9, 59.2, 58.1, 60.3, 60.1];
const DATES = A.map((_, i) => day(i + 1));
const both = { dates: DATES, closes: [A, B] };

test("days that one lacks are left out, wherever they stand, and so is a close that is missing", () => {
  const found = commonDays([
    { date: [day(1), day(2), day(4), day(5), day(6)], close: [1, 2, 4, 5, null] },
    { date: [day(2), day(3), day(4), day(5), day(6)], close: [20, 30, 40, 50, 60] },
  ]);
  expect(found).toEqual({ dates: [day(2), day(4), day(5)], closes: [[2, 4, 5], [20, 40, 50]] });
  expect(since(found, 1).closes.map(rebased)).toEqual([[100, 125], [100, 125]]);
  expect(commonDays([{ date: [day(1)], close: [1] }, { date: [day(2)], close: [1] }]).dates).toEqual([]);
});

test("figures and correlation are NumPy's", () => {
  const figures = figuresOf(A);
  expect(figures.change).toBeCloseTo(0.31, 12);
  expect(figures.volatility).toBeCloseTo(0.38001566414547805, 12);
  expect(figures.drawdown).toBeCloseTo(104 / 107 - 1, 12);
  const [[own, other] = [], [again] = []] = correlations(both);
  expect(own).toBe(1);
  expect(other).toBeCloseTo(0.8520510146451835, 12);
  expect(again).toBe(other);
});

test("with under 20 returns, or a price that never moved, nothing is said", () => {
  const few = since(both, 4); // 20 days, 19 returns
  expect(correlations(few)).toEqual([[null, null], [null, null]]);
  expect(figuresOf(few.closes[0] ?? [])).toMatchObject({ volatility: null, change: expect.closeTo(131 / 107 - 1, 12) });
  const still = correlations({ dates: DATES, closes: [A, A.map(() => 7)] });
  expect(still[0]).toEqual([1, null]);
  expect(still[1]).toEqual([null, null]);
  expect(figuresOf([5])).toEqual({ change: null, volatility: null, drawdown: null });
});
