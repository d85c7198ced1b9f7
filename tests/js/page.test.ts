// @vitest-environment jsdom
/**
 * The demo page's own parts: what the ladder says of each way, what is counted as late, what the log keeps and finds,
 * and that both languages say all of it.
 */

import { afterEach, describe, expect, it, vi } from "vitest";

import type { ConnectionStatus } from "../../src/stockwidget/js/client/client.ts";
import type { Frame } from "../../src/stockwidget/js/client/protocol.ts";
import { en } from "../../src/stockwidget/js/i18n/en.ts";
import { pageEn } from "../../src/stockwidget/js/i18n/page.en.ts";
import { pageZh } from "../../src/stockwidget/js/i18n/page.zh.ts";
import { zh } from "../../src/stockwidget/js/i18n/zh.ts";
import { type Entry, EventLog, gist, textOf } from "../../src/stockwidget/js/page/eventlog.ts";
import { eventsView } from "../../src/stockwidget/js/page/events.ts";
import { type LinkModel, lookOf, rungState, RUNGS, WHOLE, whyOf } from "../../src/stockwidget/js/page/ladder.ts";
import { Latency } from "../../src/stockwidget/js/page/latency.ts";
import { languageOf, remember, themeChoiceOf, withoutToken } from "../../src/stockwidget/js/page/preferences.ts";
import { Sight } from "../../src/stockwidget/js/page/sight.ts";
import { snippetOf } from "../../src/stockwidget/js/page/snippet.ts";
import { type Refused, refusedFor, startView, type TaskRequest } from "../../src/stockwidget/js/page/start.ts";
import { Format } from "../../src/stockwidget/js/views/format.ts";

const english = new Format(en);
const NOW = 1_800_000_000_000;
const frame = (k: string, s: number, d: object = {}, ts = NOW): Frame => ({ v: 1, k, t: "t1", e: "e", s, q: s, ts, d }) as unknown as Frame;
const link = (changes: Partial<LinkModel> = {}): LinkModel =>
  ({ state: "live", transport: "ws", rung: "ws", since: NOW, reason: null, climbAt: null, offered: ["ws", "sse", "poll"], ...changes }) as LinkModel;
const status = (changes: Partial<ConnectionStatus> = {}): ConnectionStatus =>
  ({ ...link(), heard: NOW, why: null, downgrades: 0, upgrades: 0, recoveries: 0, counters: {}, ...changes }) as ConnectionStatus;
const states = (model: LinkModel, broken = WHOLE): string[] => RUNGS.map((rung) => rungState(rung, model, broken));

describe("the ladder", () => {
  it("has the way that carries, and the others in waiting", () => {
    expect(states(link())).toEqual(["carrying", "standby", "standby"]);
  });

  it("shows what failed above the way that carries", () => {
    expect(states(link({ transport: "poll", rung: "poll" }))).toEqual(["failed", "failed", "carrying"]);
  });

  it("tells a way broken by a switch from one that failed by itself", () => {
    const down = link({ transport: "sse", rung: "sse" });
    expect(states(down, { ...WHOLE, ws: true })).toEqual(["broken", "carrying", "standby"]);
    expect(states(link({ state: "backoff", transport: null }), { ...WHOLE, offline: true })).toEqual(["broken", "broken", "broken"]);
  });

  it("leaves a WebSocket alone where only HTTP is broken", () => {
    expect(states(link(), { ...WHOLE, http: true })).toEqual(["carrying", "broken", "broken"]);
  });

  it("shows a way that the server does not offer as off, whatever else holds", () => {
    const polling = link({ offered: ["poll"], transport: "poll", rung: "poll" });
    expect(states(polling, { ...WHOLE, ws: true })).toEqual(["off", "off", "carrying"]);
    expect(lookOf(polling, english, pageEn)).toBe("Polling only");
    expect(whyOf(polling, NOW, english, pageEn)).toContain("REALTIME_ENABLED=false");
  });

  it("says why it is not a better way, and when that is tried, in both languages", () => {
    const model = link({ transport: "sse", rung: "sse", reason: { code: "refused", words: "" }, climbAt: (NOW + 24_200) as LinkModel["climbAt"] });
    expect(whyOf(model, NOW, english, pageEn)).toBe("Not over WebSocket: the opening was refused. WebSocket is tried again in 25\u00a0s.");
    expect(whyOf(model, NOW, new Format(zh), pageZh)).toBe("未使用 WebSocket：连接被拒绝。25\u00a0秒后重试 WebSocket。");
  });

  it("names the nearest better way as the one that failed, the best as the one to be tried", () => {
    const model = link({ transport: "poll", rung: "poll", reason: { code: "silent", words: "" }, climbAt: (NOW + 9_000) as LinkModel["climbAt"] });
    expect(whyOf(model, NOW, english, pageEn)).toBe("Not over event stream: it went silent. WebSocket is tried again in 9\u00a0s.");
  });
});

describe("lateness", () => {
  it("is from the event to its arrival, and never negative", () => {
    const latency = new Latency();
    expect(latency.add(frame("progress", 1), NOW + 12)).toBe(12);
    expect(latency.add(frame("progress", 2), NOW - 5)).toBe(0);
    expect(latency.spread()).toEqual({ p50: 0, p99: 12 });
  });

  it("does not count snapshots, nor events that a snapshot already told", () => {
    const latency = new Latency();
    expect(latency.add(frame("snapshot", 5, { recovered: false, state: { seq: 5 } }), NOW + 9_000)).toBeNull();
    expect(latency.add(frame("log", 5), NOW + 9_000)).toBeNull();
    expect(latency.add(frame("log", 6), NOW + 7)).toBe(7);
  });

  it("does not count what is replayed after a loss", () => {
    const latency = new Latency();
    latency.add(frame("snapshot", 5, { recovered: true }), NOW);
    expect(latency.add(frame("log", 6), NOW + 4_000)).toBeNull();
    expect(latency.add(frame("progress", 7), NOW + 20)).toBe(20);
    expect(latency.add(frame("progress", 8), NOW + 3_000)).toBe(3_000);
  });

  it("has nothing to say before the first event", () => {
    expect(new Latency().spread()).toBeNull();
  });
});

describe("the event log", () => {
  const entry = (changes: Partial<Entry>): Entry => ({ at: NOW, kind: "progress", task: "AAPL", s: 3, q: 2, transport: "ws", text: "40% indicators", late: 3, ...changes });

  it("finds entries by every word, newest first", () => {
    const log = new EventLog();
    for (const kind of ["state", "progress", "end"]) log.add(entry({ kind }));
    log.add(entry({ kind: "end", task: "IBM", transport: "sse" }));
    expect(log.matching("").map(({ kind }) => kind)).toEqual(["end", "end", "progress", "state"]);
    expect(log.matching("end  SSE")).toHaveLength(1);
    expect(log.matching("aapl end")).toHaveLength(1);
    expect(log.matching("end poll")).toEqual([]);
  });

  it("holds what comes during a pause, and gives it back in order", () => {
    const log = new EventLog();
    log.add(entry({ s: 1 }));
    log.pause(true);
    log.add(entry({ s: 2 }));
    expect(log.held).toBe(1);
    expect(log.matching("").map(({ s }) => s)).toEqual([1]);
    log.pause(false);
    expect(log.matching("").map(({ s }) => s)).toEqual([2, 1]);
    expect(log.held).toBe(0);
  });

  it("keeps a thousand, paused or not", () => {
    const log = new EventLog();
    for (let s = 1; s <= 1_500; s += 1) log.add(entry({ s }));
    log.pause(true);
    for (let s = 1_501; s <= 3_000; s += 1) log.add(entry({ s }));
    log.pause(false);
    expect(log.size).toBe(1_000);
    expect(log.matching("")[0]?.s).toBe(3_000);
    expect(log.matching("").at(-1)?.s).toBe(2_001);
  });

  it("copies as lines, oldest first", () => {
    const log = new EventLog();
    log.add(entry({ s: 1, q: 1 }));
    log.add(entry({ kind: "hb", task: "", s: null, q: null, text: "" }));
    expect(textOf(log.matching("")).split("\n")).toEqual([
      `${new Date(NOW).toISOString()}\tprogress\tAAPL\ts=1 q=1\tws\t40% indicators`,
      `${new Date(NOW).toISOString()}\thb\tws`,
    ]);
  });

  it("says the gist of a frame", () => {
    expect(gist(frame("progress", 1, { progress: 41.7, stage: "scan" }))).toBe("41% scan");
    expect(gist(frame("partial", 1, { set: { columns: [] }, append: { rows: [[1], [2]] } }))).toBe("columns, rows +2");
    expect(gist(frame("end", 1, { status: "completed", progress: 100, stage: "rank" }))).toBe("completed 100%");
    expect(gist(frame("snapshot", 1, { recovered: true }))).toBe("recovered");
  });

  afterEach(() => void vi.useRealTimers());

  it("draws new rows above the old ones without redrawing those, and filters", () => {
    vi.useFakeTimers();
    const ending = new AbortController();
    const log = new EventLog();
    const view = eventsView(log, english, pageEn, ending.signal);
    const rows = (): HTMLElement[] => [...view.element.querySelectorAll<HTMLElement>(".dp-event")];
    const drawn = (): void => void vi.advanceTimersByTime(1_000);
    log.add(entry({ text: "one" }));
    view.changed();
    drawn();
    const first = rows()[0];
    log.add(entry({ text: "<b>two</b>", kind: "log" }));
    view.changed();
    drawn();
    expect(rows().map((row) => row.querySelector(".dp-event-text")?.textContent)).toEqual(["<b>two</b> AAPL", "one AAPL"]);
    expect(rows()[1]).toBe(first);
    const filter = view.element.querySelector("input") as HTMLInputElement;
    filter.value = "log";
    filter.dispatchEvent(new Event("input"));
    drawn();
    expect(rows()).toHaveLength(1);
    expect(view.element.querySelector(".dp-event-count")?.textContent).toBe("1 of 2");
    ending.abort();
  });
});

describe("what the page sees of its connection", () => {
  const counters = { ws: { requests: 1, useless: 0, frames: 10, bytes: 900 }, poll: { requests: 4, useless: 1, frames: 3, bytes: 100 }, http: { requests: 2, useless: 0, frames: 0, bytes: 0 } };

  it("adds up all ways, and counts from a reset on", () => {
    const sight = new Sight();
    expect(sight.tallies(status({ counters, downgrades: 2 }))).toMatchObject({ frames: 13, bytes: 1_000, requests: 7, polls: 4, useless: 1, downgrades: 2 });
    sight.reset(status({ counters, downgrades: 2 }));
    const later = { ...counters, ws: { ...counters.ws, frames: 12 } };
    expect(sight.tallies(status({ counters: later, downgrades: 2 }))).toMatchObject({ frames: 2, requests: 0, downgrades: 0 });
  });

  it("logs a change of the link once, and calls tasks by their titles", () => {
    const sight = new Sight();
    sight.named("t1", "AAPL");
    sight.link(status(), NOW);
    sight.link(status({ heard: (NOW + 1) as ConnectionStatus["heard"] }), NOW + 1);
    sight.frame(frame("progress", 1), "ws", NOW + 2);
    sight.link(status({ state: "backoff", transport: null, reason: { code: "closed", words: "closed (1006)" } }), NOW + 3);
    expect(sight.log.matching("").map(({ kind, task, text }) => [kind, task, text])).toEqual([
      ["link", "", "backoff · closed · closed (1006)"],
      ["progress", "AAPL", ""],
      ["link", "", "live"],
    ]);
  });

  it("stands on the last way that carried while none does", () => {
    const sight = new Sight();
    sight.link(status({ transport: "sse" }), NOW);
    expect(sight.model(status({ state: "backoff", transport: null })).rung).toBe("sse");
    expect(sight.model(status({ state: "idle", transport: null, offered: ["poll"] })).rung).toBe("poll");
  });
});

describe("choices", () => {
  const store = (): Storage => {
    const kept = new Map<string, string>();
    return { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) } as unknown as Storage;
  };

  it("are the address's, else the reader's earlier ones, else the browser's", () => {
    const kept = store();
    expect(languageOf({ search: "", languages: ["zh-TW", "en"], store: kept })).toBe("zh");
    remember(kept, "lang", "en");
    expect(languageOf({ search: "", languages: ["zh-CN"], store: kept })).toBe("en");
    expect(languageOf({ search: "?lang=zh-CN", languages: ["en"], store: kept })).toBe("zh");
    remember(kept, "theme", "dark");
    expect(themeChoiceOf({ search: "", languages: [], store: kept })).toBe("dark");
    expect(themeChoiceOf({ search: "?theme=neon", languages: [], store: kept })).toBe("auto");
  });

  it("survive a browser that forbids storage", () => {
    const forbidden = { getItem: () => { throw new DOMException("no"); }, setItem: () => { throw new DOMException("no"); } } as unknown as Storage;
    remember(forbidden, "lang", "zh");
    expect(languageOf({ search: "", languages: ["en"], store: forbidden })).toBe("en");
    expect(languageOf({ search: "", languages: [], store: null })).toBe("en");
  });

  it("leave no token in the address", () => {
    expect(withoutToken("http://h/x/stockwidget/realtime_demo.html?token=abc&lang=zh#dp-events")).toBe("http://h/x/stockwidget/realtime_demo.html?lang=zh#dp-events");
  });
});

describe("the forms", () => {
  const start = (answer: Refused | null) => {
    const asked: TaskRequest[] = [];
    const element = startView({
      symbols: { AAPL: "Apple Inc.", IBM: "IBM" }, texts: pageEn, t: en, signal: new AbortController().signal,
      onStart: async (request) => {
        asked.push(request);
        return answer;
      },
    });
    document.body.replaceChildren(element);
    const submit = (kind: string): void => {
      element.querySelector(`form[data-kind=${kind}]`)?.dispatchEvent(new Event("submit", { cancelable: true }));
    };
    return { asked, element, submit };
  };

  it("ask for the symbol of the chip that was pressed", () => {
    const { asked, element, submit } = start(null);
    (element.querySelectorAll(".dp-chip")[1] as HTMLElement).click();
    submit("analysis");
    expect(asked).toEqual([{ kind: "analysis", params: { symbol: "IBM" } }]);
    expect([...element.querySelectorAll('[aria-pressed="true"]')].map((chip) => chip.textContent)).toEqual(["IBM"]);
  });

  it("ask for a scan as the server takes it", () => {
    const { asked, element, submit } = start(null);
    const column = element.querySelector("select[name=column]") as HTMLSelectElement;
    column.value = "ret_20";
    column.dispatchEvent(new Event("change"));
    submit("scan");
    const params = { universe: "synthetic:2000", where: { ret_20: [">", 0.1] } };
    expect(asked).toEqual([{ kind: "scan", params: { ...params, pace_s: 60 } }]);
    (element.querySelector("input[name=slow]") as HTMLInputElement).checked = false;
    submit("scan");
    expect(asked[1]).toEqual({ kind: "scan", params });
  });

  it("ask for a study as the server takes it, and say what is missing before it is asked", async () => {
    const { asked, element, submit } = start(null);
    const put = (name: string, value: string): void => void ((element.querySelector(`[name=${name}]`) as HTMLInputElement).value = value);
    const words = () => element.querySelector("form[data-kind=study] [role=alert]")?.textContent;
    submit("study");
    expect(asked).toEqual([{ kind: "study", params: { universe: "synthetic:200", rule: "rsi(14) < 30", every: "month" } }]);
    put("rule", "  ");
    submit("study");
    await vi.waitFor(() => expect(words()).toBe(pageEn.noRule));
    put("rule", " close > sma(50) ");
    put("every", "week");
    put("start", "2024-02-01");
    put("end", "2024-01-01");
    submit("study");
    await vi.waitFor(() => expect(words()).toContain("(2024-02-01) after its end (2024-01-01)"));
    expect(asked).toHaveLength(1);
    put("end", "2024-03-01");
    submit("study");
    expect(asked[1]?.params).toEqual({ universe: "synthetic:200", rule: "close > sma(50)", every: "week", start: "2024-02-01", end: "2024-03-01" });
    await vi.waitFor(() => expect(words()).toBe(""));
  });

  it("mark the letters of a rule that the server could not read", async () => {
    const error = { code: "invalid_rule", message: "Unknown `rsj`.", field: "rule", column: 8, end: 11 };
    const { element, submit } = start(refusedFor(error, "No."));
    const rule = element.querySelector("[name=rule]") as HTMLInputElement;
    rule.value = "  close > rsj";
    submit("study");
    await vi.waitFor(() => expect(document.activeElement).toBe(rule));
    expect([rule.value.slice(rule.selectionStart ?? 0, rule.selectionEnd ?? 0), rule.getAttribute("aria-invalid")]).toEqual(["rsj", "true"]);
    expect(refusedFor({ ...error, field: "start" }, "No.")).toEqual({ words: "No." });
  });

  it("say why a task was refused, and let the reader try again", async () => {
    const { element, submit } = start({ words: "The server refused it: no." });
    submit("analysis");
    const button = element.querySelector("form[data-kind=analysis] [type=submit]") as HTMLButtonElement;
    expect(button.disabled).toBe(true);
    await Promise.resolve();
    await Promise.resolve();
    expect(element.querySelector("[role=alert]")?.textContent).toBe("The server refused it: no.");
    expect(button.disabled).toBe(false);
  });
});

it("the snippet names this server's file and the task", () => {
  const text = snippetOf("http://h/x/stockwidget/static/client.js", "t1");
  expect(text).toContain('src="http://h/x/stockwidget/static/client.js"');
  expect(text).toContain('subscribeTaskStatus("t1"');
});
