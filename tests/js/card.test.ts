// @vitest-environment jsdom
/** Each state of a task is a state of the card that says what is so and what to do; data never becomes markup. */

import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";

import { Bundle } from "../../src/stockwidget/js/bundle.ts";
import type { Trouble } from "../../src/stockwidget/js/client/client.ts";
import { systemClock } from "../../src/stockwidget/js/client/clock.ts";
import type { Link } from "../../src/stockwidget/js/client/connection.ts";
import * as errorViews from "../../src/stockwidget/js/errors.ts";
import { en } from "../../src/stockwidget/js/i18n/en.ts";
import { zh } from "../../src/stockwidget/js/i18n/zh.ts";
import type { Parts } from "../../src/stockwidget/js/parts.ts";
import { type CardModel, type CardView, cardView } from "../../src/stockwidget/js/views/card.ts";
import { documentOf } from "../../src/stockwidget/js/views/documents.ts";
import type { Feed } from "../../src/stockwidget/js/views/dot.ts";
import { Format } from "../../src/stockwidget/js/views/format.ts";
import { snapshot } from "./frames.ts";
import { analysis, completePage, scan, viewing } from "./page.ts";

beforeAll(completePage);

let ending: AbortController;
let card: CardView;
const onAction = vi.fn();
const onRetry = vi.fn();

function open(catalogue = en, more: Partial<Parts> = {}): CardView {
  const { parts: usual, memory } = viewing(ending.signal);
  const parts = { ...usual, ...more };
  const options = { format: new Format(catalogue, parts.errors), clock: systemClock, signal: ending.signal, onAction, onRetry, parts, memory };
  const view = cardView(options);
  document.body.replaceChildren(view.element);
  return view;
}
beforeEach(() => {
  ending = new AbortController();
  onAction.mockReset();
  onRetry.mockReset();
  card = open();
});
afterEach(() => ending.abort());

const link = (state: Link["state"], ago = 0): Feed => {
  const at = (Date.now() - ago) as Link["since"];
  return { via: "server", link: { state, transport: state === "live" ? "ws" : null, since: at, heard: at, why: "closed (1006)", reason: null, downgrades: 0, upgrades: 0, recoveries: 0, climbAt: null, offered: null } };
};
function show(state: Record<string, unknown>, rest: Partial<CardModel> & { partial?: Record<string, unknown>; logs?: unknown[] } = {}): void {
  const { partial, logs, ...model } = rest;
  const shot = snapshot({ state: { status: "running", started_at: Date.now() - 3000, ...state }, ...(partial ? { partial } : {}), ...(logs ? { logs } : {}) });
  card.update({ snapshot: shot, feed: link("live"), trouble: null, outcome: { is: "none" }, refused: null, colors: "", ...model });
}
const here = (value: unknown): Partial<CardModel> => {
  const document = documentOf(value);
  if (!document) throw new Error("The test's document is none.");
  return { outcome: { is: "here", document } };
};
const one = (selector: string): HTMLElement => {
  const found = card.element.querySelector<HTMLElement>(selector);
  if (!found) throw new Error(`No ${selector} in the card.`);
  return found;
};
const text = (): string => card.element.textContent ?? "";
const status = (): string | undefined => card.element.dataset.status;

test("a running task shows its bar, its stages and the time left", () => {
  show({ progress: 40, stage: "indicators", eta_s: 2 });
  const bar = one("[role=progressbar]");
  expect(bar.getAttribute("aria-valuenow")).toBe("40");
  expect(bar.getAttribute("aria-valuetext")).toBe("40%, Indicators");
  expect([...card.element.querySelectorAll(".sw-stage")].map((stage) => stage.getAttribute("data-place"))).toEqual(["done", "now", "next"]);
  expect(one(".sw-time").textContent).toBe("3 s · 2 s left");
});

test("cancel asks once, and is gone when the task has ended", () => {
  show({});
  const button = one(".sw-cancel") as HTMLButtonElement;
  button.click();
  button.click();
  expect(onAction).toHaveBeenCalledTimes(1);
  show({ status: "cancelled" });
  expect(button.hidden).toBe(true);
});

test("a refused cancel says why and may be tried again", () => {
  show({});
  (one(".sw-cancel") as HTMLButtonElement).click();
  show({}, { refused: { action: "cancel", error: { code: "server_unreachable", message: "No answer." } } });
  expect(one(".sw-aside").textContent).toBe("Could not cancel: No answer.");
  expect((one(".sw-cancel") as HTMLButtonElement).disabled).toBe(false);
});

test("a card says in which language it is, and in full what a long rule was", () => {
  show({ kind: "scan", title: "sample · rsi(14) < 30 and close > sma(200)" });
  expect(card.element.lang).toBe("en");
  expect(one(".sw-symbol").getAttribute("title")).toBe("sample · rsi(14) < 30 and close > sma(200)");
  card = open(zh);
  expect(card.element.lang).toBe("zh-CN");
});

test("a card without anything to keep has no foot", () => {
  show({}, { trouble: gone("unknown") });
  expect((one(".sw-keeping") as HTMLElement).hidden).toBe(true);
});

test("an unknown symbol offers its near matches", () => {
  const error = { code: "unknown_symbol", message: "Unknown symbol 'APPL' (asked: sample).", hint: "Check the spelling.", nearest: ["AAPL"], symbol: "APPL", sources: ["sample"] };
  show({ status: "failed", error });
  expect(status()).toBe("failed");
  expect(text()).toContain("Unknown symbol 'APPL'");
  expect(one(".sw-near").textContent).toBe("AAPL");
  card = open(zh);
  show({ status: "failed", error });
  expect(text()).toContain("没有代码 APPL（已查：sample）");
});

test("Chinese words for an error come when they are needed, and the card says it again in them", async () => {
  const asked = vi.fn(async () => errorViews);
  card = open(zh, { errors: new Bundle({ name: "errors.js", digest: "late", clock: systemClock, ways: [asked] }) });
  show({});
  expect(asked).not.toHaveBeenCalled();
  show({ status: "failed", error: { code: "time_limit", message: "It ran too long.", limit_s: 60 } });
  expect(text()).toContain("It ran too long.");
  await vi.waitFor(() => expect(text()).toContain("任务运行超过 60 秒，已被停止。"));
  expect(text()).not.toContain("It ran too long.");
});

test("a traceback is there, folded, and stays open over updates", () => {
  const failed = { status: "failed", error: { code: "job_failed", message: "It broke.", traceback: "Traceback: line 1" } };
  show(failed);
  const trace = one("details.sw-trace") as HTMLDetailsElement;
  expect(trace.open).toBe(false);
  trace.open = true;
  show(failed);
  expect((one("details.sw-trace") as HTMLDetailsElement).open).toBe(true);
});

test("the lines of a reader's own function are open, in their language", () => {
  const error = { code: "part_failed", message: "Your signal mine raised KeyError: 'Close'.", hint: "The traceback shows your own lines.", part: "mine", said: "KeyError: 'Close'", traceback: "Cell In[3], line 2" };
  show({ status: "failed", error });
  expect((one("details.sw-trace") as HTMLDetailsElement).open).toBe(true);
  expect(text()).toContain("Your signal mine raised KeyError: 'Close'.");
  card = open(zh);
  show({ status: "failed", error });
  expect(text()).toContain("自定义函数 mine 抛出 KeyError: 'Close'");
  show({ status: "failed", error: { ...error, said: undefined, message: "It gave 1.7." } });
  expect(text()).toContain("It gave 1.7.");
});

const gone = (is: "unknown" | "expired" | "forbidden"): Trouble => ({ is, error: { code: is, message: "The server's words." } });
test.each<[string, Record<string, unknown>, Partial<CardModel>, string]>([
  ["queued", { status: "queued", started_at: null }, {}, "Waiting for a free worker"],
  ["cancelling", { status: "cancelling" }, {}, "Cancelling"],
  ["cancelled", { status: "cancelled" }, {}, "It was cancelled before it had a result."],
  ["interrupted", { status: "interrupted", reason: "Its server stopped." }, {}, "Resume goes on from the last finished part."],
  ["expired", { status: "expired" }, {}, "The result was removed"],
  ["expired", { status: "completed" }, { trouble: gone("expired") }, "Run again computes it anew."],
  ["unknown", {}, { trouble: gone("unknown") }, "does not know the task"],
  ["unknown", {}, { trouble: gone("forbidden") }, "The server's words."],
  ["running", {}, { feed: link("backoff", 12_000) }, "s ago, reconnecting"],
  ["running", {}, { feed: link("auth") }, "You are signed out"],
])("%s: %o says what is so", (expected, state, model, words) => {
  show(state, model);
  expect(status()).toBe(expected);
  expect(text()).toContain(words);
});

test("signed out, the reader can try again", () => {
  show({}, { feed: link("auth") });
  (one(".sw-retry") as HTMLButtonElement).click();
  expect(onRetry).toHaveBeenCalledTimes(1);
});

test.each<[Feed, string]>([
  [link("live"), "Live over WebSocket since"],
  [{ via: "kernel", why: "kernel-run" }, "this run ends with it"],
  [{ via: "kernel", why: "foreign" }, "the kernel relays it"],
])("the dot tells how news arrives", (feed, words) => {
  show({}, { feed });
  expect(one(".sw-dot").getAttribute("aria-label")).toContain(words);
});

test("a change of state is announced, the first paint is not", () => {
  show({});
  expect(one("[aria-live]").textContent).toBe("");
  show({ status: "completed" });
  expect(one("[aria-live]").textContent).toBe("AAPL: Done");
});

describe("an analysis with its result", () => {
  beforeEach(() => show({ status: "completed", ended_at: Date.now() }, here(analysis())));

  test("shows close, change, date, range and provenance", () => {
    expect(one(".sw-price").textContent).toBe("11.00");
    expect(one(".sw-change").textContent).toBe("▼ −0.50 (−4.35%)");
    expect(one(".sw-change").classList).toContain("sw-down");
    expect(text()).toContain("Close of 2024-12-30");
    expect(one(".sw-range").getAttribute("aria-label")).toContain("50%");
    expect(text()).toContain("sample (a package, MIT) · adjusted for splits and dividends · 3 daily bars");
    expect(card.element.querySelector("canvas")).not.toBeNull();
  });

  test("writes a missing number as missing, and says why", () => {
    const missing = [...card.element.querySelectorAll(".sw-missing")];
    expect(missing.map((element) => element.textContent)).toEqual(["–", "–"]);
    expect(missing[0]?.getAttribute("data-tip")).toContain("3 bars");
  });

  test("has no bar any more", () => expect(card.element.querySelector("[role=progressbar]")).toBeNull());

  test("overlays are toggled from the legend", () => {
    const boll = one("[data-overlay=boll]");
    expect(boll.getAttribute("aria-pressed")).toBe("false");
    boll.click();
    expect(boll.getAttribute("aria-pressed")).toBe("true");
  });
});

test("made-up data is called so, already while it runs", () => {
  show({ kind: "scan", params: { universe: "synthetic:50" } });
  expect(one(".sw-synthetic").textContent).toBe("Synthetic data");
});

test("red means up for a Chinese stock, unless the reader chose otherwise", () => {
  show({ status: "completed" }, here(analysis({ market: "CN" })));
  expect(card.element.dataset.habit).toBe("red-up");
  show({ status: "completed" }, { ...here(analysis({ market: "CN" })), colors: "green-up" });
  expect(card.element.dataset.habit).toBe("green-up");
});

test("a rule of one's own is called as its author called it, in either language", () => {
  const own = { name: "weeks", title: "Three weeks", title_zh: "三周连阳 $&" };
  const task = { kind: "scan", title: "sample · Three weeks", params: { function: own } };
  show(task);
  expect(one(".sw-symbol").textContent).toBe("sample · Three weeks");
  card = open(zh);
  show(task);
  expect(one(".sw-symbol").textContent).toBe("sample · 三周连阳 $&");
  expect(card.element.getAttribute("aria-label")).toContain("三周连阳");
});

test("a cancelled scan keeps the rows it had", () => {
  const partial = { columns: ["symbol", "ret_20"], rows: [["AAPL", 0.1], ["IBM", 0.2]] };
  show({ kind: "scan", status: "cancelled" }, { partial });
  expect(text()).toContain("The 2 rows found until then are kept");
  expect([...card.element.querySelectorAll("tbody th")].map((cell) => cell.textContent)).toEqual(["IBM", "AAPL"]);
});

test("a finished scan says how many fit, where its bar was", () => {
  const counters = { total: 9, processed: 9, found: 1, failed: 0 };
  show({ kind: "scan", progress: 98 });
  expect(one(".sw-slot").querySelector("[role=progressbar]")).not.toBeNull();
  show({ kind: "scan", status: "completed" }, here(scan([["AAPL", "Apple", 0.1]], { counters })));
  expect(one(".sw-slot").textContent).toBe("1of 9 symbols fit the rule");
});

test("a scan without hits says so, with the number it looked at", () => {
  show({ kind: "scan", status: "completed" }, here(scan([], { counters: { total: 9, processed: 9, found: 0, failed: 0 } })));
  expect(text()).toContain("No symbol fits the rule");
  expect(text()).toContain("9 symbols were checked");
});

test("no text of a task is ever markup", () => {
  const evil = '<img src=x onerror="window.hacked=1">';
  const logs = [{ level: "info", message: evil, ts: 1 }];
  show({ title: evil, name: evil, status: "failed", error: { code: "x", message: evil, hint: evil, nearest: [evil], traceback: evil } }, { logs });
  (one("details.sw-log") as HTMLDetailsElement).open = true;
  show({ status: "completed" }, here(analysis({ symbol: evil, name: evil, currency: evil, provenance: { source: evil, synthetic: true, origin: evil, note: evil } })));
  show({ kind: "scan", status: "completed" }, here(scan([[evil, evil, 0.1]], { failures: [{ symbol: evil, code: evil, message: evil }] })));
  expect(card.element.querySelector("img")).toBeNull();
  expect(text()).toContain(evil);
});

test("it follows the host's theme, and leaves nothing behind when it ends", async () => {
  show({});
  expect(card.element.dataset.theme).toBe("light");
  document.body.dataset.jpThemeLight = "false";
  await vi.waitFor(() => expect(card.element.dataset.theme).toBe("dark"));
  ending.abort();
  document.body.dataset.jpThemeLight = "true";
  await new Promise((later) => setTimeout(later, 20));
  expect(card.element.dataset.theme).toBe("dark");
  delete document.body.dataset.jpThemeLight;
});
