/**
 * The card of one task. Four places from top to bottom, in every state: head (what, state, time, connection, actions),
 * slot (the bar; then the headline, or what went wrong), body (the result, or its room), foot (provenance and log).
 * Drawn from its model alone, so that any state can be looked at without a task.
 */

import type { Action } from "../client/actions.ts";
import type { Trouble } from "../client/client.ts";
import type { Clock } from "../client/clock.ts";
import { isTerminal, type Snapshot, type Status, type TaskFailure, type TaskState } from "../client/protocol.ts";
import type { Parts } from "../parts.ts";
import { actionsView, type Refused } from "./actions.ts";
import { bodyView } from "./body.ts";
import { choices, onChoice } from "./choices.ts";
import { habitOf, type ResultDocument } from "./documents.ts";
import { h, say, set } from "./dom.ts";
import { dotView, type Feed } from "./dot.ts";
import type { Format } from "./format.ts";
import { logView } from "./log.ts";
import { failure, type Notice, noticeFor, noticeView } from "./notice.ts";
import { progressView } from "./progress.ts";
import { partialProvenance, provenanceLine } from "./provenance.ts";
import { countHeadline, headline } from "./headline.ts";
import type { Memory } from "./result.ts";
import type { ScanActions } from "./scanactions.ts";
import { followTheme } from "./theme.ts";

export type Outcome =
  | { readonly is: "none" }
  | { readonly is: "fetching" }
  | { readonly is: "here"; readonly document: ResultDocument }
  | { readonly is: "failed"; readonly error: TaskFailure };

export interface CardModel {
  readonly snapshot: Snapshot;
  readonly feed: Feed;
  readonly trouble: Trouble | null;
  readonly outcome: Outcome;
  /** A wish that was not granted. */
  readonly refused: Refused | null;
  /** The trait: empty follows the market. */
  readonly colors: string;
}

export interface CardOptions {
  readonly format: Format;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onAction: (action: Action) => void;
  readonly onRetry: () => void;
  /** The views of results. */
  readonly parts: Parts;
  /** What the reader has done to the views of this task so far. */
  readonly memory: Memory;
  /** What the table of a scan can lead to. */
  readonly scans?: ScanActions;
}

export interface CardView {
  readonly element: HTMLElement;
  update(model: CardModel): void;
}

const TICK_MS = 1_000;
/** A lost connection is worth a sentence only once it has lasted. */
const WORTH_SAYING_MS = 3_000;

export function cardView({ format, clock, signal, onAction, onRetry, parts, memory, scans = {} }: CardOptions): CardView {
  const { t } = format;
  const symbol = h("strong", "sw-symbol");
  const name = h("span", "sw-name");
  const status = h("span", "sw-status");
  const time = h("span", "sw-time");
  const dot = dotView(format);
  const actions = actionsView(format, signal, onAction);
  const head = h("header", "sw-head", {},
    h("div", "sw-title", {}, symbol, name),
    h("div", "sw-meta", {}, status, time, dot.element, actions.main));
  const progress = progressView(format);
  const slot = h("div", "sw-slot", {}, progress.element);
  const aside = h("p", "sw-aside", { hidden: true });
  const body = bodyView({ format, signal, parts, memory, scans });
  const source = h("div", "sw-source");
  const foot = h("footer", "sw-foot", {}, source, actions.keeping);
  const log = logView(format);
  const news = h("div", "sw-hidden", { "aria-live": "polite" });
  const element = h("section", "stockwidget", {
    lang: t.lang,
    // Otherwise Lab's command mode takes Enter on our buttons and letters in our filter.
    "data-lm-suppress-shortcuts": "true",
  }, head, actions.more, slot, aside, body.element, foot, log.element, news);

  let model: CardModel | null = null;
  let inSlot: unknown = progress.element;
  let footOf: unknown = null;
  let etaAt = { eta: null as number | null, at: clock.now() };

  /** Put `view()` in the slot unless what it was made from is there already: a redraw would fold an open traceback. */
  const fill = (source: unknown, view: () => HTMLElement): void => {
    if (inSlot === source) return;
    inSlot = source;
    slot.replaceChildren(view());
  };

  const tick = (): void => {
    if (!model) return;
    const { state } = model.snapshot;
    const now = clock.now();
    dot.update(model.feed, state.status, now);
    say(time, shownStatus(model) === "unknown" ? "" : timeText(state, etaAt, now, format));
    actions.update(state, shownStatus(model), model.refused, now);
    const words = asideText(model, now, format);
    aside.hidden = words === "";
    say(aside, words);
  };

  const draw = (next: CardModel): void => {
    const { state } = next.snapshot;
    const shown = shownStatus(next);
    const document = next.outcome.is === "here" ? next.outcome.document : null;
    const notice = noticeOf(next, format);
    const title = titleOf(state, format);
    const market = document?.kind === "analysis" ? document.market : null;
    set(element, {
      "data-status": shown,
      "data-kind": state.kind,
      "data-habit": habitOf(next.colors || choices().up, market, symbolsOf(next.snapshot)),
      "aria-label": t.cardLabel(t.kind[state.kind] ?? state.kind, title),
    });
    say(symbol, document?.kind === "analysis" ? document.symbol : title);
    set(symbol, { title }); // A long rule is cut off.
    say(name, nameOf(next, document, format));
    const label = shown === "unknown" ? t.statusUnknown : t.status[shown];
    if (status.textContent !== label) {
      say(status, label);
      if (model) say(news, t.announce(title, label)); // The first paint is no change.
    }
    if (notice) fill(noticeKey(notice), () => noticeView(notice, format, signal, onRetry));
    else if (document) fill(document, () => (document.kind === "analysis" ? headline(document, format) : countHeadline(document, format)));
    else {
      fill(progress.element, () => progress.element);
      progress.update(state);
    }
    body.update(next.snapshot, document, notice !== null, element);
    const from = document?.provenance ?? partialProvenance(next.snapshot);
    const room = notice === null && state.kind === "analysis"; // Kept free, so that the line's arrival moves nothing.
    if ((from ?? room) !== footOf) {
      footOf = from ?? room;
      source.replaceChildren(...(from ? [provenanceLine(from, format)] : room ? [h("div", "sw-provenance")] : []));
    }
    log.update(next.snapshot.logs);
  };

  const again = (): void => {
    if (!model) return;
    draw(model);
    tick();
  };
  onChoice(again, signal); // The colours may be among it.
  signal.addEventListener("abort", parts.errors.watch(again));
  followTheme(element, window, signal, () => body.recolour());
  const timer = setInterval(tick, TICK_MS);
  signal.addEventListener("abort", () => clearInterval(timer));

  return {
    element,
    update(next) {
      const { eta_s } = next.snapshot.state;
      if (eta_s !== etaAt.eta) etaAt = { eta: eta_s, at: clock.now() };
      draw(next);
      model = next;
      tick();
    },
  };
}

function noticeOf({ snapshot, trouble, feed, outcome }: CardModel, format: Format): Notice | null {
  if (outcome.is === "here") return null;
  const notice = noticeFor(snapshot, trouble, feed.via === "server" ? feed.link : null, format);
  if (notice) return notice;
  return outcome.is === "failed" ? { ...failure(format.t.resultTitle, outcome.error, format), retry: true } : null;
}

/** What the server no longer tells cannot be called running. */
function shownStatus({ snapshot, trouble }: CardModel): Status | "unknown" {
  if (trouble === null || trouble.is === "foreign") return snapshot.state.status;
  return trouble.is === "expired" ? "expired" : "unknown";
}

/** A function of the reader's own is called as he called it in this language. */
function titleOf({ title, params }: TaskState, { t }: Format): string {
  const own = params.function as { title: string; title_zh: string } | undefined;
  return own && t.lang !== "en" ? title.replace(own.title, () => own.title_zh) : title;
}

const noticeKey = (notice: Notice): string => JSON.stringify(notice);

function nameOf({ snapshot: { state } }: CardModel, document: ResultDocument | null, { t }: Format): string {
  if (document?.kind !== "analysis") return state.name ?? (state.kind === "analysis" ? "" : (t.kind[state.kind] ?? ""));
  return [document.name, document.market].filter(Boolean).join(" · ");
}

function symbolsOf({ state, partial }: Snapshot): readonly string[] {
  if (state.kind === "analysis") return [state.title];
  const rows = Array.isArray(partial.rows) ? (partial.rows as unknown[]).slice(0, 20) : [];
  return rows.map((row) => (Array.isArray(row) ? String(row[0]) : ""));
}

/** Elapsed time and what is left of it; then how long it took. */
function timeText(state: TaskState, seen: { eta: number | null; at: number }, now: number, format: Format): string {
  const { t } = format;
  if (state.started_at === null) return "";
  if (state.ended_at !== null) return t.took(format.duration(state.ended_at - state.started_at));
  if (state.status !== "running") return "";
  const elapsed = format.duration(Math.floor((now - state.started_at) / 1000) * 1000, true);
  if (seen.eta === null) return elapsed;
  const left = seen.eta * 1000 - (now - seen.at);
  return `${elapsed} · ${t.left(format.duration(Math.max(1000, Math.ceil(left / 1000) * 1000), true))}`;
}

/** A line under the bar, only while something is amiss that will mend by itself, or a wish was refused. */
function asideText({ snapshot, feed, refused, outcome }: CardModel, now: number, format: Format): string {
  const { t } = format;
  if (refused) return t.refused[refused.action](format.why(refused.error));
  if (outcome.is === "fetching") return "";
  if (isTerminal(snapshot.state.status) || feed.via !== "server") return "";
  const { link } = feed;
  if (link.state === "stale") return `${t.linkStale(format.duration(now - (link.heard ?? link.since), true))}.`;
  const lost = link.state === "backoff" || (link.state === "connecting" && link.why !== null);
  return lost && now - link.since >= WORTH_SAYING_MS ? t.reconnecting(format.duration(now - link.since, true)) : "";
}
