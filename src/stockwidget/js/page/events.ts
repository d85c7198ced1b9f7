/** The event log as a view: newest first, filtered, paused, copied. */

import { copyText } from "../views/clipboard.ts";
import { button, h, say, set } from "../views/dom.ts";
import type { Format } from "../views/format.ts";
import type { PageCatalogue } from "../i18n/page.en.ts";
import { type Entry, type EventLog, textOf } from "./eventlog.ts";

/** More rows than anybody reads would only cost frames; the filter searches all that is kept. */
const DRAWN = 120;
/** Faster than anybody reads; each drawing takes time from the cards. */
const DRAW_EVERY_MS = 200;

export interface EventsView {
  readonly element: HTMLElement;
  /** Draw soon, however many entries came. */
  changed(): void;
}

export function eventsView(log: EventLog, format: Format, texts: PageCatalogue, signal: AbortSignal): EventsView {
  const filter = h("input", "dp-input dp-filter", { type: "search", placeholder: texts.filter, "aria-label": texts.filterLabel });
  const count = h("span", "dp-quiet dp-event-count");
  const list = h("ol", "dp-events", { tabindex: 0, "aria-label": texts.eventsLabel });
  const empty = h("p", "dp-empty-line");
  const pause = button("dp-button dp-small", texts.pause, signal, () => {
    log.pause(!log.paused);
    say(pause, log.paused ? texts.resume : texts.pause);
    set(pause, { "aria-pressed": String(log.paused) });
    view.changed();
  });
  const copy = button("dp-button dp-small", texts.copy, signal, () => {
    void copyText(textOf(log.matching(filter.value))).then((done) => flash(copy, done ? texts.copied : texts.copy, texts.copy));
  });
  const clear = button("dp-button dp-small", texts.clear, signal, () => {
    log.clear();
    view.changed();
  });
  filter.addEventListener("input", () => view.changed(), { signal });
  const element = h("section", "dp-panel dp-log", { "aria-labelledby": "dp-events" },
    h("header", "dp-panel-head", {}, h("h2", "", { id: "dp-events" }, texts.events), count),
    h("div", "dp-log-tools", {}, filter, pause, copy, clear),
    list, empty);

  let timer: ReturnType<typeof setTimeout> | undefined;
  const rows = new Map<Entry, HTMLElement>();
  const draw = (): void => {
    timer = undefined;
    if (signal.aborted) return;
    const found = log.matching(filter.value);
    const shown = new Set(found.slice(0, DRAWN));
    for (const [entry, row] of rows) {
      if (shown.has(entry)) continue;
      row.remove();
      rows.delete(entry);
    }
    let place: ChildNode | null = list.firstChild;
    for (const entry of shown) {
      const known = rows.get(entry);
      if (known) {
        place = known.nextSibling;
        continue;
      }
      const row = rowOf(entry, format);
      rows.set(entry, row);
      list.insertBefore(row, place);
    }
    list.hidden = shown.size === 0;
    empty.hidden = shown.size > 0;
    say(empty, log.size === 0 ? texts.eventsEmpty : texts.noEvents);
    const held = log.held > 0 ? ` · ${texts.held(format.count(log.held))}` : "";
    say(count, log.size === 0 && held === "" ? "" : texts.shown(format.count(found.length), format.count(log.size)) + held);
  };
  const view: EventsView = {
    element,
    changed() {
      timer ??= setTimeout(draw, DRAW_EVERY_MS);
    },
  };
  draw();
  return view;
}

function rowOf({ at, kind, task, s, q, transport, text, late }: Entry, format: Format): HTMLElement {
  const milliseconds = String(at % 1000).padStart(3, "0");
  return h("li", "dp-event", { "data-kind": kind },
    h("time", "", {}, format.clock(at), h("small", "", {}, `.${milliseconds}`)),
    h("span", "dp-kind", {}, kind),
    h("span", "dp-event-text", { title: [text, task].filter(Boolean).join(" · ") || null }, text, text && task ? " " : null, task ? h("i", "", {}, task) : null),
    h("span", "dp-event-place", { title: s === null ? null : `s ${s}, q ${q}` }, s === null ? "" : `${s}/${q}`),
    h("span", "dp-event-via", { title: late === null ? null : format.duration(late) }, transport));
}

export function flash(element: HTMLElement, words: string, after: string): void {
  say(element, words);
  setTimeout(() => say(element, after), 1_200);
}
