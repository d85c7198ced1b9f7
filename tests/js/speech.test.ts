// @vitest-environment jsdom
/** A commentary is read while it comes, over the report: doubtful numbers marked, and what was heard stays when it is stopped. */

import { beforeAll, expect, test } from "vitest";

import { systemClock } from "../../src/stockwidget/js/client/clock.ts";
import type { Snapshot, TaskState } from "../../src/stockwidget/js/client/protocol.ts";
import { detailsEn } from "../../src/stockwidget/js/i18n/details.en.ts";
import { detailsZh } from "../../src/stockwidget/js/i18n/details.zh.ts";
import { en } from "../../src/stockwidget/js/i18n/en.ts";
import { zh } from "../../src/stockwidget/js/i18n/zh.ts";
import { cardView } from "../../src/stockwidget/js/views/card.ts";
import { documentOf } from "../../src/stockwidget/js/views/documents.ts";
import { Format } from "../../src/stockwidget/js/views/format.ts";
import { partsOf } from "../../src/stockwidget/js/views/speech.ts";
import { completePage, viewing } from "./page.ts";
import { judged } from "./judged.ts";

beforeAll(completePage);

const paragraph = (title: string, line: string): object => ({ key: "summary", title, lines: [line] });
const report = { en: [paragraph("Summary", "A <b>close</b>.")], zh: [paragraph("摘要", "收盘。")] };
const snapshot = (partial: object, status = "running"): Snapshot =>
  ({
    state: {
      id: "t", kind: "analysis", title: "AAPL", status, progress: 99, stage: "summary", stages: ["summary"], counters: {}, error: null, reason: null, pinned: false, started_at: 1,
      ended_at: null, eta_s: null, retain_until: null, params: { symbol: "AAPL", commentary: "some-model", commentary_locale: "en" },
    } as unknown as TaskState,
    partial, logs: [],
  }) as unknown as Snapshot;

function card(catalogue = en) {
  const { signal } = new AbortController();
  const view = cardView({ format: new Format(catalogue), clock: systemClock, signal, onAction: () => undefined, onRetry: () => undefined, ...viewing(signal) });
  document.body.replaceChildren(view.element);
  const text = (selector: string): string | undefined => view.element.querySelector(selector)?.textContent ?? undefined;
  const show = (now: Snapshot, document: unknown = null): void => {
    const result = documentOf(document);
    view.update({ snapshot: now, feed: { via: "kernel", why: "kernel-run" }, trouble: null, outcome: result ? { is: "here", document: result } : { is: "none" }, refused: null, colors: "" });
  };
  return { element: view.element, text, show };
}

test("the report is there before the first word, then the words as they come, as text", () => {
  const { element, text, show } = card();
  show(snapshot({}));
  expect(element.querySelector(".sw-speech")).toBeNull();
  show(snapshot({ report, commentary_pieces: [] }));
  expect(text(".sw-report li")).toBe("A <b>close</b>.");
  expect(text(".sw-speech .sw-commentary-note")).toBe(detailsEn.commentaryAwaited);
  expect(text(".sw-commentary-by")).toBe(detailsEn.commentaryBy("some-model"));
  const section = element.querySelector(".sw-report section");
  show(snapshot({ report, commentary_pieces: ["It <i>closed</i> at 1", "8.5. Up"], commentary_unmatched: [[20, 24]] }));
  expect(text(".sw-commentary-words")).toBe("It <i>closed</i> at 18.5. Up");
  expect(text(".sw-commentary-words .sw-unmatched")).toBe("18.5");
  expect(text(".sw-speech .sw-commentary-note")).toBe(detailsEn.commentaryGoing);
  expect(element.querySelector(".sw-speech")?.getAttribute("aria-busy")).toBe("true");
  expect(element.querySelector(".sw-report section")).toBe(section); // Not drawn anew with every word.
});

test("stopped, what was heard stays below what is said of the end; with the result its own page takes the place", () => {
  const { element, text, show } = card(zh);
  const heard = { report, commentary_pieces: ["It closed"] };
  show(snapshot(heard, "cancelled"));
  expect(text(".sw-notice-title")).toBe(zh.cancelledTitle);
  expect(text(".sw-commentary-words")).toBe("It closed");
  expect(text(".sw-speech .sw-commentary-note")).toBe(detailsZh.commentaryStopped);
  expect(element.querySelector(".sw-caret")).toBeNull();
  show(snapshot(heard, "completed"), judged());
  expect(element.querySelector(".sw-speech")).toBeNull();
  expect(element.querySelector(".sw-result")).not.toBeNull();
});

test("offsets count letters as Python does", () => {
  expect(partsOf("📈 at 18.5!", [[5, 9]])).toEqual([{ text: "📈 at ", unmatched: false }, { text: "18.5", unmatched: true }, { text: "!", unmatched: false }]);
  expect(partsOf("", [])).toEqual([]);
});
