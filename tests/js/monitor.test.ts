// @vitest-environment jsdom
/** The monitor: read only while it is seen, from the server or else the kernel, and drawn true to the document. */

import type { AnyModel } from "@anywidget/types";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Client } from "../../src/stockwidget/js/client/client.ts";
import { systemClock } from "../../src/stockwidget/js/client/clock.ts";
import { en } from "../../src/stockwidget/js/i18n/en.ts";
import { monitorEn } from "../../src/stockwidget/js/i18n/monitor.en.ts";
import { monitorZh } from "../../src/stockwidget/js/i18n/monitor.zh.ts";
import { zh } from "../../src/stockwidget/js/i18n/zh.ts";
import { type MonitorTraits, StatsSource } from "../../src/stockwidget/js/monitor.ts";
import { StatsFeed, whileSeen } from "../../src/stockwidget/js/statsfeed.ts";
import { Format } from "../../src/stockwidget/js/views/format.ts";
import { bytesText, type MonitorModel, monitorView, rates } from "../../src/stockwidget/js/views/monitor.ts";
import { runsOf } from "../../src/stockwidget/js/views/spark.ts";
import { type Stats, statsOf } from "../../src/stockwidget/js/views/stats.ts";

const stats = (changes: object = {}): Stats =>
  ({
    runner: "server", server_id: "s1", epoch: "e1", uptime_s: 65, realtime_enabled: true,
    connections: { open: { ws: 2, sse: 1, poll: 0 }, total: { ws: 4, sse: 1, poll: 9 }, ended: {} },
    subscriptions: { open: { ws: 5, sse: 1, poll: 0 }, total: { ws: 9, sse: 1, poll: 9 } },
    mix: { connections: { ws: 0.6667, sse: 0.3333, poll: 0 }, frames: { ws: 1, sse: 0, poll: 0 } },
    frames: { ws: 1200, sse: 30, poll: 0 }, bytes: { ws: 2_500_000, sse: 900, poll: 0 },
    conflated: 7, resyncs: 1, slow_readers: 0, polls: 10, useless_polls: 1, useless_share: 0.1,
    tasks: { by_state: { running: 2, failed: 1 }, protected: 2, leased: 1, pinned: 0, followed: 2 },
    changes: { downgrades: 3, upgrades: 1, recoveries: 0, by_reason: [{ kind: "downgrade", from: "ws", to: "sse", reason: "refused", count: 3 }] },
    latency: { n: 40, window_s: 300, p50_ms: 4, p95_ms: 9, p99_ms: 21 },
    ...changes,
  }) as unknown as Stats;

const EMPTY = { stats: null, history: [], at: null, failed: false, feed: "server" } as const;

describe("the view", () => {
  const draw = (model: Partial<MonitorModel>, chinese = false): HTMLElement => {
    const view = monitorView(new Format(chinese ? zh : en), chinese ? monitorZh : monitorEn);
    view.update({ ...EMPTY, ...model });
    return view.element;
  };
  const tiles = (element: HTMLElement): (string | null)[] => [...element.querySelectorAll(".sw-tile .sw-value")].map((value) => value.textContent);

  it("shows sums, shares and percentiles", () => {
    const element = draw({ stats: stats(), history: [stats()] });
    expect(tiles(element)).toEqual(["3", "6", "2", "10.0%", "4 / 9 / 21"]);
    expect(element.querySelector(".sw-mix")?.getAttribute("aria-label")).toBe("Connections: WebSocket 2, event stream 1");
    expect([...element.querySelectorAll(".sw-traffic tbody tr:not([hidden])")].map((row) => row.textContent)).toEqual([
      "WebSocket251,2002.5 MB", "Event stream1130900 B", "Polling0000 B",
    ]);
    expect(element.textContent).toContain("Down · WebSocket → event stream refused");
  });

  it("shows the one pipe of a runner that is the kernel's own", () => {
    const one = { pipe: 1 };
    const kernel = stats({
      runner: "kernel", connections: { open: one, total: one, ended: {} }, subscriptions: { open: one, total: one },
      mix: { connections: one, frames: one }, frames: { pipe: 6 }, bytes: { pipe: 2400 },
    });
    const element = draw({ stats: kernel, history: [kernel] });
    expect(tiles(element).slice(0, 2)).toEqual(["1", "1"]);
    expect([...element.querySelectorAll(".sw-traffic tbody tr:not([hidden])")].map((row) => row.textContent)).toEqual(["Pipe to the kernel1162.4 kB"]);
  });

  it("says that what was not measured is missing, not 0", () => {
    const unmeasured = stats({ useless_share: null, polls: 0, latency: { n: 0, p50_ms: null, p95_ms: null, p99_ms: null }, mix: { connections: null, frames: null } });
    const element = draw({ stats: unmeasured, history: [unmeasured] });
    expect(tiles(element).slice(3)).toEqual(["–", "–"]);
    expect(element.querySelectorAll(".sw-mix-part:not([hidden])")).toHaveLength(0);
  });

  it("speaks Chinese", () => {
    const element = draw({ stats: stats({ realtime_enabled: false }) }, true);
    expect(element.textContent).toContain("仅轮询");
    expect(element.textContent).toContain("降级 · WebSocket → 事件流");
  });

  it("keeps the last numbers while no answer comes, and says so", () => {
    const element = draw({ stats: stats(), failed: true });
    expect(element.querySelector(".sw-time")?.textContent).toBe("No answer");
    expect(tiles(element)[0]).toBe("3");
  });

  it("never makes markup of a reason it does not know", () => {
    const odd = stats({ changes: { downgrades: 1, upgrades: 0, recoveries: 0, by_reason: [{ kind: "<i>", from: "ws", to: "<b>x</b>", reason: "<img>", count: 1 }] } });
    const element = draw({ stats: odd });
    expect(element.querySelector("img, b b")).toBeNull();
    expect(element.textContent).toContain("<img>");
  });
});

describe("rates", () => {
  it("are differences a second, of one server only", () => {
    const later = stats({ uptime_s: 67, frames: { ws: 1210, sse: 30, poll: 0 } });
    expect(rates([stats(), later])?.ws.frames).toBe(5);
    expect(rates([stats(), { ...later, server_id: "s2" }])).toBeNull();
    expect(rates([stats()])).toBeNull();
  });
});

it("bytes are in thousands", () => {
  const format = new Format(en);
  expect([0, 999, 1_000, 25_400, 3_200_000, 7.1e9].map((bytes) => bytesText(bytes, format))).toEqual(["0 B", "999 B", "1.0 kB", "25 kB", "3.2 MB", "7.1 GB"]);
});

it("a spark ends at the right, breaks where nothing was measured, and shows a lone value", () => {
  const runs = runsOf([4, null, 2, 2], 5);
  expect(runs).toHaveLength(2);
  expect(runs[0]).toHaveLength(2);
  expect(runs[1]?.at(-1)?.x).toBe(120);
  expect(runs[0]?.[0]?.y).toBeLessThan(runs[1]?.[0]?.y ?? 0);
  expect(runsOf([0, 0], 5)[0]?.every(({ y }) => Number.isFinite(y))).toBe(true);
});

it("a document without the parts that are drawn is none", () => {
  expect(statsOf(stats())).not.toBeNull();
  for (const bad of [null, 3, [], {}, { ...stats(), tasks: {} }, { ...stats(), changes: { by_reason: 3 } }]) expect(statsOf(bad)).toBeNull();
});

describe("reading", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const feed = (answers: () => unknown) => {
    const models: MonitorModel[] = [];
    const read = vi.fn(async () => answers());
    return { read, models, feed: new StatsFeed({ clock: systemClock, feed: "server", read, onModel: (model) => models.push(model) }) };
  };

  it("happens every 2 s while somebody looks, and never else", async () => {
    const { read, feed: reading } = feed(() => stats());
    await vi.advanceTimersByTimeAsync(60_000);
    expect(read).toHaveBeenCalledTimes(0);
    reading.look(true);
    await vi.advanceTimersByTimeAsync(10_100);
    expect(read).toHaveBeenCalledTimes(6);
    reading.look(false);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(read).toHaveBeenCalledTimes(6);
    reading.look(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(read).toHaveBeenCalledTimes(7);
  });

  it("gets rarer while no answer comes, and keeps what it had", async () => {
    let up = true;
    const { read, models, feed: reading } = feed(() => (up ? stats() : null));
    reading.look(true);
    await vi.advanceTimersByTimeAsync(0);
    up = false;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(read.mock.calls.length).toBeLessThan(9);
    expect(models.at(-1)).toMatchObject({ failed: true, stats: { server_id: "s1" } });
    up = true;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(models.at(-1)?.failed).toBe(false);
  });

  it("forgets the history of a server that was restarted", async () => {
    let server_id = "s1";
    const { models, feed: reading } = feed(() => stats({ server_id }));
    reading.look(true);
    await vi.advanceTimersByTimeAsync(4_100);
    expect(models.at(-1)?.history).toHaveLength(3);
    server_id = "s2";
    await vi.advanceTimersByTimeAsync(2_000);
    expect(models.at(-1)?.history).toHaveLength(1);
  });
});

describe("who is asked", () => {
  const modelOf = (traits: Partial<MonitorTraits>) => {
    const listeners = new Set<(content: unknown) => void>();
    const sent: unknown[] = [];
    const all = { view: "monitor", epoch: "e1", mode: "server", stats: {}, locale: "", ...traits };
    const model = {
      get: (name: keyof typeof all) => all[name],
      on: (_name: string, listener: (content: unknown) => void) => void listeners.add(listener),
      off: (_name: string, listener: (content: unknown) => void) => void listeners.delete(listener),
      send: (content: unknown) => {
        sent.push(content);
        queueMicrotask(() => listeners.forEach((listener) => listener({ type: "stats", stats: stats({ runner: "kernel" }) })));
      },
    } as unknown as AnyModel<MonitorTraits>;
    return { model, sent, listeners };
  };
  const answering = (answer: unknown): Client => ({ stats: async () => answer }) as unknown as Client;
  const { signal } = new AbortController();

  it("is the page's server where it has the journal", async () => {
    const { model, sent } = modelOf({});
    const source = new StatsSource(model, answering({ is: "ok", value: stats() }), systemClock, signal);
    expect(await source.read()).toMatchObject({ runner: "server" });
    expect(sent).toEqual([]);
  });

  it.each([
    ["another server's page", { epoch: "e2" }, { is: "ok", value: stats() }],
    ["a server without the extension", {}, { is: "missing", error: null }],
    ["a kernel run", { mode: "kernel" as const }, { is: "ok", value: stats() }],
  ])("is the kernel for %s", async (_name, traits, answer) => {
    const { model, sent } = modelOf(traits);
    const source = new StatsSource(model, answering(answer), systemClock, signal);
    expect(await source.read()).toMatchObject({ runner: "kernel" });
    expect(source.feed).toBe("kernel");
    expect(sent).toEqual([{ type: "stats" }]);
  });

  it("is the server again and again while it only does not answer", async () => {
    const { model, sent } = modelOf({});
    const source = new StatsSource(model, answering({ is: "unreachable", status: 502, retryMs: null }), systemClock, signal);
    expect(await source.read()).toBeNull();
    expect(source.feed).toBe("server");
    expect(sent).toEqual([]);
  });
});

it("looking ends when the page is hidden, the element leaves the screen, or the view goes", () => {
  let tell: (onScreen: boolean) => void = () => undefined;
  class Observer {
    constructor(callback: (entries: { isIntersecting: boolean }[]) => void) {
      tell = (isIntersecting) => callback([{ isIntersecting }]);
    }
    observe(): void {}
    disconnect(): void {}
  }
  const page = { document: Object.assign(new EventTarget(), { hidden: false }), IntersectionObserver: Observer };
  const ending = new AbortController();
  const seen: boolean[] = [];
  whileSeen(document.body, page as unknown as Window & typeof globalThis, ending.signal, (looking) => seen.push(looking));
  tell(true);
  page.document.hidden = true;
  page.document.dispatchEvent(new Event("visibilitychange"));
  page.document.hidden = false;
  page.document.dispatchEvent(new Event("visibilitychange"));
  tell(false);
  tell(true);
  ending.abort();
  expect(seen).toEqual([true, false, true, false, true, false]);
});
