// @vitest-environment jsdom
/** The result of an analysis: every number is the document's, what is missing says so, and the reader's choices last. */

import { describe, expect, test, vi } from "vitest";

import { analysisEn } from "../../src/stockwidget/js/i18n/analysis.en.ts";
import { Bundle } from "../../src/stockwidget/js/bundle.ts";
import { systemClock } from "../../src/stockwidget/js/client/clock.ts";
import * as detailsViews from "../../src/stockwidget/js/details.ts";
import { en } from "../../src/stockwidget/js/i18n/en.ts";
import { zh } from "../../src/stockwidget/js/i18n/zh.ts";
import type { DetailsViews } from "../../src/stockwidget/js/views/details.ts";
import { sized } from "../../src/stockwidget/js/views/facts.ts";
import type { Memory } from "../../src/stockwidget/js/views/result.ts";
import { judged } from "./judged.ts";
import { CHOICES, date, freshPages, one, open, press, texts, unfold, view } from "./opened.ts";

freshPages();

describe("the parts", () => {
  test("an analysis of an older version has none, and is shown", () => {
    const element = open({ score: undefined, signals: undefined, levels: undefined, trend: undefined, risk: undefined, seasonality: undefined, sizing: undefined, record: undefined, fundamentals: undefined, quality: undefined });
    expect(element.querySelector(".sw-fold, .sw-score")).toBeNull();
    expect(element.querySelector("canvas")).not.toBeNull();
  });

  test("the record shows hit rate and median beside any day, and marks what is uncertain", async () => {
    const part = await unfold(open(), "record");
    expect(texts(part, "tbody tr")[0]).toBe("Buy12 / 3058% / 55%+1.00% / +0.80%+0.20%few");
    expect(one(part, "td .sw-edge").getAttribute("aria-label")).toBe("+0.20% (−1.00% … +2.00%)");
    expect(texts(part, "tbody tr")[1]).toContain("distinct");
    expect(one(part, ".sw-whisker-bar[data-sure]")).not.toBeNull();
    one(part, ".sw-horizon").click();
    expect(texts(part, "tbody tr")).toHaveLength(0);
  });

  test("levels stand as on a price scale, with the close among them", async () => {
    expect(texts(await unfold(open(), "levels"), ".sw-ladder th")).toEqual(["Resistance", "Close", "Support"]);
    expect(one(view.element, ".sw-fold-levels .sw-gist").textContent).toBe("Up · ADX 31 · Support 10.00 · Resistance 13.00");
  });

  test("risk numbers carry their definitions, and a missing one is a dash", async () => {
    const rows = [...(await unfold(open(), "risk")).querySelectorAll(".sw-numbers > div")].map((row) => row.textContent);
    expect(rows).toEqual(["Sharpe ratio0.91", "Maximum drawdown−38.50%2024-12-27 → 2024-12-30, not recovered yet", "Beta–no benchmark"]);
    expect(one(view.element, ".sw-numbers dt").title).toBe("mean over deviation");
  });

  describe("of the company", () => {
    const figure = (key: string, changes: object): object => ({
      key, value: 1, unit: "ratio", currency: "", period_end: "2024-09-30", published: "2024-11-01", source: "10-Q", of: [], date: null, stale: false, ...changes,
    });
    const event = (key: string, date: string, changes: object): object => ({ key, date, value: null, currency: "", fraction: null, published: "2024-11-01", source: "10-Q", ...changes });
    const fundamentals = {
      available: true, as_of: "2024-12-30",
      figures: [
        figure("pe_ttm", { value: 20, of: ["eps"], date: "2024-12-30" }), figure("roe", { value: 0.153, unit: "fraction" }),
        figure("revenue_growth", { value: -0.02, unit: "fraction", published: null }), figure("market_cap", { value: 2.5e12, unit: "amount", currency: "USD", stale: true }),
        figure("dividend_yield", { value: 0.0054, unit: "fraction", source: null }),
      ],
      abstained: [{ key: "pb", reason: { key: "split_between", params: { date: "2024-12-01" } } }], lacking: ["net_margin", "roa"],
      events: [
        event("split", "2024-12-26", { value: 0.1, source: null, published: null }), event("dividend", "2024-12-27", { value: 0.24, currency: "USD", fraction: 0.0013 }),
        event("earnings", "2025-02-01", {}),
      ],
      notes: [{ key: "undated", params: { count: 1 } }],
    };
    const word = (en_: string): object => ({ title: { en: en_, zh: en_ }, rule: { en: `rule of ${en_}`, zh: "" } });
    const terms = {
      ...(judged().terms as object),
      facts: { pe_ttm: word("P/E"), eps: word("EPS"), roe: word("ROE"), net_margin: word("Net margin"), dividend: word("Dividend"), split: word("Split"), earnings: word("Earnings") },
      reasons: { split_between: word("A split on {date}."), undated: word("Undated: {count}.") },
    };

    test("each figure stands with its unit, its period, its publication and its source", async () => {
      const rows = texts(await unfold(open({ fundamentals, terms }), "fundamentals"), ".sw-facts-figures tbody tr");
      expect(rows).toEqual([
        "P/E 2024-12-3020.002024-11-012024-09-3010-Q", "ROE15.3%2024-11-012024-09-3010-Q", "revenue growth−2.00%not said2024-09-3010-Q",
        "market cap2.5T USD2024-11-01 · old2024-09-3010-Q", "dividend yield0.54%2024-11-012024-09-30adjusted closes",
      ]);
      expect(one(view.element, ".sw-facts-figures th[scope=row] span").title).toBe("rule of P/E\nFrom EPS and the close of 2024-12-30");
      expect(one(view.element, ".sw-fold-fundamentals summary").textContent).toContain("P/E 20.00 · ROE 15.3% · dividend yield 0.54% · 2024-12-30");
    });

    test("events come latest first; what is ahead is no bar yet", async () => {
      const part = await unfold(open({ fundamentals, terms }), "fundamentals");
      expect(texts(part, ".sw-facts-events tbody tr")).toEqual([
        "2025-02-01 aheadEarnings–2024-11-01", "2024-12-27Dividend0.2400 USD0.13%2024-11-01", "2024-12-26Split1:10adjusted closes",
      ]);
      one(part, ".sw-facts-events tr:nth-child(2) .sw-link").click();
      expect(date(view.element)).toContain("2024-12-27");
    });

    test("what cannot be had is said with its reason", async () => {
      const part = await unfold(open({ fundamentals, terms }), "fundamentals");
      expect(texts(part, ".sw-note li")).toEqual(["pb: A split on 2024-12-01.", "Not known from this source: Net margin, roa.", "Undated: 1."]);
      const empty = await unfold(open({ fundamentals: { available: true, as_of: "2024-12-30", figures: [], events: [], abstained: [], lacking: [], notes: [] } }), "fundamentals");
      expect(texts(empty, "table")).toEqual([]);
    });
  });

  test("the data quality says when the data came, where that is known", async () => {
    const provenance = { ...(judged().provenance as object), fetched_at: "2024-12-30T21:05:00Z" };
    expect((await unfold(open({ provenance }), "quality")).textContent).toContain("fetched 2024-12-30 21:05 UTC");
    expect((await unfold(open(), "quality")).textContent).not.toContain("fetched");
  });

  test("fundamentals that no source has are not available, with the reason", async () => {
    expect((await unfold(open(), "fundamentals")).textContent).toContain("The source sample has none.");
  });

  test("a finding about the data is told in the reader's language", () => {
    expect(one(open({}, {}, zh), ".sw-fold-quality .sw-gist").textContent).toBe("3 根K线无成交量。");
  });

  test("the size follows the reader's numbers, and nothing follows from none", async () => {
    const part = await unfold(open(), "sizing");
    const [capital] = [...part.querySelectorAll("input")];
    const shares = (): string | null => one(part, "dd").textContent;
    // stop two ATR of 0.5 below 11: 1 % of 100,000 buys 1,000 shares, 11,000 of it
    expect(shares()).toBe("1,000");
    if (capital) capital.value = "50000";
    capital?.dispatchEvent(new Event("input"));
    expect(shares()).toBe("500");
    if (capital) capital.value = "";
    capital?.dispatchEvent(new Event("input"));
    expect(shares()).toBe("–");
  });

  test("folds are remembered for the next result, and for this one when it is built again", async () => {
    const memory: Memory = {};
    await unfold(open({}, memory), "sizing");
    expect((one(open(), ".sw-fold-sizing") as HTMLDetailsElement).open).toBe(true);
    Reflect.deleteProperty(globalThis, CHOICES);
    localStorage.clear();
    expect((one(open({}, memory), ".sw-fold-sizing") as HTMLDetailsElement).open).toBe(true);
    expect((one(open(), ".sw-fold-sizing") as HTMLDetailsElement).open).toBe(false);
  });

  test("data never becomes markup", async () => {
    const evil = { title: { en: "<img src=x onerror=alert(1)>", zh: "" }, rule: null };
    const element = open({ terms: { ...(judged().terms as object), signals: { golden_cross: evil }, bands: { buy: evil } } });
    press(element, "p");
    expect(element.querySelector("img")).toBeNull();
    expect(element.textContent).toContain("<img src=x");
  });
});

// As stockwidget.analysis.risk.size gives them.

test.each([
  [173.93, 3.5732, 100_000, 0.01, 2, 139],
  [10, 8, 1_000, 0.01, 2, 1],
  [100, 0.01, 1_000, 0.5, 1, 10],
])("a size is as Python computes it: %o", (close, atr, capital, risk, multiple, shares) => {
  expect(sized(close, atr, capital, risk, multiple).shares).toBe(shares);
});

describe("parts that come after the chart", () => {
  /** A bundle that comes, or fails, when it is told to. */
  function late(name: string): { bundle: Bundle<DetailsViews>; come: () => void; fail: () => void } {
    let [come, fail] = [(_: DetailsViews): void => undefined, (): void => undefined];
    const way = (): Promise<DetailsViews> => new Promise((resolve, reject) => ([come, fail] = [resolve, () => reject(new Error("gone"))]));
    return { bundle: new Bundle({ name, digest: "late", clock: systemClock, ways: [way] }), come: () => come(detailsViews), fail: () => fail() };
  }

  test("have their places kept, and take them", async () => {
    const { bundle, come } = late("a");
    const element = open({}, {}, en, bundle);
    const folds = (): number => element.querySelectorAll(".sw-fold").length;
    const kept = folds();
    expect(element.querySelectorAll(".sw-fold-ghost")).toHaveLength(kept);
    expect(one(element, ".sw-fold-ghost").getAttribute("aria-hidden")).toBe("true");
    come();
    await vi.waitFor(() => expect(element.querySelector(".sw-fold-ghost")).toBeNull());
    expect(folds()).toBe(kept);
  });

  test("that do not come say so and can be asked for again; the chart stands", async () => {
    const { bundle, come, fail } = late("b");
    const element = open({}, {}, en, bundle);
    fail();
    await vi.waitFor(() => expect(one(element, ".sw-parts-failed").textContent).toContain(analysisEn.partsFailed));
    expect(element.querySelector(".sw-chart-frame")).not.toBeNull();
    one(element, ".sw-parts-failed button").click();
    come();
    await vi.waitFor(() => expect(element.querySelector(".sw-fold-signals h3")?.textContent).toBe("Signals"));
  });
});
