/** Every state of the card on one page, from documents that documents.py wrote: `?theme=dark&lang=zh&only=finished`. */

import type { Trouble } from "../client/client.ts";
import * as analysisViews from "../analysis.ts";
import * as detailsViews from "../details.ts";
import { Bundle } from "../bundle.ts";
import { systemClock } from "../client/clock.ts";
import type { Link } from "../client/connection.ts";
import type { LogLine, Snapshot, TaskState } from "../client/protocol.ts";
import { en } from "../i18n/en.ts";
import { zh } from "../i18n/zh.ts";
import { type CardModel, cardView, type Outcome } from "../views/card.ts";
import type { ScanActions } from "../views/scanactions.ts";
import { documentOf } from "../views/documents.ts";
import type { Feed } from "../views/dot.ts";
import { Format } from "../views/format.ts";
import * as scanViews from "../scan.ts";
import * as errorViews from "../errors.ts";
import * as studyViews from "../study.ts";
import compareCss from "../views/compare.css?inline";
import { compareView } from "../views/compare.ts";
import { compareEn } from "../i18n/compare.en.ts";
import { compareZh } from "../i18n/compare.zh.ts";
import { analysisEn } from "../i18n/analysis.en.ts";
import { analysisZh } from "../i18n/analysis.zh.ts";
import { tasksView } from "../views/tasks.ts";
import { tasksEn } from "../i18n/tasks.en.ts";
import { tasksZh } from "../i18n/tasks.zh.ts";
import tableCss from "../views/table.css?inline";
import tasksCss from "../views/tasks.css?inline";
import { addStyle } from "../views/style.ts";
import css from "../views/theme.css?inline";
import { followTheme } from "../views/theme.ts";

interface Run {
  kind: string;
  title: string;
  params: Record<string, unknown>;
  stages: string[];
  steps: { stage: string; progress: number; counters: Record<string, number> }[];
  logs: LogLine[];
  result: { columns?: string[]; rows?: unknown[]; failures?: unknown[] } | null;
  error: { code: string; message: string } | null;
}

const query = new URLSearchParams(location.search);
const format = new Format(query.get("lang") === "zh" ? zh : en, { state: { module: errorViews } });
if (query.get("theme") === "dark") {
  document.body.dataset.jpThemeLight = "false";
  document.body.dataset.jpThemeName = "JupyterLab Dark";
}
if (query.get("host") === "none") {
  document.body.removeAttribute("data-jp-theme-light");
}
addStyle(document.body, "card", css);
addStyle(document.body, "table", tableCss);
addStyle(document.body, "tasks", tasksCss);
addStyle(document.body, "compare", compareCss);

const runs = new Map<string, Run>();
for (const name of ["aapl", "msft", "short", "young", "synthetic", "unknown", "scan", "big", "empty", "own", "broken", "moody", "study", "studyclear", "studynone", "company"]) {
  runs.set(name, (await (await fetch(`documents/${name}.json`)).json()) as Run);
}
const run = (name: string): Run => runs.get(name) as Run;
const now = Date.now();

function snapshot(name: string, changes: Record<string, unknown>, rows = 0): Snapshot {
  const { kind, title, params, stages, logs, result } = run(name);
  const state = {
    id: name, kind, title, params, stages, name: null, tags: [], notes: null, pinned: false, predecessor: null, status: "running", progress: 0, stage: null, counters: {}, eta_s: null,
    created_at: now - 4000, started_at: now - 3000, ended_at: null, retain_until: null, attempt: 1, reason: null, epoch: "e",
    seq: 3, q: 2, error: null, summary: null, ...changes,
  } as unknown as TaskState;
  const partial = rows > 0 ? { columns: result?.columns, rows: result?.rows?.slice(0, rows), failures: result?.failures } : {};
  return { state, partial, logs: logs.map((line) => ({ ...line, ts: now as LogLine["ts"] })) };
}

const link = (state: Link["state"], ago = 12_000): Feed => ({
  via: "server",
  link: { state, transport: state === "live" || state === "stale" ? "ws" : null, since: (now - ago) as Link["since"], heard: (now - ago) as Link["since"], why: "closed", reason: null, downgrades: 0, upgrades: 0, recoveries: 0, climbAt: null, offered: null },
});
const done = (name: string): Outcome => {
  const document = documentOf(run(name).result);
  return document ? { is: "here", document } : { is: "none" };
};
const ended = { retain_until: now + 7_200_000, ended_at: now - 2180, progress: 100, status: "completed" };

/** A study of which half the symbols are judged. */
function halfway(name: string, changes: Record<string, unknown> = {}): Snapshot {
  const { dates, days } = run(name).result as unknown as { dates: string[]; days: { judged: number[]; hits: number[] } };
  const half = (values: number[]): number[] => values.map((value) => Math.floor(value / 2));
  const state = { progress: 51, stage: "scan", eta_s: 3, counters: { total: 300, processed: 150, found: 300, failed: 2 }, ...changes };
  return { ...snapshot(name, state), partial: { dates, days: { judged: half(days.judged), hits: half(days.hits) } } };
}

interface Case extends Partial<CardModel> {
  snapshot: Snapshot;
}
const trouble = (is: "unknown" | "expired", data = {}): Trouble => ({ is, error: { code: is, message: "", ...data } });
const traceback = 'Traceback (most recent call last):\n  File "worker.py", line 41, in run\n    for item in entry(params):\nZeroDivisionError: float division by zero';
const cases: Record<string, Case> = {
  finished: { snapshot: snapshot("aapl", ended), outcome: done("aapl") },
  "few bars": { snapshot: snapshot("young", ended), outcome: done("young") },
  company: { snapshot: snapshot("company", ended), outcome: done("company") },
  synthetic: { snapshot: snapshot("synthetic", ended), outcome: done("synthetic") },
  running: { snapshot: snapshot("aapl", { progress: 52, stage: "indicators", eta_s: 2.4 }) },
  queued: { snapshot: snapshot("aapl", { status: "queued", started_at: null }) },
  "failed symbol": { snapshot: snapshot("unknown", { status: "failed", error: run("unknown").error, ended_at: now - 2900 }) },
  "own parts": { snapshot: snapshot("own", ended), outcome: done("own") },
  "own failed": { snapshot: snapshot("broken", { status: "failed", ended_at: now, error: run("broken").error }) },
  "own rule": { snapshot: snapshot("moody", ended), outcome: done("moody") },
  "failed crash": { snapshot: snapshot("aapl", { status: "failed", ended_at: now, error: { code: "job_failed", message: "The job raised ZeroDivisionError: float division by zero.", hint: "See the traceback; report it if the input was right.", traceback } }) },
  "short history": { snapshot: snapshot("short", ended), outcome: done("short") },
  "scan running": { snapshot: snapshot("big", { progress: 34, stage: "scan", eta_s: 9, counters: { total: 2000, processed: 680, found: 14, failed: 3 } }, 14) },
  "scan finished": { snapshot: snapshot("scan", ended), outcome: done("scan") },
  "scan big": { snapshot: snapshot("big", ended), outcome: done("big") },
  "scan empty": { snapshot: snapshot("empty", ended), outcome: done("empty") },
  "scan cancelled": { snapshot: snapshot("big", { status: "cancelled", ended_at: now, retain_until: now + 14_400_000, counters: { total: 2000, processed: 680, found: 5, failed: 3 } }, 5) },
  "study running": { snapshot: halfway("study") },
  "study finished": { snapshot: snapshot("study", ended), outcome: done("study") },
  "study clear": { snapshot: snapshot("studyclear", ended), outcome: done("studyclear") },
  "study none": { snapshot: snapshot("studynone", ended), outcome: done("studynone") },
  "study queued": { snapshot: snapshot("study", { status: "queued", started_at: null }) },
  "study cancelled": { snapshot: halfway("study", { status: "cancelled", ended_at: now }) },
  reconnecting: { snapshot: snapshot("aapl", { progress: 52, stage: "indicators" }), feed: link("backoff") },
  cancelling: { snapshot: snapshot("aapl", { status: "cancelling", progress: 52, stage: "indicators" }) },
  cancelled: { snapshot: snapshot("aapl", { status: "cancelled", ended_at: now }) },
  interrupted: { snapshot: snapshot("aapl", { status: "interrupted", reason: "The server was restarted." }) },
  pinned: { snapshot: snapshot("aapl", { ...ended, pinned: true, retain_until: null }), outcome: done("aapl") },
  "retry failed": { snapshot: snapshot("scan", { ...ended, counters: { total: 9, processed: 9, found: 4, failed: 3 } }), outcome: done("scan") },
  refused: { snapshot: snapshot("aapl", { status: "cancelled", ended_at: now, retain_until: now + 86_400_000 }), refused: { action: "rerun", error: { code: "queue_full", message: "1,000 tasks wait already.", hint: "Try again in 30 s.", waiting: 1000 } } },
  expired: { snapshot: snapshot("aapl", { ...ended }), trouble: trouble("expired", { expired_at: now - 3_600_000 }) },
  unknown: { snapshot: snapshot("aapl", {}), trouble: trouble("unknown") },
  "signed out": { snapshot: snapshot("aapl", { progress: 52, stage: "indicators" }), feed: link("auth") },
  "kernel run": { snapshot: snapshot("aapl", { progress: 52, stage: "indicators" }), feed: { via: "kernel", why: "kernel-run" } },
};

const spoken = ["Apple closed at 173.93, 12.1 % below its 52-week high. Its P/E of 28.7 is not cheap. ", "The score of 27 says"];
const speaking = (changes: Record<string, unknown>): Snapshot => {
  const plain = snapshot("aapl", { stage: "summary", progress: 99, ...changes });
  const { report } = run("aapl").result as unknown as { report: unknown };
  return { ...plain, state: { ...plain.state, params: { ...plain.state.params, commentary: "openai-compatible", commentary_locale: "en" } }, partial: { report, commentary_pieces: spoken, commentary_unmatched: [[spoken.join("").indexOf("28.7"), spoken.join("").indexOf("28.7") + 4]] } };
};
cases.commentary = { snapshot: speaking({}) };
cases["commentary cancelled"] = { snapshot: speaking({ status: "cancelled", ended_at: now }) };

const loaded = <T>(name: string, module: T): Bundle<T> => new Bundle({ name, digest: "harness", clock: systemClock, ways: [async () => module] });
const parts = { analysis: loaded("analysis.js", analysisViews), details: loaded("details.js", detailsViews), scan: loaded("scan.js", scanViews), study: loaded("study.js", studyViews), errors: loaded("errors.js", errorViews) };
/** `server=1`: as if a server were behind the page that writes files. */
const scans: ScanActions = query.has("server") ? { onFile: async () => ({ is: "ok", value: new Blob(["of the server"]) }) } : {};
const only = query.get("only");
for (const [title, model] of Object.entries(cases)) {
  if (only && !only.split(",").includes(title)) continue;
  const card = cardView({ format, clock: systemClock, signal: new AbortController().signal, onAction: () => undefined, onRetry: () => undefined, parts, memory: {}, scans });
  card.update({ feed: link("live"), trouble: null, outcome: { is: "none" }, refused: null, colors: query.get("colors") ?? "", ...model });
  const heading = document.createElement("h6");
  heading.textContent = title;
  document.body.append(heading, card.element);
}
const chinese = query.get("lang") === "zh";
const failed = (name: string): Case => ({ snapshot: snapshot(name, { status: "failed", error: run("unknown").error, ended_at: now - 2900 }) });
const comparisons: Record<string, Record<string, Case>> = {
  "compare finished": { AAPL: cases.finished as Case, MSFT: { snapshot: snapshot("msft", ended), outcome: done("msft") }, NVDA: cases["few bars"] as Case },
  "compare running": { AAPL: cases.finished as Case, MSFT: { snapshot: snapshot("msft", { progress: 52, stage: "indicators" }) }, NVDA: cases.queued as Case, APPL: failed("unknown") },
  "compare with failures": { AAPL: cases.finished as Case, MSFT: { snapshot: snapshot("msft", ended), outcome: done("msft") }, APPL: failed("unknown"), IBM: cases.interrupted as Case, F: cases.expired as Case },
  "compare nothing": { APPL: failed("unknown"), MSFG: failed("unknown") },
  "compare many": Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`S${i + 1}.SS`, (i % 2 ? { snapshot: snapshot("msft", ended), outcome: done("msft") } : cases.finished) as Case])),
  "compare alone": { AAPL: cases.finished as Case, APPL: failed("unknown") },
  "compare missing": { NVDA: cases["few bars"] as Case, FB: cases["short history"] as Case, SYN00007: cases.synthetic as Case },
};
for (const [title, models] of Object.entries(comparisons)) {
  if (only && !only.split(",").includes(title)) continue;
  const full = (model: Case): CardModel => ({ feed: link("live"), trouble: null, outcome: { is: "none" }, refused: null, colors: "", ...model });
  const view = compareView({
    format, texts: chinese ? compareZh : compareEn, chartTexts: chinese ? analysisZh : analysisEn, clock: systemClock, signal: new AbortController().signal,
    memory: {}, analysis: parts.analysis, colors: "", onAction: () => undefined,
    onOpen: (place, signal) => {
      const card = cardView({ format, clock: systemClock, signal, onAction: () => undefined, onRetry: () => undefined, parts, memory: {} });
      card.update(full(Object.values(models)[place] as Case));
      return card.element;
    },
  });
  const heading = document.createElement("h6");
  heading.textContent = title;
  document.body.append(heading, view.element);
  view.update(Object.entries(models).map(([symbol, model]) => ({ symbol, model: full(model) })));
}
if (!only || only.includes("tasks")) {
  const texts = query.get("lang") === "zh" ? tasksZh : tasksEn;
  const table = tasksView({ format, texts, clock: systemClock, signal: new AbortController().signal, onAction: () => undefined });
  const row = (id: string, of: string, changes: Record<string, unknown>): TaskState => ({ ...snapshot(of, changes).state, id: id.repeat(4) });
  table.update({
    failed: false,
    refused: null,
    tasks: [
      row("3fa2c1d0", "big", { name: "nightly", tags: ["momentum", "cn"], progress: 47.3, stage: "scan", notes: "after the close" }),
      row("91bc22aa", "aapl", { status: "queued", started_at: null }),
      row("0c7ee311", "scan", { ...ended, counters: { total: 9, processed: 9, found: 4, failed: 3 } }),
      row("77a01f42", "msft", { ...ended, pinned: true, retain_until: null, name: "before earnings", tags: ["watch"] }),
      row("b8d1e0c9", "unknown", { status: "failed", ended_at: now, retain_until: now + 7_000_000 }),
      row("5512fe07", "big", { status: "cancelled", ended_at: now, retain_until: now + 90_000_000, name: "a name so long that no column of a narrow notebook could ever hold all of it" }),
      row("e4e4e4e4", "aapl", { status: "interrupted", progress: 40 }),
    ],
  });
  const heading = document.createElement("h6");
  heading.textContent = "tasks";
  followTheme(table.element, window, new AbortController().signal, () => undefined);
  document.body.append(heading, table.element);
}
document.body.dataset.ready = "true";
