// @vitest-environment jsdom
/** The result of an analysis: every number is the document's, what is missing says so, and the reader's choices last. */

import { beforeAll, beforeEach, describe, expect, test, vi } from "vitest";

import { analysisEn } from "../../src/stockwidget/js/i18n/analysis.en.ts";
import { analysisZh } from "../../src/stockwidget/js/i18n/analysis.zh.ts";
import { detailsEn } from "../../src/stockwidget/js/i18n/details.en.ts";
import { detailsZh } from "../../src/stockwidget/js/i18n/details.zh.ts";
import { Bundle } from "../../src/stockwidget/js/bundle.ts";
import { systemClock } from "../../src/stockwidget/js/client/clock.ts";
import * as detailsViews from "../../src/stockwidget/js/details.ts";
import { en } from "../../src/stockwidget/js/i18n/en.ts";
import { zh } from "../../src/stockwidget/js/i18n/zh.ts";
import { commandOf, HELP } from "../../src/stockwidget/js/views/chartkeys.ts";
import { choices, choose } from "../../src/stockwidget/js/views/choices.ts";
import type { DetailsViews } from "../../src/stockwidget/js/views/details.ts";
import { type AnalysisDocument, documentOf } from "../../src/stockwidget/js/views/documents.ts";
import { sized } from "../../src/stockwidget/js/views/facts.ts";
import { Format } from "../../src/stockwidget/js/views/format.ts";
import { type Memory, resultView, type ResultView } from "../../src/stockwidget/js/views/result.ts";
import { marked, signalsOf } from "../../src/stockwidget/js/views/signalmarks.ts";
import { termsOf } from "../../src/stockwidget/js/views/terms.ts";
import { moved, zoomed } from "../../src/stockwidget/js/views/viewport.ts";
import { completePage, viewing } from "./page.ts";
import { judged } from "./judged.ts";

const CHOICES = Symbol.for("stockwidget.choices.v1");

beforeAll(completePage);
beforeEach(() => {
  localStorage.clear();
  Reflect.deleteProperty(globalThis, CHOICES);
  Element.prototype.scrollIntoView = () => undefined;
});

let view: ResultView;
function open(changes: Record<string, unknown> = {}, memory: Memory = {}, catalogue = en, late?: Bundle<DetailsViews>): HTMLElement {
  const document_ = documentOf(judged(changes)) as AnalysisDocument;
  const root = document.createElement("section");
  document.body.replaceChildren(root);
  const signal = new AbortController().signal;
  const details = late ?? viewing(signal).parts.details;
  view = resultView({ document: document_, root, format: new Format(catalogue), signal, memory, details });
  root.append(view.element);
  return view.element;
}
const one = (element: Element, selector: string): HTMLElement => {
  const found = element.querySelector<HTMLElement>(selector);
  if (!found) throw new Error(`No ${selector}.`);
  return found;
};
const texts = (element: Element, selector: string): (string | null)[] => [...element.querySelectorAll(selector)].map((each) => each.textContent);
const unfold = async (element: Element, name: string): Promise<HTMLElement> => {
  const part = one(element, `.sw-fold-${name}`) as HTMLDetailsElement;
  part.open = true;
  part.dispatchEvent(new Event("toggle"));
  return part;
};
const press = (element: Element, key: string, rest: KeyboardEventInit = {}): void => {
  one(element, ".sw-chart-frame").dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...rest }));
};
const date = (element: Element): string | null => one(element, ".sw-legend-date").textContent;

describe("parts of the reader's own", () => {
  const own = (key: string, changes: Record<string, unknown>): unknown => ({
    key, value: 0.4, threshold: null, above: true, points: 4, max: 10, date: "2024-12-30", source: "sample", abstained: false, reason: null, ...changes,
  });
  const family = (key: string, factors: unknown[]): unknown => ({ key, weight: 0.1, score: 40, points: 4, judged: 10, max: 10, coverage: 1, factors });
  const plain = judged({}) as unknown as AnalysisDocument;
  const score = {
    ...plain.score,
    scaled: { key: "scaled", params: { kept: 80 } },
    families: [family("quiet", [own("quiet", { how: "share" })]), family("turn", [own("turn", { how: "holds", value: 1 }), own("not", { how: "holds", value: 0, points: 0 })])],
  };
  const terms = {
    ...plain.terms,
    families: { quiet: { title: { en: "Quiet", zh: "平静" }, rule: null } },
    reasons: { scaled: { title: { en: "The others share {kept} %.", zh: "其余占 {kept}%。" }, rule: null } },
  };

  test("a share, a condition, and what the other families keep are said as such", async () => {
    const element = open({ score, terms });
    expect(texts(await unfold(element, "factors"), "tbody tr:not(.sw-group) td:nth-child(2)")).toEqual(["40%", "yes", "no"]);
    expect(texts(element, ".sw-fold-factors tbody tr:not(.sw-group) td:nth-child(3)")).toEqual(["", "", ""]);
    expect(one(element, ".sw-scaled").textContent).toBe("The others share 80 %.");
    expect(one(element, ".sw-families li").textContent).toContain("Quiet");
  });

  test("a signal of a function is marked like the rare ones", () => {
    const signals = { row: [0, 1], date: [], key: ["doji", "inside_day"], direction: [0, 1], price: [11, 11], value: [null, null], threshold: [null, null] };
    const all = signalsOf({ ...plain, signals, params: { signals: [{ name: "inside_day" }] } });
    expect(marked(all, "main").map(({ key }) => key)).toEqual(["inside_day"]);
    expect(marked(signalsOf({ ...plain, signals }), "main")).toEqual([]);
  });
});

describe("the score", () => {
  test("is a dial with its band, its coverage and each family's points", () => {
    const element = open();
    expect(one(element, ".sw-dial").getAttribute("aria-label")).toBe("Score 72 of 100: Buy");
    expect(texts(element, ".sw-families li")).toEqual(["Trend18/30", "Momentum–/10"]);
    expect(one(element, ".sw-families li:last-child").getAttribute("aria-label")).toBe("Momentum: abstains");
    expect(one(element, ".sw-verdict").textContent).toContain("75% of the points judged");
  });

  test("stands beside what it was worth before, with its warning", () => {
    expect(one(open(), ".sw-before").textContent).toContain("After 20 bars +1.00%, any day +0.80% (median, 12 times). Few events: an anecdote.");
  });

  test("that cannot be given is not invented: it says why", () => {
    const element = open({ score: { ...(judged().score as object), value: null, band: null, reason: { key: "low_coverage", params: { coverage: 30, needed: 60 } } } });
    expect(one(element, ".sw-dial").getAttribute("aria-label")).toBe("No score");
    expect(one(element, ".sw-dial-number").textContent).toBe("–");
    expect(one(element, ".sw-verdict").textContent).toContain("30 % of the points could be judged, 60 % are needed");
    expect(element.querySelector(".sw-hand, .sw-held")).toBeNull();
  });

  test("has every point behind it; a factor without a value abstains with its reason", async () => {
    const rows = texts(await unfold(open(), "factors"), "tbody tr");
    expect(rows[1]).toBe("close above SMA 2011.00> 10.50✓ 18.0 / 18.0");
    expect(rows[2]).toBe("close above SMA 5011.00> 12.00✗ 0.0 / 12.0");
    const abstained = one(view.element, ".sw-abstains");
    expect(abstained.textContent).toBe("abstains");
    expect(abstained.getAttribute("data-tip")).toBe("Too little history.");
    expect(one(view.element, ".sw-fold-factors .sw-note").textContent).toBe("Values of 2024-12-30, from sample");
  });
});

describe("the parts", () => {
  test("an analysis of an older version has none, and is shown", () => {
    const element = open({ score: undefined, signals: undefined, levels: undefined, trend: undefined, risk: undefined, seasonality: undefined, sizing: undefined, record: undefined, fundamentals: undefined, quality: undefined });
    expect(element.querySelector(".sw-fold, .sw-score")).toBeNull();
    expect(element.querySelector("canvas")).not.toBeNull();
  });

  test("the record shows hit rate and median beside any day, and marks what is uncertain", async () => {
    const part = await unfold(open(), "record");
    expect(texts(part, "tbody tr")[0]).toBe("Buy12 / 3058% / 55%+1.00% / +0.80%+0.20%few");
    expect(one(part, ".sw-edge").getAttribute("aria-label")).toBe("+0.20% (−1.00% … +2.00%)");
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

describe("the chart", () => {
  const panes = (element: Element): (string | undefined)[] => [...element.querySelectorAll<HTMLElement>(".sw-pane-legend")].map((legend) => legend.dataset.pane);
  const pick = (element: Element, label: string): void => {
    const found = [...element.querySelectorAll(".sw-menu label")].find((each) => each.textContent === label);
    if (!found) throw new Error(`No choice ${label}.`);
    one(found, "input").click();
  };

  test("offers only panes it has values for, and shows those picked, in their order", () => {
    const element = open();
    expect(texts(element, ".sw-menu fieldset:nth-of-type(2) label")).toEqual(["Volume", "MACD 12 26 9", "RSI 14", "Score"]);
    expect(panes(element)).toEqual(["volume", "macd"]);
    pick(element, "RSI 14");
    pick(element, "MACD 12 26 9");
    expect(panes(element)).toEqual(["volume", "rsi"]);
    one(element, '[data-pane=volume] .sw-pane-close').click();
    expect(panes(element)).toEqual(["rsi"]);
    expect(panes(open())).toEqual(["rsi"]);
  });

  test("a pane shows its values under the crosshair, a missing one as missing", () => {
    const element = open();
    expect(one(element, "[data-pane=macd]").textContent).toBe("MACD 12 26 9MACD0.030DIF0.200DEA0.170×");
    press(element, "Home");
    expect(one(element, "[data-pane=macd]").textContent).toBe("MACD 12 26 9MACD–DIF–DEA–×");
  });

  test("arrow keys move through the bars and say them", () => {
    const element = open();
    press(element, "End");
    press(element, "ArrowLeft");
    expect(date(element)).toBe("2024-12-27");
    expect(one(element, ".sw-chart > [aria-live]").textContent).toMatch(/^2024-12-27, 11\.50/);
    press(element, "ArrowLeft", { shiftKey: true });
    expect(date(element)).toBe("2024-12-26");
    press(element, "Escape");
    expect(date(element)).toBe("2024-12-30");
  });

  test("N and P go from signal to signal, and each explains itself", () => {
    const element = open();
    press(element, "p");
    expect(date(element)).toBe("2024-12-27");
    const tip = one(element, ".sw-tip");
    expect(tip.hidden).toBe(false);
    expect(tip.textContent).toBe("2024-12-27▲ Golden crossSMA 50 crosses above SMA 200: 11.20 / 11.10After 20 bars +3.00%, any day +0.80% (median, 40 times).");
    press(element, "Escape");
    expect(tip.hidden).toBe(true);
  });

  test("a signal of the list brings its bar under the crosshair", async () => {
    const element = open();
    await unfold(element, "signals");
    one(element, ".sw-fold-signals .sw-link").click();
    expect(date(element)).toBe("2024-12-27");
    expect(one(element, ".sw-tip").textContent).toContain("Golden cross");
  });

  test("the host's own keys are left to the host", () => {
    const key = (init: KeyboardEventInit): KeyboardEvent => new KeyboardEvent("keydown", init);
    expect(commandOf(key({ key: "l", ctrlKey: true }))).toBeNull();
    expect(commandOf(key({ key: "Enter" }))).toBeNull();
    expect(commandOf(key({ key: "L" }))).toEqual({ do: "log" });
    expect(commandOf(key({ key: "2" }))).toEqual({ do: "range", index: 1 });
    for (const [, name] of HELP) expect(analysisEn.keys[name]).toBeTruthy();
  });

  test("the logarithmic scale is switched by button and key, and remembered", () => {
    const element = open();
    const log = (where: Element): string | null => one(where, ".sw-log-button").getAttribute("aria-pressed");
    one(element, ".sw-log-button").click();
    expect(log(element)).toBe("true");
    press(element, "l");
    expect(log(element)).toBe("false");
    press(element, "l");
    expect(log(open())).toBe("true");
  });

  test("a view built again has the panes and the place of the one before, whatever was chosen elsewhere", () => {
    const memory: Memory = {};
    const element = open({}, memory);
    pick(element, "RSI 14");
    memory.chart = { ...memory.chart, view: { from: 0.5, to: 2 } };
    choose({ panes: [] });
    const again = open({}, memory);
    expect(panes(again)).toEqual(["volume", "macd", "rsi"]);
    expect(again.querySelector(".sw-range-button[aria-pressed=true]")).toBeNull();
    press(again, "r");
    expect(one(again, ".sw-range-button[aria-pressed=true]").textContent).toBe("MAX");
  });

  test("help lists every key", () => {
    const element = open();
    press(element, "?");
    expect((one(element, ".sw-help") as HTMLDetailsElement).open).toBe(true);
    expect(texts(element, ".sw-help dt")).toHaveLength(HELP.length);
    press(element, "Escape");
    expect((one(element, ".sw-help") as HTMLDetailsElement).open).toBe(false);
  });
});

describe("what is in view", () => {
  test("moves as far as there are bars", () => {
    expect(moved({ from: 10, to: 20 }, 5, 99, 2)).toEqual({ from: 15, to: 25 });
    expect(moved({ from: 10, to: 20 }, -50, 99, 2)).toEqual({ from: -0.5, to: 9.5 });
    expect(moved({ from: 10, to: 20 }, 500, 99, 2)).toEqual({ from: 91, to: 101 });
  });

  test("zooms about the bar under the pointer, between ten bars and all", () => {
    expect(zoomed({ from: 0, to: 100 }, 0.5, 50, 999, 2)).toEqual({ from: 25, to: 75 });
    expect(zoomed({ from: 0, to: 12 }, 0.5, 6, 999, 2)).toEqual({ from: 1, to: 11 });
    expect(zoomed({ from: 0, to: 100 }, 100, 50, 199, 2)).toEqual({ from: -0.5, to: 201 });
  });
});

describe("choices", () => {
  test("hold for the page where the browser keeps nothing", () => {
    const refuse = vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
      throw new DOMException("no", "SecurityError");
    });
    choose({ panes: ["kdj"] });
    expect(choices().panes).toEqual(["kdj"]);
    refuse.mockRestore();
  });

  test("of another form are not taken", () => {
    localStorage.setItem("stockwidget.choices.v1", JSON.stringify({ panes: "rsi", log: true, overlays: {}, other: 1 }));
    expect(choices()).toMatchObject({ panes: ["volume", "macd"], log: true, overlays: ["sma_20", "sma_50", "sma_200"] });
    localStorage.setItem("stockwidget.choices.v1", "{");
    expect(choices().log).toBe(false);
    Reflect.deleteProperty(globalThis, CHOICES);
    localStorage.setItem("stockwidget.choices.v1", "null");
    expect(choices().log).toBe(false);
  });
});

describe("the report", () => {
  const report = {
    en: [{ key: "summary", title: "Summary", lines: ["A <b>bold</b> start *here*."] }, { key: "case_for", title: "The case for", lines: ["One.", "Two."] }],
    zh: [{ key: "summary", title: "摘要", lines: ["一句话。"] }],
  };

  test("speaks the card's language; nothing in it is markup", async () => {
    const element = open({ report });
    const part = await unfold(element, "report");
    expect(texts(part, "h4")).toEqual(["Summary", "The case for"]);
    expect(texts(part, "li")).toEqual(["A <b>bold</b> start *here*.", "One.", "Two."]);
    expect(one(part, ".sw-gist").textContent).toBe("A <b>bold</b> start *here*.");
    expect(texts(await unfold(open({ report }, {}, zh), "report"), "li")).toEqual(["一句话。"]);
  });

  test("is copied as Markdown, or says that it cannot be", async () => {
    const written: string[] = [];
    const clipboard = { writeText: (text: string) => (written.push(text), Promise.resolve()) };
    vi.stubGlobal("navigator", { clipboard });
    const part = await unfold(open({ report }), "report");
    one(part, ".sw-report-copy").click();
    await vi.waitFor(() => expect(one(part, ".sw-report-copy").textContent).toBe("Copied"));
    expect(written[0]).toBe("# AAPL\n\n## Summary\n\n- A \\<b\\>bold\\</b\\> start \\*here\\*.\n\n## The case for\n\n- One.\n- Two.\n");
    vi.stubGlobal("navigator", {});
    one(part, ".sw-report-copy").click();
    await vi.waitFor(() => expect(one(part, ".sw-report-copy").textContent).toContain("Not copied"));
    vi.unstubAllGlobals();
  });

  test("ends with the commentary, which says whose words it is and marks what no fact bears out", async () => {
    const commentary = {
      by: "some-model", locale: "en", numbers: 2, unmatched: 1, missing: null,
      parts: [{ text: "<b>It</b> closed at 173.93; P/E ", unmatched: false }, { text: "28.7", unmatched: true }],
    };
    const part = await unfold(open({ report, commentary }), "report");
    expect(one(part, ".sw-commentary-words").textContent).toBe("<b>It</b> closed at 173.93; P/E 28.7");
    expect(texts(part, ".sw-unmatched")).toEqual(["28.7"]);
    expect(one(part, ".sw-unmatched").title).toBe("This number is not among the facts of this analysis");
    expect(one(part, ".sw-commentary-by").textContent).toBe("by some-model: a language model's words, not computed by stockwidget");
    expect(texts(part, ".sw-commentary-note")).toEqual(["2 numbers checked, 1 not among the facts of this analysis"]);

    const written: string[] = [];
    vi.stubGlobal("navigator", { clipboard: { writeText: async (text: string) => void written.push(text) } });
    one(part, ".sw-report-copy").click();
    await vi.waitFor(() => expect(one(part, ".sw-report-copy").textContent).toBe("Copied"));
    vi.unstubAllGlobals();
    expect(written[0]?.slice(written[0].indexOf("## Commentary"))).toBe(
      "## Commentary\n\n*by some-model: a language model's words, not computed by stockwidget*\n\n" +
      "\\<b\\>It\\</b\\> closed at 173.93; P/E 28.7\\[?\\]\n\n" +
      "- 2 numbers checked, 1 not among the facts of this analysis\n- \\[?\\] This number is not among the facts of this analysis\n");

    const gone = { ...commentary, parts: [], numbers: 0, unmatched: 0, missing: { key: "late", detail: "120 s" } };
    const chinese = await unfold(open({ report, commentary: gone }, {}, zh), "report");
    expect(texts(chinese, ".sw-commentary-note")).toEqual(["没有点评：用时超过 120 s。"]);
    expect((await unfold(open({ report }), "report")).querySelector(".sw-commentary")).toBeNull();
  });

  test("of an older result is left out", () => {
    expect(open().querySelector(".sw-fold-report")).toBeNull();
  });
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

test("a reason's parameters stand in its sentence; a key without a term is shown as it is", () => {
  const terms = termsOf(judged() as unknown as AnalysisDocument, "en");
  expect(terms.sentence("findings", { key: "halted", params: { count: 3 } })).toBe("3 bars have no volume.");
  expect(terms.sentence("findings", { key: "new_thing", params: {} })).toBe("new thing");
  expect(terms.sentence("reasons", null)).toBe("");
});

test("both languages have every text, and each shows what it is given", () => {
  const [english, chinese] = [{ ...analysisEn, ...detailsEn }, { ...analysisZh, ...detailsZh }];
  for (const [lang, catalogue] of Object.entries({ english, chinese })) {
    for (const [key, text] of Object.entries(catalogue)) {
      if (typeof text !== "function") continue;
      const given = Array.from({ length: text.length }, (_, i) => `<${i}>`);
      const said = (text as (...values: string[]) => string)(...given);
      for (const value of given) expect(said, `${lang} ${key}`).toContain(value);
    }
  }
  const same = Object.entries(chinese).filter(([key, text]) => typeof text === "string" && text === english[key as keyof typeof english]);
  expect(same.map(([key]) => key)).toEqual([]);
});
