/** Live statistics of a server's deliveries, drawn from its statistics document (delivery/stats.py). */

import { h, say, set } from "./dom.ts";
import type { Format } from "./format.ts";
import { MISSING } from "./format.ts";
import type { MonitorCatalogue } from "../i18n/monitor.en.ts";
import { sparkView } from "./spark.ts";
import { type Stats, WAYS, type Way } from "./stats.ts";

export interface MonitorModel {
  readonly stats: Stats | null;
  /** Newest last; what was measured at each reading. */
  readonly history: readonly Stats[];
  /** When `stats` was read. */
  readonly at: number | null;
  /** Set while the last reading failed. */
  readonly failed: boolean;
  readonly feed: "server" | "kernel";
}

export interface MonitorView {
  readonly element: HTMLElement;
  update(model: MonitorModel): void;
}

export const HISTORY = 90;
const STATES = ["queued", "running", "cancelling", "completed", "failed", "cancelled", "interrupted", "expired"] as const;

export function monitorView(format: Format, texts: MonitorCatalogue): MonitorView {
  const { t } = format;
  const server = h("span", "sw-name");
  const mode = h("span", "sw-status");
  const read = h("span", "sw-time");
  const tile = (label: string, tip: string): { element: HTMLElement; value: HTMLElement; below: HTMLElement } => {
    const value = h("span", "sw-value");
    const below = h("span", "sw-below");
    return { element: h("div", "sw-tile", { title: tip }, h("span", "sw-label", {}, label), value, below), value, below };
  };
  const connections = tile(texts.connections, texts.connectionsTip);
  const subscriptions = tile(texts.subscriptions, texts.subscriptionsTip);
  const tasks = tile(texts.tasks, texts.tasksTip);
  const polls = tile(texts.useless, texts.uselessTip);
  const latency = tile(texts.latency, texts.latencyTip);
  const spark = sparkView(HISTORY);
  latency.element.classList.add("sw-latency");
  latency.element.append(spark.element);

  const mix = mixView(format, texts);
  const table = trafficView(format, texts);
  const states = listView(texts.byState, texts.noTasks);
  const changes = listView(texts.changes, texts.noChanges);
  const counts = listView(texts.delivery, "");
  const element = h("section", "stockwidget sw-monitor", { lang: format.t.lang, "data-kind": "monitor", "aria-label": texts.title, "data-lm-suppress-shortcuts": "true" },
    h("header", "sw-head", {}, h("div", "sw-title", {}, h("strong", "sw-symbol", {}, texts.title), server), h("div", "sw-meta", {}, mode, read)),
    h("div", "sw-tiles", {}, connections.element, subscriptions.element, tasks.element, polls.element, latency.element),
    mix.element,
    table.element,
    h("div", "sw-lists", {}, states.element, changes.element, counts.element));

  return {
    element,
    update({ stats, history, at, failed, feed }) {
      set(element, { "data-stale": failed, "data-empty": stats === null });
      say(read, failed ? texts.failed : at === null ? "" : format.clock(at));
      if (!stats) {
        say(mode, failed ? "" : texts.waiting);
        return;
      }
      say(server, [stats.runner === "kernel" || feed === "kernel" ? texts.kernel : "", texts.up(format.duration(stats.uptime_s * 1000, true))].filter(Boolean).join(" · "));
      say(mode, stats.realtime_enabled === false ? texts.pollingOnly : stats.realtime_enabled ? texts.realtime : "");
      const sum = (by: Stats["frames"]): number => WAYS.reduce((all, way) => all + (by[way] ?? 0), 0);
      say(connections.value, format.count(sum(stats.connections.open)));
      say(connections.below, texts.since(format.count(sum(stats.connections.total))));
      say(subscriptions.value, format.count(sum(stats.subscriptions.open)));
      say(subscriptions.below, texts.followed(format.count(stats.tasks.followed)));
      say(tasks.value, format.count(stats.tasks.protected));
      say(tasks.below, texts.inJournal(format.count(Object.values(stats.tasks.by_state).reduce((all, n) => all + n, 0))));
      say(polls.value, stats.useless_share === null ? MISSING : format.share(stats.useless_share));
      say(polls.below, texts.ofPolls(format.count(stats.useless_polls), format.count(stats.polls)));
      const { p50_ms, p95_ms, p99_ms, n } = stats.latency;
      say(latency.value, p50_ms === null ? MISSING : [p50_ms, p95_ms ?? 0, p99_ms ?? 0].map((ms) => format.count(ms)).join(" / "));
      say(latency.below, p50_ms === null ? texts.noLatency : texts.latencyOf(format.count(n)));
      spark.update(history.map((each) => each.latency.p95_ms));
      mix.update(stats);
      table.update(stats, rates(history));
      const states_ = STATES.flatMap((status) => {
        const n = stats.tasks.by_state[status] ?? 0;
        return n > 0 ? [{ key: status, label: t.status[status], value: n, text: format.count(n) }] : [];
      });
      states.update(states_);
      changes.update(stats.changes.by_reason.slice(0, 6).map(({ kind, from, to, reason, count }) => ({
        key: kind, label: `${texts.kind[kind] ?? kind} · ${arrowOf(from, to, t.via, texts)}`, hint: texts.reason[reason] ?? reason, value: count, text: format.count(count),
      })));
      counts.update([
        { key: "conflated", label: texts.conflated, value: 0, text: format.count(stats.conflated) },
        { key: "resyncs", label: texts.resyncs, value: 0, text: format.count(stats.resyncs) },
        { key: "slow", label: texts.slowReaders, value: 0, text: format.count(stats.slow_readers) },
        { key: "downgrades", label: texts.downgrades, value: 0, text: format.count(stats.changes.downgrades) },
        { key: "upgrades", label: texts.upgrades, value: 0, text: format.count(stats.changes.upgrades) },
        { key: "recoveries", label: texts.recoveries, value: 0, text: format.count(stats.changes.recoveries) },
      ]);
    },
  };
}

function arrowOf(from: string, to: string, via: Readonly<Record<string, string>>, texts: MonitorCatalogue): string {
  const name = (end: string): string => (end === "none" ? texts.nothing : (via[end] ?? end));
  return from === to ? name(to) : `${name(from)} → ${name(to)}`;
}

/** Frames and bytes a second by way, over the last two readings; null before there are two of one server. */
export function rates(history: readonly Stats[]): Readonly<Record<Way, { frames: number; bytes: number }>> | null {
  const [before, now] = history.slice(-2);
  if (!before || !now || before.server_id !== now.server_id || now.uptime_s <= before.uptime_s) return null;
  const seconds = now.uptime_s - before.uptime_s;
  const per = (by: Stats["frames"], old: Stats["frames"], way: Way): number => Math.max(0, (by[way] ?? 0) - (old[way] ?? 0)) / seconds;
  return Object.fromEntries(WAYS.map((way) => [way, { frames: per(now.frames, before.frames, way), bytes: per(now.bytes, before.bytes, way) }])) as
    Record<Way, { frames: number; bytes: number }>;
}

interface Part {
  readonly element: HTMLElement;
  update(stats: Stats): void;
}

/** Who is connected how, as one bar. */
function mixView(format: Format, texts: MonitorCatalogue): Part {
  const parts = new Map(WAYS.map((way) => [way, h("i", "sw-mix-part", { "data-way": way, hidden: true })] as const));
  const bar = h("div", "sw-mix", { role: "img" }, ...parts.values());
  return {
    element: bar,
    update({ mix, connections, frames }) {
      const shares = mix.connections ?? mix.frames;
      const counted = mix.connections ? connections.open : frames;
      for (const [way, part] of parts) {
        const share = shares?.[way] ?? 0;
        part.style.flexGrow = String(share);
        part.hidden = share === 0;
      }
      const words = WAYS.filter((way) => (counted[way] ?? 0) > 0).map((way) => `${format.t.via[way]} ${format.count(counted[way] ?? 0)}`).join(", ");
      set(bar, { "aria-label": texts.mix(words), title: texts.mix(words), "data-none": shares === null });
    },
  };
}

function trafficView(format: Format, texts: MonitorCatalogue): { element: HTMLElement; update(stats: Stats, rate: ReturnType<typeof rates>): void } {
  const head = [texts.way, texts.connections, texts.subscriptions, texts.frames, texts.bytes];
  const rows = WAYS.map((way) => {
    const cells = [0, 1, 2, 3].map(() => h("td", "sw-num"));
    const row = h("tr", "", { "data-way": way }, h("th", "", { scope: "row" }, h("i", "sw-swatch", { "data-way": way }), capital(format.t.via[way])), ...cells);
    return { way, row, cells };
  });
  const element = h("div", "sw-traffic-box", {}, h("table", "sw-traffic", {},
    h("thead", "", {}, h("tr", "", {}, ...head.map((name, i) => h("th", i === 0 ? "" : "sw-num", { scope: "col" }, name)))),
    h("tbody", "", {}, ...rows.map(({ row }) => row))));
  const cell = (element: HTMLElement | undefined, main: string, rate: string): void => {
    element?.replaceChildren(...(rate ? [h("small", "", {}, rate), " "] : []), main);
  };
  return {
    element,
    update(stats, rate) {
      for (const { way, row, cells } of rows) {
        const open = stats.connections.open[way];
        row.hidden = open === undefined;
        if (open === undefined) continue;
        const { frames = 0, bytes = 0 } = rate?.[way] ?? {};
        const [sent, size] = [stats.frames[way] ?? 0, stats.bytes[way] ?? 0];
        cell(cells[0], format.count(open), "");
        cell(cells[1], format.count(stats.subscriptions.open[way] ?? 0), "");
        cell(cells[2], format.count(sent), frames > 0 ? texts.perSecond(format.decimal(frames, frames < 10 ? 1 : 0)) : "");
        cell(cells[3], bytesText(size, format), bytes > 0 ? texts.perSecond(bytesText(bytes, format)) : "");
        set(row, { "data-quiet": open === 0 && sent === 0 });
      }
    },
  };
}

const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

interface Item {
  readonly key: string;
  readonly label: string;
  readonly hint?: string;
  readonly value: number;
  readonly text: string;
}

/** Names and numbers, each with a bar behind it in proportion to the largest; a `value` of 0 has none. */
function listView(title: string, empty: string): { element: HTMLElement; update(items: readonly Item[]): void } {
  const list = h("ul", "");
  const element = h("div", "sw-list", {}, h("h4", "sw-label", {}, title), list);
  let shown = "";
  return {
    element,
    update(items) {
      const key = JSON.stringify(items);
      if (key === shown) return;
      shown = key;
      const top = Math.max(...items.map(({ value }) => value), 1);
      const rows = items.map(({ key: name, label, hint, value, text }) => {
        const fill = h("i", "sw-list-fill", { "aria-hidden": "true" });
        fill.style.width = `${(100 * value) / top}%`;
        return h("li", "", { "data-key": name, title: hint ? `${label}: ${hint}` : null }, fill, h("span", "sw-list-label", {}, label, hint ? h("small", "", {}, ` ${hint}`) : null), h("b", "", {}, text));
      });
      list.replaceChildren(...(rows.length > 0 ? rows : [h("li", "sw-list-empty", {}, empty)]));
    },
  };
}

/** 1 kB is 1000 bytes. */
export function bytesText(bytes: number, format: Format): string {
  if (bytes < 1_000) return `${format.count(bytes)} B`;
  const [unit, size] = bytes < 1e6 ? (["kB", 1e3] as const) : bytes < 1e9 ? (["MB", 1e6] as const) : (["GB", 1e9] as const);
  const value = bytes / size;
  return `${format.decimal(value, value < 10 ? 1 : 0)} ${unit}`;
}
