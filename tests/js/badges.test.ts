// @vitest-environment jsdom
/** Dividends, splits and reports stand on the chart as letters: on their bar, where there is room, and say what they were. */

import { expect, test, vi } from "vitest";

import { analysisEn } from "../../src/stockwidget/js/i18n/analysis.en.ts";
import { analysisZh } from "../../src/stockwidget/js/i18n/analysis.zh.ts";
import { en } from "../../src/stockwidget/js/i18n/en.ts";
import { zh } from "../../src/stockwidget/js/i18n/zh.ts";
import { type Badge, Badges } from "../../src/stockwidget/js/views/badges.ts";
import { detailsView } from "../../src/stockwidget/js/views/details.ts";
import { type AnalysisDocument, documentOf } from "../../src/stockwidget/js/views/documents.ts";
import { Format } from "../../src/stockwidget/js/views/format.ts";
import { termsOf } from "../../src/stockwidget/js/views/terms.ts";
import { judged } from "./judged.ts";

const DAYS = Array.from({ length: 40 }, (_, i) => `2024-01-${i}`);
const badge = (row: number, letter: string, weight: number): Badge => ({ row, time: DAYS[row] ?? "", letter, weight });

/** Put badges on a chart of bars so many px apart. */
function placed(made: Badges, spacing: number, view = { from: 0, to: 40 }): Badges {
  const chart = {
    timeScale: () => ({ getVisibleLogicalRange: () => view, timeToCoordinate: (time: string) => Number(time.slice(8)) * spacing }),
    options: () => ({ layout: { textColor: "grey" } }),
  };
  made.attached({ chart, series: null, requestUpdate: () => undefined } as never);
  made.updateAllViews();
  return made;
}

/** The letters that they draw. */
function letters(badges: Badges): string[] {
  const fillText = vi.fn();
  const context = new Proxy({ fillText } as object, { get: (target, name) => Reflect.get(target, name) ?? (() => undefined), set: () => true });
  const target = { useMediaCoordinateSpace: (draw: (scope: object) => void) => draw({ context, mediaSize: { width: 400, height: 300 } }) };
  badges.paneViews()[0]?.renderer()?.draw(target as never);
  return fillText.mock.calls.map(([letter]) => letter as string);
}

test("where two have no room the heavier stays, and zoomed in both are there", () => {
  const all = [badge(10, "D", 0), badge(11, "S", 2), badge(30, "E", 1), badge(31, "D", 0)];
  const shown = (spacing: number, view?: { from: number; to: number }): string[] => letters(placed(new Badges(all), spacing, view));
  expect(shown(4)).toEqual(["S", "E"]);
  expect(shown(20)).toEqual(["S", "E", "D", "D"]);
  expect(shown(20, { from: 25, to: 40 })).toEqual(["E", "D"]);
});

test("one is found under the pointer at the foot of the chart, and not above it", () => {
  const badges = placed(new Badges([badge(10, "D", 0)]), 10);
  letters(badges);
  expect(badges.hitTest(104, 292)).toMatchObject({ externalId: "10" });
  expect(badges.hitTest(104, 200)).toBeNull();
  expect(badges.hitTest(140, 292)).toBeNull();
});

test("once it is taken off the chart nothing is found", () => {
  const badges = placed(new Badges([badge(10, "D", 0)]), 10);
  letters(badges);
  badges.detached();
  expect(badges.hitTest(100, 292)).toBeNull();
});

const event = (key: string, date: string, changes: object): object => ({ key, date, value: null, currency: "", fraction: null, published: "2024-11-01", source: "10-Q", ...changes });
const EVENTS = [
  event("dividend", "2023-05-01", { value: 1 }), event("dividend", "2024-12-27", { value: 0.24, currency: "USD", fraction: 0.0013 }),
  event("split", "2024-12-28", { value: 0.1, source: null, published: null }), event("earnings", "2024-12-30", { value: 1.5 }), event("earnings", "2025-02-01", {}),
];

function annotated(catalogue: typeof en, events: readonly object[]): unknown[] | undefined {
  const word = (title: string): object => ({ title: { en: title, zh: title }, rule: { en: "", zh: "" } });
  const facts = { dividend: word("Dividend"), split: word("Split"), earnings: word("Earnings") };
  const fundamentals = { available: true, as_of: "2024-12-30", figures: [], events, abstained: [], lacking: [], notes: [] };
  const document_ = documentOf(judged({ fundamentals, terms: { ...(judged().terms as object), facts } })) as AnalysisDocument;
  const annotate = vi.fn();
  const texts = catalogue === en ? analysisEn : analysisZh;
  detailsView({
    document: document_, root: document.body, format: new Format(catalogue), texts, terms: termsOf(document_, catalogue.lang),
    signal: new AbortController().signal, open: new Set(), chart: { annotate, show: () => undefined },
  });
  return annotate.mock.lastCall;
}

test("an event stands on the first bar from its day on and says what it was; what lies outside the bars has none", () => {
  const said = annotated(en, EVENTS)?.[1] as (row: number) => HTMLElement[];
  const words = (row: number): string[] => said(row).map((each) => [...each.children].map((part) => part.textContent).join(" | "));
  expect(words(0)).toEqual([]);
  expect(words(1)).toEqual(["Dividend | 0.2400 USD · 0.13% | Published 2024-11-01"]);
  expect(words(2)).toEqual(["Split | 1:10 | adjusted closes", "Earnings | 1.5000 | Published 2024-11-01"]);
});

test("the letters are the reader's language, that of the heaviest event of a bar; without events the chart is left alone", () => {
  const shown = (catalogue: typeof en): string[] => letters(placed(annotated(catalogue, EVENTS)?.[0] as Badges, 50));
  expect(shown(en)).toEqual(["S", "D"]);
  expect(shown(zh)).toEqual(["拆", "息"]);
  expect(annotated(en, [])).toBeUndefined();
});
