// @vitest-environment jsdom
/** What stands around the rows of a scan: columns by choice, sparklines, files, the analysis below, and who was left out. */

import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";

import type { Answer } from "../../src/stockwidget/js/client/http.ts";
import type { TaskState } from "../../src/stockwidget/js/client/protocol.ts";
import { en } from "../../src/stockwidget/js/i18n/en.ts";
import { zh } from "../../src/stockwidget/js/i18n/zh.ts";
import { choose, choices } from "../../src/stockwidget/js/views/choices.ts";
import { partialScan, type ScanDocument } from "../../src/stockwidget/js/views/documents.ts";
import type { Memory } from "../../src/stockwidget/js/views/result.ts";
import { Format } from "../../src/stockwidget/js/views/format.ts";
import { scanView, type ScanView } from "../../src/stockwidget/js/views/scan.ts";
import type { Opened, ScanActions } from "../../src/stockwidget/js/views/scanactions.ts";
import { linePath, readSpark } from "../../src/stockwidget/js/views/sparkline.ts";
import { completePage, scan } from "./page.ts";

beforeAll(completePage);

let ending: AbortController;
let root: HTMLElement;
let view: ScanView;
const state = (changes: Partial<TaskState> = {}): TaskState => ({ id: "t1", kind: "scan", status: "completed", params: { universe: "sample" }, ...changes }) as TaskState;
const ROWS = [["AAPL", "Apple", 0.3], ["IBM", "Machines", 0.2], ["FB", "Facebook", 0.1]];

function start(actions: ScanActions = {}, format = new Format(en), memory: Memory = {}): void {
  ending = new AbortController();
  root = document.createElement("section");
  root.setAttribute("aria-label", "Market scan: sample · rsi(14) < 30");
  view = scanView({ format, signal: ending.signal, root, actions, memory });
  root.append(view.element);
  document.body.replaceChildren(root);
}
const show = (changes: Record<string, unknown> = {}, whole = true, task = state()): void =>
  view.update(scan(ROWS, changes) as unknown as ScanDocument, task, whole);
const all = (selector: string): HTMLElement[] => [...root.querySelectorAll<HTMLElement>(selector)];
const one = (selector: string): HTMLElement => all(selector)[0] as HTMLElement;
const press = (label: string): void => all("button").find((each) => each.textContent === label)?.click();
const header = (): (string | null)[] => all("thead th").map((each) => each.getAttribute("data-column"));

beforeEach(() => choose({ columnsHidden: [], columnOrder: [] }));
afterEach(() => {
  ending.abort();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test("one panel unfolds at a time, and its button says so", () => {
  start();
  show();
  const open = () => all(".sw-unfold-panel").map((each) => each.getAttribute("aria-expanded"));
  expect(open()).toEqual(["false", "false"]);
  press("Columns");
  expect(open()).toEqual(["true", "false"]);
  press("Export");
  expect(open()).toEqual(["false", "true"]);
  expect(all(".sw-picker").map((each) => each.hidden)).toEqual([true, false]);
  press("Export");
  expect(all(".sw-picker").every((each) => each.hidden)).toBe(true);
});

test("a tick puts a column away in every table of the page, is remembered, and all come back at once", () => {
  start();
  show();
  const ticks = () => all(".sw-tick input") as HTMLInputElement[];
  expect(ticks().map(({ value, checked }) => [value, checked])).toEqual([["name", true], ["ret_20", true]]); // The symbol stays.
  ticks()[0]?.focus();
  ticks()[0]?.click();
  expect(header()).toEqual(["symbol", "ret_20"]);
  expect(choices().columnsHidden).toEqual(["name"]);
  expect((document.activeElement as HTMLInputElement).value).toBe("name"); // Though the ticks were drawn anew.
  const reset = all(".sw-picker button")[0] as HTMLButtonElement;
  expect(reset.disabled).toBe(false);
  reset.click();
  expect(header()).toEqual(["symbol", "name", "ret_20"]);
  expect(reset.disabled).toBe(true);
});

/** As scan/sparks.py writes it. */
function spark(first: number, last: number, codes: number[]): string {
  const bytes = new Uint8Array(8 + codes.length);
  const ends = new DataView(bytes.buffer);
  ends.setFloat32(0, first, true);
  ends.setFloat32(4, last, true);
  bytes.set(codes, 8);
  return btoa(String.fromCharCode(...bytes));
}

test("a spark is read as it was written, and its line breaks where bars are missing", () => {
  expect(readSpark("AAAgQQAAJEEAP38=")).toEqual({ first: 10, last: 10.25, levels: [0, 63, 127], broken: [false, false, false] });
  const { levels, broken } = readSpark(spark(1, 2, [0, 127, 0x80 | 64, 0x80 | 3])) ?? { levels: [], broken: [] };
  expect([levels, broken]).toEqual([[0, 127, 64, 3], [false, false, true, true]]);
  // Sixty units wide, the newest at the right, highest on top; a bar between two gaps is a dash.
  expect(linePath({ first: 1, last: 2, levels, broken })).toBe("M56 127L57 0M58 63h.5M59 124h.5");
  for (const nothing of ["", "AAAg", "no base64!", undefined]) expect(readSpark(nothing)).toBeNull();
});

const SPARKS = [spark(12.3, 15.1, [0, 127]), "", spark(20, 10, [127, 0])];
const lines = () => all("tbody tr").filter((row) => row.id).map((row) => row.querySelector("svg")?.getAttribute("aria-label") ?? row.querySelector('[data-column="sparkline"]')?.textContent);

test("each row has its own sparkline in words too, wherever it is sorted to, and a dash where there is none", () => {
  start();
  show({ sparks: SPARKS });
  expect(lines()).toEqual(["2 bars: from 12.30 to 15.10, +22.76%", "–", "2 bars: from 20.00 to 10.00, −50.00%"]);
  expect(all("svg").map((each) => each.getAttribute("class"))).toEqual(["sw-sparkline sw-sparkline-up", "sw-sparkline sw-sparkline-down"]);
  one('th[data-column="name"] button').click(); // By name: Apple, Facebook, Machines.
  expect(lines()).toEqual(["2 bars: from 12.30 to 15.10, +22.76%", "2 bars: from 20.00 to 10.00, −50.00%", "–"]);
  const before = all("tbody th").map((each) => each.textContent);
  one('th[data-column="sparkline"] button').click(); // Nothing sorts by a picture.
  expect(all("tbody th").map((each) => each.textContent)).toEqual(before);
  one('.sw-tick input[value="sparkline"]').click();
  expect(all("svg")).toHaveLength(0);
});

test("sparklines come with rows that stream in, in Chinese too; a scan without them has no such column", () => {
  vi.useFakeTimers();
  start({}, new Format(zh));
  const running = state({ status: "running" });
  view.update({ ...scan(ROWS.slice(0, 1)), sparks: SPARKS.slice(0, 1) } as unknown as ScanDocument, running, false);
  const first = one("tbody tr[id]");
  const more = { ...scan([...ROWS]), sparks: SPARKS } as unknown as ScanDocument;
  view.update({ ...more, rows: [...ROWS] as ScanDocument["rows"] }, running, false);
  expect(all("tbody tr[id]")).toHaveLength(1); // It waits: ten drawings a second are enough.
  vi.advanceTimersByTime(100);
  expect(lines()).toEqual(["近 2 个交易日：从 12.30 到 15.10，+22.76%", "–", "近 2 个交易日：从 20.00 到 10.00，−50.00%"]);
  expect(one("tbody tr[id]")).toBe(first); // A row that stays is not made anew.
  start();
  show();
  expect(header()).toEqual(["symbol", "name", "ret_20"]);
});

test("rows that fly by have their sparklines once the table stands still", async () => {
  start();
  const many = Array.from({ length: 400 }, (_, i) => [`S${i}`, "", -i]);
  show({ rows: many, sparks: many.map(() => SPARKS[0]) });
  const drawn = () => [all("tbody th").length, all("tbody svg").length];
  const [rows, pictures] = drawn();
  expect(pictures).toBe(rows);
  const scroller = one(".sw-grid");
  scroller.scrollTop = 3000;
  scroller.dispatchEvent(new Event("scroll"));
  await vi.waitFor(() => expect(one("tbody th").textContent).toBe("S99"));
  expect(drawn()[1]).toBe(0);
  await vi.waitFor(() => expect(drawn()[1]).toBe(drawn()[0]));
  expect(all("td[data-column=sparkline]").every((cell) => cell.title === "2 bars: from 12.30 to 15.10, +22.76%")).toBe(true);
});

/** What was handed to the reader as files: name and content. */
function downloads(): { name: string; content: Blob }[] {
  const made: { name: string; content: Blob }[] = [];
  let content: Blob;
  Object.assign(URL, { createObjectURL: (blob: Blob) => { content = blob; return "blob:x"; }, revokeObjectURL: () => undefined });
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function click(this: HTMLAnchorElement) {
    made.push({ name: this.download, content });
  });
  return made;
}

test("CSV is of the rows and columns on show, without pictures", async () => {
  const made = downloads();
  start();
  show({ sparks: SPARKS });
  choose({ columnsHidden: ["name"] });
  const filter = one(".sw-scan-top .sw-filter") as HTMLInputElement;
  filter.value = "ret20>=20%";
  filter.dispatchEvent(new Event("input"));
  press("CSV");
  expect(made.map(({ name }) => name)).toEqual(["Market-scan-sample-rsi-14-30.csv"]);
  expect((await made[0]?.content.text())?.replace("\ufeff", "")).toBe("symbol,ret_20\r\nAAPL,0.3\r\nIBM,0.2\r\n");
});

test("Excel and Parquet are asked of the server once the scan is complete; what it refuses is said", async () => {
  const made = downloads();
  const asked: string[] = [];
  let answer: Answer<Blob> = { is: "ok", value: new Blob(["sheet"]) };
  start({ onFile: async (task, type) => { asked.push(`${task} ${type}`); return answer; } });
  const button = (label: string) => all("button").find((each) => each.textContent === label) as HTMLButtonElement;
  const hint = () => all(".sw-picker .sw-hint").filter((each) => !each.hidden).map((each) => each.textContent).filter(Boolean).at(-1);
  show({}, false, state({ status: "running" }));
  expect([button("Excel").hidden, button("Parquet").hidden]).toEqual([true, true]);
  expect(hint()).toBe("Excel and Parquet once the scan is complete");
  show();
  press("Excel");
  expect(button("Excel").disabled).toBe(true);
  await vi.waitFor(() => expect(made.map(({ name }) => name)).toEqual(["Market-scan-sample-rsi-14-30.xlsx"]));
  expect(button("Excel").disabled).toBe(false);
  answer = { is: "gone", error: { code: "expired", message: "The result was removed.", hint: "Run the cell again." } };
  press("Parquet");
  await vi.waitFor(() => expect(hint()).toBe("The result was removed. Run the cell again."));
  expect(asked).toEqual(["t1 application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "t1 application/vnd.apache.parquet"]);
  expect(made).toHaveLength(1);
});

test("where no server is behind the page, it says how a cell writes the files", () => {
  start();
  show();
  expect(all("button").map((each) => each.textContent)).not.toContain("Excel");
  expect(root.textContent).toContain(".result().to_excel(…)");
});

test("a symbol's analysis opens below the table, one at a time, and closes by Escape with the focus back", async () => {
  const opened: { symbol: string; source: string; signal: AbortSignal }[] = [];
  start({
    onOpen: async (symbol, _scan, source, signal): Promise<Opened> => {
      opened.push({ symbol, source, signal });
      const card = document.createElement("article");
      card.textContent = `card of ${symbol}`;
      return { is: "card", card };
    },
  });
  show({ provenance: { source: "synthetic", synthetic: true } });
  const click = (row: number): void => (all(".sw-open")[row] as HTMLElement).click();
  click(0);
  expect(one(".sw-opened").textContent).toContain("Starting the analysis of AAPL…");
  await vi.waitFor(() => expect(one(".sw-opened").textContent).toContain("card of AAPL"));
  click(1);
  await vi.waitFor(() => expect(one(".sw-opened").textContent).toContain("card of IBM"));
  expect(opened.map(({ symbol, source, signal }) => [symbol, source, signal.aborted])).toEqual([["AAPL", "synthetic", true], ["IBM", "synthetic", false]]);
  one(".sw-close").dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
  expect(one(".sw-opened").hidden).toBe(true);
  expect(opened[1]?.signal.aborted).toBe(true);
  expect(document.activeElement).toBe(one("table"));
});

test("a view that the host builds again is as the reader left it", async () => {
  const opened: string[] = [];
  const onOpen = async (symbol: string): Promise<Opened> => {
    opened.push(symbol);
    return { is: "card", card: document.createElement("article") };
  };
  const memory: Memory = {};
  start({ onOpen }, new Format(en), memory);
  show();
  press("Export");
  one('th[data-column="name"] button').click();
  const filter = () => one(".sw-scan-top .sw-filter") as HTMLInputElement;
  filter().value = "a";
  filter().dispatchEvent(new Event("input"));
  (all(".sw-open")[1] as HTMLElement).click();
  const left = all("tbody th").map((each) => each.textContent);
  expect(left).toEqual(["AAPL", "FB", "IBM"]);
  ending.abort();
  start({ onOpen }, new Format(en), memory);
  show();
  expect(all("tbody th").map((each) => each.textContent)).toEqual(left);
  expect(filter().value).toBe("a");
  expect(all(".sw-unfold-panel").map((each) => each.getAttribute("aria-expanded"))).toEqual(["false", "true"]);
  await vi.waitFor(() => expect(one(".sw-opened article")).toBeDefined());
  expect(opened).toEqual(["FB", "FB"]);
});

test("an analysis that cannot be started says why, or what to type instead", async () => {
  let answer: Opened = { is: "refused", error: { code: "queue_full", message: "Too many tasks wait.", hint: "Try later." } };
  start({ onOpen: async () => answer });
  show();
  const said = async (words: string): Promise<void> => {
    (all(".sw-open")[0] as HTMLElement).click();
    await vi.waitFor(() => expect(one(".sw-opened [role=alert]").textContent).toBe(words));
  };
  await said("Too many tasks wait. Try later.");
  answer = null;
  await said('Run this in a cell: sw.analyze("AAPL", source="sample")');
});

test("who was left out stands by reason, the largest group first, and is filtered by symbol and by words", () => {
  const short = (symbol: string) => ({ symbol, code: "insufficient_history", message: `sma(200) needs 200 bars; ${symbol} has 12.` });
  start();
  show({ failures: [{ symbol: "BAD", code: "invalid_bars", message: "Row 7 is below zero." }, short("FB"), short("NEW"), { symbol: "ODD", code: "from_a_newer_server", message: "?" }] });
  const fold = one(".sw-failures") as HTMLDetailsElement;
  expect(fold.querySelector("summary")?.textContent).toBe("4 symbols left out");
  fold.open = true;
  fold.dispatchEvent(new Event("toggle"));
  const groups = () => all(".sw-failures h4").map((each) => each.textContent);
  expect(groups()).toEqual(["Too little history · 2", "Bad bars · 1", "from_a_newer_server · 1"]);
  const filter = one(".sw-failures .sw-filter") as HTMLInputElement;
  const typed = (text: string): string[] => {
    filter.value = text;
    filter.dispatchEvent(new Event("input"));
    return all(".sw-failures li code").map((each) => each.textContent as string);
  };
  expect(typed("fb")).toEqual(["FB"]);
  expect(typed("little 200")).toEqual(["FB", "NEW"]);
  expect(typed("bars zero")).toEqual(["BAD"]);
  expect(typed("nobody")).toEqual([]);
  expect(one(".sw-failures").textContent).toContain("None fits the filter");
  show({ failures: [] });
  expect(fold.hidden).toBe(true);
});

test("of many left out for one reason a hundred are named, and the others counted", () => {
  start();
  show({ failures: Array.from({ length: 130 }, (_, i) => ({ symbol: `S${i}`, code: "no_value", message: "-" })) });
  const fold = one(".sw-failures") as HTMLDetailsElement;
  fold.open = true;
  fold.dispatchEvent(new Event("toggle"));
  expect(all(".sw-failures li")).toHaveLength(100);
  expect(fold.textContent).toContain("and 30 more");
});

test("while it runs the table is ordered by the column that the scan names, whatever the request calls it", () => {
  const told = { columns: ["symbol", "ret(20)"], sort: "ret(20)", rows: [["AAPL", 0.3]] };
  expect(partialScan(told, {}, { sort: "ret_20" }).sort).toBe("ret(20)");
  expect(partialScan({}, {}, {}).sort).toBe("ret_20");
});

test("counters alone do not make the rows wait that come with them", () => {
  vi.useFakeTimers();
  start();
  show({ rows: [] }, false, state({ status: "running" }));
  vi.advanceTimersByTime(150);
  show({ rows: [], counters: { total: 9, processed: 3, found: 3, failed: 0 } }, false, state({ status: "running" }));
  show({ counters: { total: 9, processed: 3, found: 3, failed: 0 } }, false, state({ status: "running" }));
  expect(one(".sw-counter-found b").textContent).toBe("3");
  expect(all("tbody tr[aria-rowindex]").length).toBe(3);
});
