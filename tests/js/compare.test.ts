// @vitest-environment jsdom
/** A comparison shows each analysis as it stands, draws what has arrived from 100, and says what is missing and why. */

import { beforeAll, beforeEach, expect, test, vi } from "vitest";

import type { Action } from "../../src/stockwidget/js/client/actions.ts";
import { systemClock } from "../../src/stockwidget/js/client/clock.ts";
import type { Snapshot, TaskState } from "../../src/stockwidget/js/client/protocol.ts";
import { analysisEn } from "../../src/stockwidget/js/i18n/analysis.en.ts";
import { compareEn } from "../../src/stockwidget/js/i18n/compare.en.ts";
import { compareZh } from "../../src/stockwidget/js/i18n/compare.zh.ts";
import { en } from "../../src/stockwidget/js/i18n/en.ts";
import { type CompareTraits, type Slot, slotModel } from "../../src/stockwidget/js/slots.ts";
import type { CardModel } from "../../src/stockwidget/js/views/card.ts";
import { type CompareMemory, compareView, type CompareView } from "../../src/stockwidget/js/views/compare.ts";
import type { Entry } from "../../src/stockwidget/js/views/comparerows.ts";
import { documentOf } from "../../src/stockwidget/js/views/documents.ts";
import { Format } from "../../src/stockwidget/js/views/format.ts";
import { completePage, viewing } from "./page.ts";
import { judged } from "./judged.ts";

beforeAll(completePage);
beforeEach(() => {
  localStorage.clear();
  Reflect.deleteProperty(globalThis, Symbol.for("stockwidget.choices.v1"));
  Element.prototype.scrollIntoView = () => undefined;
});

const model = (symbol: string, state: Partial<TaskState>, rest: Partial<CardModel> = {}): Entry => ({
  symbol,
  model: {
    snapshot: {
      state: {
        id: symbol, kind: "analysis", title: symbol, status: "running", progress: 0, stage: null, stages: [], params: {}, counters: {}, error: null, reason: null, pinned: false, ...state,
      } as TaskState,
      partial: {}, logs: [],
    } as unknown as Snapshot,
    feed: { via: "kernel", why: "kernel-run" }, trouble: null, outcome: { is: "none" }, refused: null, colors: "", ...rest,
  },
});
const here = (symbol: string, changes: Record<string, unknown> = {}): Entry => {
  const document = documentOf(judged({ symbol, ...changes }));
  return model(symbol, { status: "completed", progress: 100 }, { outcome: document ? { is: "here", document } : { is: "none" } });
};
const unknown = (symbol: string): Entry => model(symbol, { status: "failed", error: { code: "unknown_symbol", message: `Unknown symbol '${symbol}'.`, hint: "", nearest: ["AAPL"] } as never });
/** Thirty days from the first of December, so that there are enough of them. */
const long = (of: (row: number) => number): Record<string, unknown> => {
  const date = Array.from({ length: 30 }, (_, i) => `2024-12-${String(i + 1).padStart(2, "0")}`);
  const close = date.map((_, i) => of(i));
  return { bars: { date, open: close, high: close, low: close, close, volume: close }, indicators: {} };
};

const acted = vi.fn<(place: number, action: Action) => void>();
function open(entries: readonly Entry[], memory: CompareMemory = {}, texts = compareEn): { view: CompareView; element: HTMLElement } {
  acted.mockClear();
  const { signal } = new AbortController();
  const view = compareView({
    format: new Format(en), texts, chartTexts: analysisEn, clock: systemClock, signal, memory, analysis: viewing(signal).parts.analysis, colors: "", onAction: acted,
    onOpen: (place, ending) => {
      const card = document.createElement("article");
      card.textContent = `card ${place}`;
      ending.addEventListener("abort", () => card.remove());
      return card;
    },
  });
  document.body.replaceChildren(view.element);
  view.update(entries);
  return { view, element: view.element };
}
const shown = (root: Element, selector: string): (string | null)[] =>
  [...root.querySelectorAll<HTMLElement>(selector)].filter((each) => !each.closest("[hidden]")).map((each) => each.textContent);
const row = (root: Element, name: string, place: number): (string | null)[] => [...(root.querySelector(`.sw-compare-${name} tr[data-place="${place}"]`)?.children ?? [])].map(({ textContent }) => textContent);
const press = (root: Element, selector: string): void => root.querySelector<HTMLElement>(selector)?.click();

test("while they run each has a row, and Cancel asks those that run alone", () => {
  const { element, view } = open([here("AAPL"), model("MSFT", { progress: 52.4 }), model("IBM", { status: "queued" }), unknown("APPL")]);
  expect(shown(element, ".sw-compare-rows .sw-compare-open")).toEqual(["AAPL", "MSFT", "IBM", "APPL"]);
  expect(shown(element, ".sw-compare-row .sw-percent")).toEqual(["100%", "52%", ""]);
  expect(element.querySelector('[data-place="1"] [role="progressbar"]')?.getAttribute("aria-valuenow")).toBe("52");
  expect(shown(element, ".sw-status")).toEqual([compareEn.ended("2", "4")]);
  press(element, ".sw-cancel");
  expect(acted.mock.calls).toEqual([[1, "cancel"], [2, "cancel"]]);
  view.update([here("AAPL"), here("MSFT"), here("IBM"), unknown("APPL")]);
  expect(shown(element, ".sw-compare-rows .sw-compare-open")).toEqual(["APPL"]);
  expect(shown(element, ".sw-cancel")).toEqual([]);
  expect(shown(element, ".sw-status")).toEqual(["3 done · 1 without a result"]);
});

test("one that failed says why and what to do, and can be run again", () => {
  const { element } = open([here("AAPL"), unknown("APPL")]);
  expect(shown(element, ".sw-compare-why").join()).toContain("Unknown symbol 'APPL'");
  expect(shown(element, ".sw-compare-why").join()).toContain("AAPL");
  press(element, '.sw-compare-row[data-place="1"] .sw-action');
  expect(acted.mock.calls).toEqual([[1, "rerun"]]);
  expect(shown(element, ".sw-compare-notes li")[0]).toBe(compareEn.alone);
});

test("where none has a result there is no chart and no table, and it is said", () => {
  const { element } = open([unknown("APPL"), unknown("MSFG")]);
  expect(element.dataset.state).toBe("failed");
  expect(shown(element, ".sw-empty-title")).toEqual([compareEn.nothing]);
  expect(shown(element, ".sw-compare-body")).toEqual([]);
});

test("figures are the documents', those of common days are of the range shown, and the missing is a dash with its reason", () => {
  const rising = here("AAPL", long((i) => 100 + i));
  const falling = here("MSFT", { ...long((i) => 50 - i), risk: { sharpe: -0.5, beta: 1.24 }, score: { ...(judged().score as object), value: null, band: null, coverage: 0.4 } });
  const { element } = open([rising, falling]);
  const own = row(element, "own", 1);
  expect(own.slice(0, 4)).toEqual(["MSFT", `–${compareEn.missing.score("40%")}`, `–${compareEn.missing.score("40%")}`, "40%"]);
  expect(own.slice(-2)).toEqual(["−0.50", "1.24"]);
  expect(row(element, "own", 0).slice(-1)).toEqual([`–${compareEn.missing.beta}`]);
  expect(row(element, "common", 0).slice(0, 2)).toEqual(["AAPL", "▲ +29.00%"]);
  expect(row(element, "common", 1).slice(0, 2)).toEqual(["MSFT", "▼ −58.00%"]);
  expect(shown(element, ".sw-compare-legend .sw-compare-entry")).toEqual(["AAPL129.0+29.00%", "MSFT42.0−58.00%"]);
  expect(shown(element, ".sw-compare-about")).toEqual([compareEn.range("30", "2024-12-01", "2024-12-30")]);
  expect(shown(element, '.sw-compare-heat[aria-label*="Correlation"] td.sw-num')[0]).toBe("1.00");
});

test("a shorter range begins at 100 again, and too few days have no correlation", () => {
  const memory: CompareMemory = {};
  const date = Array.from({ length: 60 }, (_, i) => new Date(Date.UTC(2024, 10, 1 + i)).toISOString().slice(0, 10));
  const bars = (of: (row: number) => number): Record<string, unknown> => ({ bars: { ...(long(of) as { bars: object }).bars, date, close: date.map((_, i) => of(i)) }, indicators: {} });
  const entries = [here("AAPL", bars((i) => 100 + i)), here("MSFT", bars((i) => 200 - i))];
  const { element } = open(entries, memory);
  expect(shown(element, ".sw-range-button")).toEqual(["1M", "MAX"]);
  press(element, ".sw-range-button");
  // The 30th of December less a month is row 29 of 60.
  expect(row(element, "common", 0)[1]).toBe("▲ +23.26%");
  expect(shown(element, ".sw-compare-legend .sw-compare-entry")[0]).toBe("AAPL123.3+23.26%");
  expect(memory.range).toBe("1M");
  expect(element.querySelector('.sw-range-button[aria-pressed="true"]')?.textContent).toBe("1M");
  const again = open(entries, memory).element;
  expect(row(again, "common", 0)[1]).toBe("▲ +23.26%");
});

test("without a common day there is a reason instead of a chart", () => {
  const { element } = open([here("AAPL"), here("MSFT", long((i) => 1 + i)), here("OLD", { bars: { date: ["2001-01-02"], open: [1], high: [1], low: [1], close: [1], volume: [1] } })]);
  expect(element.querySelector(".sw-compare-body")?.getAttribute("data-days")).toBe("none");
  expect(shown(element, ".sw-compare-notes li")).toContain(compareEn.noCommon);
  expect(shown(element, ".sw-compare-common")).toEqual([]);
});

test("what does not compare is said: last days, currencies, scorecards, adjustment", () => {
  const other = here("0700.HK", {
    currency: "HKD", provenance: { source: "sample", synthetic: true, adjust: "raw", first: "2024-12-26", last: "2024-12-27" }, params: { weights: { trend: 1 } },
  });
  const said = shown(open([here("AAPL"), other]).element, ".sw-compare-notes li");
  expect(said.slice(1)).toEqual([compareEn.last("2024-12-27", "2024-12-30"), compareEn.currencies("HKD, USD"), compareEn.adjust, compareEn.cards, compareEn.synthetic]);
});

test("a press on a head sorts, best first, those without a number last; the focus stays on it", () => {
  const with_ = (symbol: string, value: number | null): Entry => here(symbol, { score: { ...(judged().score as object), value } });
  const { element } = open([with_("A", 40), with_("B", null), with_("C", 90)]);
  const order = (): (string | null)[] => shown(element, ".sw-compare-own tbody th");
  const head = (): HTMLElement => element.querySelector('[data-head="score"]') as HTMLElement;
  head().focus();
  head().click();
  expect(order()).toEqual(["C", "A", "B"]);
  expect(document.activeElement).toBe(head());
  head().click();
  expect(order()).toEqual(["A", "C", "B"]);
  expect(head().closest("th")?.getAttribute("aria-sort")).toBe("ascending");
});

test("a symbol opens its analysis below, which is there again in a view built anew; Escape closes it and gives the focus back", async () => {
  const memory: CompareMemory = {};
  const entries = [here("AAPL"), here("MSFT")];
  press(open(entries, memory).element, '.sw-compare-own .sw-compare-open[data-place="1"]');
  await vi.waitFor(() => expect(document.querySelector(".sw-opened article")?.textContent).toBe("card 1"));
  const { element } = open(entries, memory);
  await vi.waitFor(() => expect(element.querySelector(".sw-opened article")?.textContent).toBe("card 1"));
  element.querySelector(".sw-opened")?.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
  expect(element.querySelector<HTMLElement>(".sw-opened")?.hidden).toBe(true);
  expect(document.activeElement).toBe(element.querySelector('.sw-compare-own .sw-compare-open[data-place="1"]'));
  expect(memory.opened).toBe(null);
});

test("a slot is a card's model: its own messages and its own changes", () => {
  const slot = (symbol: string): Slot => ({ symbol, task_id: symbol, epoch: "e", mode: "server", snapshot: {} });
  const traits: CompareTraits = { slots: [slot("A"), slot("B")], locale: "", colors: "" };
  const listeners = new Map<string, Set<(content?: unknown) => void>>();
  const tell = (name: string, content?: unknown): void => [...(listeners.get(name) ?? [])].forEach((each) => each(content));
  const sent: unknown[] = [];
  const whole = {
    get: (name: keyof CompareTraits) => traits[name],
    set(name: keyof CompareTraits, value: never) {
      traits[name] = value;
      tell(`change:${name}`);
    },
    save_changes: () => undefined,
    send: (content: unknown) => sent.push(content),
    on: (name: string, callback: () => void) => listeners.set(name, new Set([...(listeners.get(name) ?? []), callback])),
    off: (name: string, callback: () => void) => listeners.get(name)?.delete(callback),
  };
  const second = slotModel(whole as never, 1);
  const heard = vi.fn();
  const changed = vi.fn();
  second.on("msg:custom", heard);
  second.on("change:snapshot", changed);
  second.send({ type: "result" });
  expect(sent).toEqual([{ type: "result", slot: 1 }]);
  tell("msg:custom", { type: "result", slot: 0 });
  tell("msg:custom", { type: "result", slot: 1 });
  expect(heard).toHaveBeenCalledExactlyOnceWith({ type: "result", slot: 1 });
  slotModel(whole as never, 0).set("snapshot", { partial: {} });
  expect(changed).not.toHaveBeenCalled();
  second.set("snapshot", { logs: [] });
  expect(changed).toHaveBeenCalledTimes(1);
  expect(traits.slots).toMatchObject([{ snapshot: { partial: {} } }, { symbol: "B", snapshot: { logs: [] } }]);
  second.off("msg:custom", heard);
  second.off("change:snapshot", changed);
  expect([...listeners.values()].every((each) => each.size === 0)).toBe(true);
});

test("both languages say everything", () => {
  const keys = (value: object): string[] => Object.entries(value).flatMap(([key, each]) => (typeof each === "object" ? [key, ...keys(each as object)] : [key]));
  expect(keys(compareZh)).toEqual(keys(compareEn));
});
