/** The analyses of a comparison while they are under way, and those that came to nothing, each with the reason in words. */

import { type Action, actionsOf } from "../client/actions.ts";
import { isTerminal } from "../client/protocol.ts";
import type { CompareCatalogue } from "../i18n/compare.en.ts";
import type { CardModel } from "./card.ts";
import { button, h, say, set } from "./dom.ts";
import type { Format } from "./format.ts";
import { failure, noticeFor } from "./notice.ts";

export interface Entry {
  readonly symbol: string;
  readonly model: CardModel;
}

export interface RowsView {
  readonly element: HTMLElement;
  update(entries: readonly Entry[]): void;
}

export interface RowsOptions {
  readonly format: Format;
  readonly texts: CompareCatalogue;
  readonly signal: AbortSignal;
  readonly onAction: (place: number, action: Action) => void;
  readonly onOpen: (place: number) => void;
}

/** Whether nothing more will come of it. */
export function isOver({ model: { snapshot, outcome, trouble } }: Entry): boolean {
  if (trouble !== null && trouble.is !== "foreign") return true;
  const { status } = snapshot.state;
  return status === "completed" ? outcome.is === "here" || outcome.is === "failed" : isTerminal(status) || status === "interrupted";
}

export function rowsView({ format, texts, signal, onAction, onOpen }: RowsOptions): RowsView {
  const { t } = format;
  const list = h("ol", "sw-compare-rows", { "aria-label": texts.rows });
  const rows: ReturnType<typeof row>[] = [];

  function row(place: number) {
    const open = button("sw-compare-open", "", signal, () => onOpen(place));
    const state = h("span", "sw-compare-state");
    const fill = h("div", "sw-bar-fill");
    const bar = h("div", "sw-bar", { role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100 }, fill);
    const percent = h("span", "sw-percent");
    const why = h("p", "sw-compare-why");
    let wanted: Action | null = null;
    const act = button("sw-action", "", signal, () => wanted && onAction(place, wanted));
    const element = h("li", "sw-compare-row", { "data-place": place }, h("i", "sw-swatch"), open, state, bar, percent, why, act);
    return {
      element,
      update({ symbol, model }: Entry, all: boolean): void {
        const { snapshot: { state: task }, outcome, trouble, refused } = model;
        const entry = { symbol, model };
        const words = wordsOf(model, format);
        element.hidden = !all && outcome.is === "here";
        say(open, symbol);
        set(open, { title: texts.open(symbol) });
        const here = outcome.is === "here";
        const label = trouble?.is === "expired" ? t.status.expired : trouble && trouble.is !== "foreign" ? t.statusUnknown : t.status[task.status];
        const stage = task.status === "running" && task.stage !== null ? (t.stage[task.stage] ?? task.stage) : label;
        const waits = task.status === "completed" && !isOver(entry);
        say(state, waits ? (model.feed.via === "kernel" ? texts.fromKernel : texts.fetching) : stage);
        const said = refused ? t.refused[refused.action](format.why(refused.error)) : words;
        say(why, said);
        why.hidden = said === "";
        bar.hidden = percent.hidden = !here && isOver(entry);
        const value = Math.min(100, Math.max(0, task.progress));
        fill.style.transform = `scaleX(${(value / 100).toFixed(4)})`;
        set(bar, { "aria-valuenow": Math.floor(value), "aria-label": `${symbol} ${t.progress}`, "aria-valuetext": `${Math.floor(value)}%, ${stage}` });
        say(percent, task.status === "queued" ? (task.reason ?? "") : `${Math.floor(value)}%`);
        set(element, { "data-state": here ? "here" : isOver(entry) ? "without" : "live" });
        // A completed one whose result cannot be read is asked again by opening it.
        wanted = isOver(entry) && !here ? (actionsOf(task, trouble?.is === "expired" ? "expired" : task.status)[0] ?? null) : null;
        act.hidden = wanted === null;
        if (wanted) say(act, t.action[wanted]);
      },
    };
  }

  return {
    element: list,
    update(entries) {
      while (rows.length < entries.length) {
        const made = row(rows.length);
        rows.push(made);
        list.append(made.element);
      }
      const all = !entries.every(isOver);
      entries.forEach((entry, i) => rows[i]?.update(entry, all));
      list.hidden = !all && entries.every(({ model }) => model.outcome.is === "here");
    },
  };
}

/** Why there is no result, in words that say what to do; empty while there may be one. */
function wordsOf({ snapshot, trouble, feed, outcome }: CardModel, format: Format): string {
  const notice = noticeFor(snapshot, trouble, feed.via === "server" ? feed.link : null, format)
    ?? (outcome.is === "failed" ? failure(format.t.resultTitle, outcome.error, format) : null);
  const near = notice?.error?.nearest;
  const suggestions = Array.isArray(near) && near.length > 0 && !notice?.lines.some((line) => near.some((name) => line.includes(String(name))))
    ? [`${format.t.suggestions}${near.join(" ")}`] : [];
  return notice ? format.sentences(...notice.lines, ...suggestions) : "";
}
