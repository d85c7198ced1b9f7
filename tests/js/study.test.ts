// @vitest-environment jsdom
/** A study's view: counts grow while it runs; a day chosen by mouse or keys shows its hits; what shows nothing is marked. */

import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { Snapshot } from "../../src/stockwidget/js/client/protocol.ts";
import { en } from "../../src/stockwidget/js/i18n/en.ts";
import { zh } from "../../src/stockwidget/js/i18n/zh.ts";
import { documentOf, type StudyDocument } from "../../src/stockwidget/js/views/documents.ts";
import { Format } from "../../src/stockwidget/js/views/format.ts";
import type { LiveView } from "../../src/stockwidget/js/views/live.ts";
import type { Memory } from "../../src/stockwidget/js/views/result.ts";
import type { ScanActions } from "../../src/stockwidget/js/views/scanactions.ts";
import { csv } from "../../src/stockwidget/js/views/sheet.ts";
import { forwardSheet, hitsSheet } from "../../src/stockwidget/js/views/studyexports.ts";
import { studyView } from "../../src/stockwidget/js/views/study.ts";

const row = { n: 9, days: 3, block: 1, independent: 3, mean: 0.012, base_mean: 0.004, edge: 0.008, edge_low: -0.002, edge_high: 0.018, up: 0.6, base_up: 0.5, unknown: 0, ended: 0 };
const study: StudyDocument = {
  kind: "study",
  dates: ["2024-01-31", "2024-02-29", "2024-03-28"],
  days: { judged: [300, 300, 310], hits: [2, 0, 1], new: [null, 0, 1], gone: [null, 2, 0] },
  horizons: [5, 20],
  after: { 5: { hits: [0.01, null, null], base: [0.002, 0.001, null] }, 20: { hits: [-0.02, null, null], base: [0.01, null, null] } },
  forward: [{ ...row, horizon: 5, warnings: [] }, { ...row, horizon: 20, edge_low: null, edge_high: null, warnings: ["few", "spans_zero"] }],
  events: { day: [0, 0, 2], symbol: ["<b>X</b>", "BBB", "CCC"], after: { 5: [0.02, 0, null], 20: [-0.02, -0.02, null] } },
  failures: [{ symbol: "FB", code: "insufficient_history", message: "too short" }],
  warnings: ["survivors"],
  counters: { total: 320, processed: 320, found: 3, failed: 1 },
  words: { en: ["Three days.", "Survivors."], zh: ["三天。"] },
};
const snapshot = (status: string, partial = {}, counters = {}): Snapshot =>
  ({ state: { status, counters, params: {} }, partial, logs: [] }) as unknown as Snapshot;
const text = (view: LiveView, selector: string): string => view.element.querySelector(selector)?.textContent ?? "";
const hidden = (view: LiveView, selector: string): boolean => view.element.querySelector(selector)?.hasAttribute("hidden") ?? true;

let view: LiveView;
const make = (catalogue = en, actions: ScanActions = {}, memory: Memory = {}): LiveView => {
  const root = document.createElement("section");
  root.setAttribute("aria-label", "Study: US");
  document.body.replaceChildren(root);
  const made = studyView({ format: new Format(catalogue), signal: new AbortController().signal, root, actions, memory });
  root.append(made.element);
  return made;
};
const press = (key: string): void => void view.element.querySelector(".sw-days-plot")?.dispatchEvent(new KeyboardEvent("keydown", { key, cancelable: true }));

beforeEach(() => {
  view = make();
});
afterEach(() => vi.restoreAllMocks());

test("before the first symbols it waits; then the bars grow with the counts", () => {
  view.update(snapshot("running", { dates: study.dates }), null);
  expect(hidden(view, ".sw-days")).toBe(true);
  expect(text(view, ".sw-empty-title")).toContain("Waiting");
  const partial = { dates: study.dates, days: { judged: [100, 100, 100], hits: [1, 0, 2] } };
  view.update(snapshot("running", partial, { total: 300, processed: 100, found: 3 }), null);
  expect(text(view, ".sw-counter-processed b")).toBe("100 / 300");
  expect([...view.element.querySelectorAll("rect")].map((bar) => Number(bar.getAttribute("height")))).toEqual([0.5, 0, 1]);
  expect(text(view, ".sw-days-line")).toBe("1.0 a day of 100 judged (1.0%)");
  expect(hidden(view, ".sw-empty")).toBe(true);
  expect(hidden(view, ".sw-study-facts")).toBe(true);
});

test("the result has the table, its warnings and the words of the page's language", () => {
  view.update(snapshot("completed"), study);
  const rows = [...view.element.querySelectorAll(".sw-study-facts tbody tr")].map((each) => each.textContent ?? "");
  expect(rows[0]).toContain("+0.80%");
  expect(rows[0]).toContain("−0.20% … +1.80%");
  expect(rows[0]).toContain("clear");
  expect(rows[1]).toContain("⚠ few days, spans zero");
  expect(view.element.querySelectorAll(".sw-interval-bar[data-sure]")).toHaveLength(1);
  expect(view.element.querySelectorAll(".sw-interval-box:is(.sw-up, .sw-down)")).toHaveLength(1);
  expect(text(view, ".sw-study-words ul")).toBe("Three days.Survivors.");
  expect(text(view, ".sw-failures summary")).toContain("1");
  view = make(zh);
  view.update(snapshot("completed"), study);
  expect(text(view, ".sw-study-words ul")).toBe("三天。");
});

test("keys choose a day, whose hits are listed as text", () => {
  view.update(snapshot("completed"), study);
  expect(hidden(view, ".sw-days-hits")).toBe(true);
  press("End");
  expect(text(view, ".sw-days-line")).toBe("2024-03-28: 1 of 310 judged · 1 new, 0 gone");
  press("ArrowLeft");
  expect(text(view, ".sw-days-hits")).toContain("No symbol was a hit on this day.");
  press("Home");
  expect(text(view, ".sw-days-line")).toContain("after 20 bars −2.00% (universe +1.00%)");
  const cells = [...view.element.querySelectorAll(".sw-days-hits tbody tr")].map((each) => [...each.children].map((cell) => cell.textContent));
  expect(cells).toEqual([["<b>X</b>", "+2.00%", "−2.00%"], ["BBB", "0.00%", "−2.00%"]]);
  expect(view.element.querySelector(".sw-days-plot")?.getAttribute("aria-valuenow")).toBe("0");
  press("Escape");
  expect(hidden(view, ".sw-days-hits")).toBe(true);
  press("Home");
  expect(text(view, ".sw-days-line")).toContain("2024-01-31");
});

test("without a hit it says so, and draws no empty chart", () => {
  view.update(snapshot("completed"), { ...study, days: { judged: [9, 9, 9], hits: [0, 0, 0] }, events: { day: [], symbol: [], after: {} } });
  expect(hidden(view, ".sw-days")).toBe(true);
  expect(text(view, ".sw-empty-title")).toBe("No symbol was a hit on any day.");
  expect(view.element.querySelector(".sw-study-facts table")).toBeNull();
});

test("more hits than are listed are told as that", () => {
  view.update(snapshot("completed"), { ...study, events: null });
  press("Home");
  expect(text(view, ".sw-days-hits")).toContain("not listed one by one");
});

test("a document without its days is none", () => {
  expect(documentOf({ ...study, days: undefined })).toBeNull();
  expect(documentOf(study)).toBe(study);
});

const panel = (): HTMLElement => view.element.querySelector(".sw-picker") as HTMLElement;
const buttons = (): HTMLButtonElement[] => [...panel().querySelectorAll("button")].filter((each) => !each.hidden);

test("a study's files are offered once it has hits, one click away", () => {
  const unfold = view.element.querySelector(".sw-unfold-panel") as HTMLButtonElement;
  view.update(snapshot("running", { dates: study.dates, days: study.days }), null);
  expect(unfold.hidden).toBe(true);
  view.update(snapshot("completed"), study);
  expect([unfold.hidden, panel().hidden, unfold.getAttribute("aria-expanded")]).toEqual([false, true, "false"]);
  unfold.click();
  expect([panel().hidden, unfold.getAttribute("aria-expanded")]).toEqual([false, "true"]);
  expect([...panel().querySelectorAll(".sw-export")].map((each) => each.getAttribute("aria-label"))).toEqual(["Each hit", "What followed", "Each day"]);
  expect(panel().textContent).toContain(".result().hits.to_excel(…)");
  view.update(snapshot("completed"), { ...study, events: null });
  expect(buttons().map((each) => each.textContent)).toEqual(["Copy", "CSV"]);
  expect(panel().textContent).toContain("not listed one by one");
});

test("a study that Lab builds again is as it was left: the panel of files open, the day chosen", () => {
  const memory: Memory = {};
  view = make(en, {}, memory);
  view.update(snapshot("completed"), study);
  (view.element.querySelector(".sw-unfold-panel") as HTMLButtonElement).click();
  press("End");
  view = make(en, {}, memory);
  view.update(snapshot("running", { dates: study.dates, days: study.days }), null);
  expect(panel().hidden).toBe(true);
  view.update(snapshot("completed"), study);
  expect([panel().hidden, view.element.querySelector(".sw-unfold-panel")?.getAttribute("aria-expanded")]).toEqual([false, "true"]);
  expect(text(view, ".sw-days-hits")).toContain("Hits of 2024-03-28");
  (view.element.querySelector(".sw-unfold-panel") as HTMLButtonElement).click();
  view = make(en, {}, memory);
  view.update(snapshot("completed"), study);
  expect(panel().hidden).toBe(true);
});

test("hits and what followed are written as Python has them, missing numbers empty", () => {
  const lines = (text: string): string[] => text.replace("\ufeff", "").trim().split("\r\n");
  expect(lines(csv(hitsSheet(study)))).toEqual([
    "date,symbol,after_5,after_20", "2024-01-31,<b>X</b>,0.02,-0.02", "2024-01-31,BBB,0,-0.02", "2024-03-28,CCC,,",
  ]);
  const [head, first, second] = lines(csv(forwardSheet(study)));
  const at = (line: string | undefined, key: string) => line?.split(",")[(head ?? "").split(",").indexOf(key)];
  expect([at(first, "horizon"), at(first, "edge"), at(first, "warnings")]).toEqual(["5", "0.008", ""]);
  expect([at(second, "horizon"), at(second, "edge_low")]).toEqual(["20", ""]);
  expect(second).toContain('"few, spans_zero"');
});

test("its days are asked of the server as files, in Chinese too", async () => {
  const asked: string[] = [];
  const names: string[] = [];
  Object.assign(URL, { createObjectURL: () => "blob:x", revokeObjectURL: () => undefined });
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function click(this: HTMLAnchorElement) {
    names.push(this.download);
  });
  view = make(zh, { onFile: async (task, type) => { asked.push(`${task} ${type}`); return { is: "ok", value: new Blob(["x"]) }; } });
  const done = snapshot("completed");
  view.update({ ...done, state: { ...done.state, id: "t7" } }, study);
  expect([...panel().querySelectorAll(".sw-export i")].map((each) => each.textContent)).toEqual(["逐条入选", "入选后的收益", "逐日统计"]);
  buttons().find((each) => each.textContent === "Parquet")?.click();
  buttons().find((each) => each.textContent === "CSV")?.click();
  await vi.waitFor(() => expect(names).toEqual(["Study-US-hits.csv", "Study-US.parquet"]));
  expect(asked).toEqual(["t7 application/vnd.apache.parquet"]);
});
