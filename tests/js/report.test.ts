// @vitest-environment jsdom
/** The report of an analysis, in the card's language, and the commentary below it. */

import { describe, expect, test, vi } from "vitest";

import { zh } from "../../src/stockwidget/js/i18n/zh.ts";
import { freshPages, one, open, texts, unfold } from "./opened.ts";

freshPages();

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
