/**
 * A comparison: its analyses as they arrive, their prices from 100 on one chart, tables, and below them the analysis of
 * the symbol that was pressed. Drawn from its entries alone.
 */

import type { Bundle } from "../bundle.ts";
import { type Action, actionsOf } from "../client/actions.ts";
import type { Clock } from "../client/clock.ts";
import type { CompareCatalogue } from "../i18n/compare.en.ts";
import type { AnalysisCatalogue } from "../i18n/analysis.en.ts";
import { choices, choose, onChoice } from "./choices.ts";
import { linesView, type LinesView } from "./comparelines.ts";
import { notesOf } from "./comparenotes.ts";
import { type Entry, isOver, rowsView } from "./comparerows.ts";
import { type Compared, type Sorted, Tables } from "./comparetables.ts";
import { commonDays, since } from "./comparison.ts";
import { type AnalysisDocument, habitOf } from "./documents.ts";
import { button, h, say, set } from "./dom.ts";
import { dotView } from "./dot.ts";
import type { Format } from "./format.ts";
import { noticeView } from "./notice.ts";
import { openedView } from "./opened.ts";
import { firstBar, RANGES, type Range, worthShowing } from "./ranges.ts";
import type { AnalysisViews } from "./result.ts";
import { termsOf } from "./terms.ts";
import { followTheme } from "./theme.ts";

/** What the reader did to a comparison; outlives the view. */
export interface CompareMemory {
  range?: Range;
  sorted?: Sorted;
  opened?: string | null;
}

export interface CompareOptions {
  readonly format: Format;
  readonly texts: CompareCatalogue;
  /** The words that the chart of an analysis has too. */
  readonly chartTexts: Pick<AnalysisCatalogue, "ranges" | "rangeLabel" | "log10">;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly memory: CompareMemory;
  /** Has the chart library. */
  readonly analysis: Bundle<AnalysisViews>;
  readonly colors: string;
  readonly onAction: (place: number, action: Action) => void;
  /** The card of one of the analyses, until the signal aborts. */
  readonly onOpen: (place: number, signal: AbortSignal) => HTMLElement;
}

export interface CompareView {
  readonly element: HTMLElement;
  update(entries: readonly Entry[]): void;
}

const TICK_MS = 1_000;
/** With more symbols than this a matrix wants a line of its own. */
const MANY = 5;

export function compareView(options: CompareOptions): CompareView {
  const { format, texts, chartTexts, clock, signal, memory, analysis, onAction } = options;
  const { t } = format;
  const status = h("span", "sw-status");
  const dot = dotView(format);
  const cancel = button("sw-action sw-cancel", texts.cancelAll, signal, () => eachLive((place) => onAction(place, "cancel")));
  const names = h("span", "sw-name");
  const head = h("header", "sw-head", {}, h("div", "sw-title", {}, h("strong", "sw-symbol", {}, texts.title), names), h("div", "sw-meta", {}, status, dot.element, cancel));
  const opened = openedView(format, texts, signal, memory, {
    open: async (symbol, ending) => ({ is: "card", card: options.onOpen(placeOf(symbol), ending) }),
    code: (symbol) => `sw.analyze(${JSON.stringify(symbol)})`,
  }, () => element.querySelector<HTMLElement>(`.sw-compare-body .sw-compare-open[data-place="${last}"]`)?.focus());
  let last = -1;
  const open = (place: number): void => {
    last = place;
    void opened.show(entries[place]?.symbol ?? "");
  };
  const rows = rowsView({ format, texts, signal, onAction, onOpen: open });
  const notes = h("ul", "sw-compare-notes", { hidden: true });
  const buttons = RANGES.map((range) => ({ range, element: button("sw-range-button", chartTexts.ranges[range], signal, () => show(range)) }));
  const log = button("sw-log-button", chartTexts.log10, signal, () => choose({ log: !choices().log }));
  set(log, { title: texts.logTip });
  const about = h("p", "sw-compare-about");
  const toolbar = h("div", "sw-toolbar", {},
    h("div", "sw-ranges", { role: "group", "aria-label": chartTexts.rangeLabel }, ...buttons.map((each) => each.element)), h("div", "sw-tools", {}, log));
  const place = h("div", "sw-compare-place");
  const tables = h("div", "sw-compare-tables");
  const empty = h("div", "sw-empty", { hidden: true }, h("p", "sw-empty-title", {}, texts.nothing), h("p", "sw-empty-text", {}, texts.nothingText));
  const body = h("div", "sw-compare-body", {}, notes, h("div", "sw-compare-drawn", {}, toolbar, place, about), tables);
  const news = h("div", "sw-hidden", { "aria-live": "polite" });
  const element = h("section", "stockwidget sw-compare", { lang: t.lang, "data-lm-suppress-shortcuts": "true" }, head, rows.element, empty, body, opened.element, news);

  let entries: readonly Entry[] = [];
  let drawn: readonly AnalysisDocument[] | null = null;
  let lines: LinesView | null = null;
  const table = new Tables({ format, texts, signal, onOpen: open, onPoint: (which) => lines?.point(which) });
  const sorted = (memory.sorted ??= { by: null, descending: true });
  const placeOf = (symbol: string): number => entries.findIndex((each) => each.symbol === symbol);

  function eachLive(then: (place: number) => void): void {
    entries.forEach(({ model: { snapshot: { state } } }, i) => actionsOf(state)[0] === "cancel" && state.status !== "cancelling" && then(i));
  }

  function compared(): Compared[] {
    return entries.flatMap(({ symbol, model: { outcome } }, i) =>
      outcome.is === "here" && outcome.document.kind === "analysis" ? [{ symbol, place: i, document: outcome.document, terms: termsOf(outcome.document, t.lang) }] : []);
  }

  function show(range: Range): void {
    memory.range = range;
    drawBody(true);
  }

  /** The chart once its library is here: until then, and where it cannot be had, its room. */
  function chart(): LinesView | null {
    if (lines) return lines;
    const { module, failed } = analysis.state;
    if (module) {
      lines = linesView({
        charting: module.charting, root: element, format, texts, signal,
        onRange: (index) => {
          const button = buttons.filter((each) => !each.element.hidden)[index];
          if (button) show(button.range);
        },
        onLog: () => choose({ log: !choices().log }),
      });
      place.replaceChildren(lines.element);
    } else if (failed) place.replaceChildren(noticeView({ tone: "quiet", title: t.viewTitle, lines: [t.viewText], retry: true }, format, signal, () => analysis.retry()));
    else analysis.load();
    return lines;
  }

  function drawBody(again = false): void {
    const all = compared();
    const documents = all.map(({ document }) => document);
    const same = drawn?.length === documents.length && documents.every((each, i) => each === drawn?.[i]);
    if (same && !again) return;
    drawn = documents;
    body.hidden = all.length === 0 && entries.every(isOver);
    tables.replaceChildren();
    if (all.length === 0) return;
    const whole = commonDays(documents.map(({ bars }) => bars));
    const said = entries.every(isOver) || all.length > 1 ? notesOf(documents, whole, format, texts) : [];
    notes.replaceChildren(...said.map((note) => h("li", "", {}, note)));
    notes.hidden = said.length === 0;
    const fits = RANGES.filter((range) => worthShowing(range, whole.dates));
    const range = memory.range && fits.includes(memory.range) ? memory.range : "MAX";
    for (const each of buttons) {
      each.element.hidden = !fits.includes(each.range);
      set(each.element, { "aria-pressed": String(each.range === range) });
    }
    const days = since(whole, firstBar(range, whole.dates));
    const some = days.dates.length > 1;
    set(log, { "aria-pressed": String(choices().log) });
    say(about, some ? texts.range(format.count(days.dates.length), days.dates[0] ?? "", days.dates.at(-1) ?? "") : "");
    set(body, { "data-days": some ? "some" : "none" });
    if (some) chart()?.update(days, all.map(({ symbol }) => symbol), all.map((each) => each.place), choices().log);
    drawTables(all, days, some);
  }

  function drawTables(all: readonly Compared[], days: ReturnType<typeof since>, some: boolean): void {
    const kept = (globalThis.document?.activeElement as HTMLElement | null)?.dataset.head;
    const again = (): void => drawTables(all, days, some);
    set(tables, { "data-many": all.length > MANY });
    const parts = some && all.length > 1 ? [table.common(all, days), table.correlation(all, days)] : [];
    tables.replaceChildren(table.own(all, sorted, again), ...parts, ...[table.families(all)].filter((each) => each !== null), h("p", "sw-compare-hint", {}, texts.hint));
    // A press on a head made the table anew: the reader stays where they were.
    if (kept) tables.querySelector<HTMLElement>(`[data-head="${kept}"]`)?.focus();
  }

  const tick = (): void => {
    const live = entries.find((entry) => !isOver(entry)) ?? entries[0];
    if (live) dot.update(live.model.feed, live.model.snapshot.state.status, clock.now());
  };

  followTheme(element, window, signal, () => lines?.recolour());
  onChoice(() => entries.length > 0 && drawBody(true), signal);
  signal.addEventListener("abort", analysis.watch(() => drawBody(true)));
  const timer = setInterval(tick, TICK_MS);
  signal.addEventListener("abort", () => clearInterval(timer));
  analysis.load(); // Here before the first result.

  return {
    element,
    update(next) {
      const first = entries.length === 0;
      entries = next;
      const symbols = entries.map(({ symbol }) => symbol);
      const over = entries.filter(isOver).length;
      const here = entries.filter(({ model }) => model.outcome.is === "here").length;
      const all = over === entries.length;
      const words = !all ? texts.ended(format.count(over), format.count(entries.length))
        : [here > 0 && texts.allEnded(format.count(here)), here < entries.length && texts.without(format.count(entries.length - here))].filter(Boolean).join(" · ");
      set(element, {
        "aria-label": texts.label(symbols.join(texts.comma)),
        "data-state": !all ? "running" : here === 0 ? "failed" : "completed",
        "data-habit": habitOf(options.colors || choices().up, null, symbols),
      });
      say(names, symbols.join(" · "));
      set(names, { title: symbols.join(" · ") });
      if (status.textContent !== words) {
        say(status, words);
        if (!first) say(news, `${texts.title}: ${words}`); // The first paint is no change.
      }
      let cancellable = false;
      eachLive(() => (cancellable = true));
      cancel.hidden = !cancellable;
      rows.update(entries);
      empty.hidden = !all || here > 0;
      drawBody();
      body.hidden = all && here === 0;
      tick();
      const before = first && memory.opened ? placeOf(memory.opened) : -1;
      if (before >= 0) open(before);
    },
  };
}
