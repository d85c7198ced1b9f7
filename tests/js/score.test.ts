// @vitest-environment jsdom
/** The score of an analysis: every point has its reason, and what cannot be judged abstains. */

import { describe, expect, test } from "vitest";

import type { AnalysisDocument } from "../../src/stockwidget/js/views/documents.ts";
import { marked, signalsOf } from "../../src/stockwidget/js/views/signalmarks.ts";
import { judged } from "./judged.ts";
import { freshPages, one, open, texts, unfold, view } from "./opened.ts";

freshPages();

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
