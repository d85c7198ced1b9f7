// @vitest-environment jsdom
/** Marks that would run into each other give way to more important ones, and the reader is told how many do. */

import { expect, test, vi } from "vitest";

import { Marks, roomy } from "../../src/stockwidget/js/views/markprimitive.ts";
import type { AnalysisDocument } from "../../src/stockwidget/js/views/documents.ts";
import { marksOf, type Signal } from "../../src/stockwidget/js/views/signalmarks.ts";

const palette = { up: { r: 0, g: 1, b: 0 }, down: { r: 1, g: 0, b: 0 }, neutral: "grey" } as never;
const days = Array.from({ length: 40 }, (_, i) => `2024-01-${i}`);
const prices = days.map(() => 10);
const document_ = { bars: { date: days, open: prices, high: prices, low: prices, close: prices, volume: prices } } as unknown as AnalysisDocument;
const signal = (row: number, key: string, direction = 1, own = false): Signal => ({ row, key, direction, value: null, threshold: null, own });
const rows = (signals: readonly Signal[]): number[] => marksOf(signals, document_, palette).map(({ row }) => row);

test("the reader's own come first, then the main signals, then the rest; among them what is rare, then what is late", () => {
  const often = [1, 2, 3].map((row) => signal(row, "macd_down_cross"));
  expect(rows([...often, signal(5, "doji"), signal(6, "golden_cross"), signal(7, "mine", 1, true), signal(8, "hammer"), signal(9, "hammer")]))
    .toEqual([7, 6, 3, 2, 1, 5, 9, 8]);
});

test("a mark counts what it stands for, and is as important as the most important of it", () => {
  const [first] = marksOf([signal(4, "doji"), signal(4, "doji"), signal(9, "hammer"), signal(4, "golden_cross"), signal(4, "doji", -1)], document_, palette);
  expect(first).toMatchObject({ row: 4, direction: 1, count: 3 });
});

test("of marks that touch the first stays; those above and below a bar do not touch", () => {
  const at = (x: number, y: number): { x: number; y: number } => ({ x, y });
  expect(roomy([at(100, 50), at(106, 52), at(94, 40), at(100, 80), at(110, 50), at(-3, 0), at(5, 0)])).toEqual([at(100, 50), at(100, 80), at(110, 50), at(-3, 0)]);
});

test("closer together when zoomed out, fewer are shown and hit; zoomed in they are all there, and only what is in view is counted", () => {
  let spacing = 4;
  let view = { from: 0, to: 40 };
  const told = vi.fn();
  const marks = new Marks(told);
  const chart = { timeScale: () => ({ getVisibleLogicalRange: () => view, timeToCoordinate: (time: string) => days.indexOf(time) * spacing }) };
  marks.attached({ chart, series: { priceToCoordinate: () => 50 }, requestUpdate: () => undefined } as never);
  marks.set(marksOf([...days.keys()].map((row) => signal(row, row === 20 ? "golden_cross" : "doji")), document_, palette));
  marks.updateAllViews();
  const [shown, all] = told.mock.lastCall as [number, number];
  expect(all).toBe(40);
  expect(shown).toBeGreaterThanOrEqual(10); // 40 bars of 4 px have room for 13 to 16 marks of 10 px
  expect(shown).toBeLessThanOrEqual(16);
  expect(marks.hitTest(20 * spacing, 61)?.externalId).toBe("20");
  spacing = 12;
  marks.updateAllViews();
  expect(told).toHaveBeenLastCalledWith(40, 40);
  view = { from: 0, to: 9 };
  marks.updateAllViews();
  expect(told).toHaveBeenLastCalledWith(11, 11);
});
