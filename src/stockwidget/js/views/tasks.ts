/** The table of tasks: a row each with its state, how far it is, until when it is kept, and what may be asked of it. */

import { type Action, actionsOf } from "../client/actions.ts";
import type { Clock } from "../client/clock.ts";
import type { TaskState } from "../client/protocol.ts";
import type { TasksCatalogue } from "../i18n/tasks.en.ts";
import type { TasksModel } from "../tasksfeed.ts";
import { button, h, say, set } from "./dom.ts";
import type { Format } from "./format.ts";

export interface TasksViewOptions {
  readonly format: Format;
  readonly texts: TasksCatalogue;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onAction: (action: Action, task: TaskState) => void;
}

export interface TasksView {
  readonly element: HTMLElement;
  readonly update: (model: TasksModel) => void;
}

interface RowView {
  readonly element: HTMLTableRowElement;
  update(task: TaskState): void;
}

/** In a row there is room for these; the card has the others. */
const IN_A_ROW: readonly Action[] = ["cancel", "resume", "retry_failed", "rerun", "pin", "unpin"];

export function tasksView({ format, texts, clock, signal, onAction }: TasksViewOptions): TasksView {
  const { t } = format;
  const count = h("span", "sw-time");
  const filter = h("input", "sw-filter", { type: "search", placeholder: texts.filter, "aria-label": texts.filterTip, title: texts.filterTip });
  const body = h("tbody", "");
  const heads: readonly (readonly [name: string, label: string])[] =
    [["task", texts.task], ["kind", texts.kind], ["state", texts.state], ["begun", texts.begun], ["kept", texts.kept], ["do", texts.actions]];
  const table = h("table", "sw-table sw-tasks-table", { "aria-label": texts.tableLabel },
    h("thead", "", {}, h("tr", "", {}, ...heads.map(([name, label]) => h("th", `sw-col-${name}`, { scope: "col" }, label)))), body);
  const scroller = h("div", "sw-grid", {}, table);
  const empty = h("div", "sw-empty", { hidden: true }, h("strong", ""), h("p", ""));
  const aside = h("p", "sw-aside", { hidden: true, role: "status" });
  const element = h("section", "stockwidget sw-tasks", { lang: t.lang, "data-kind": "tasks", "aria-label": texts.title, "data-lm-suppress-shortcuts": "true" },
    h("header", "sw-head", {}, h("div", "sw-title", {}, h("strong", "sw-symbol", {}, texts.title), count), filter), aside, scroller, empty);

  const rows = new Map<string, RowView>();
  let model: TasksModel = { tasks: [], failed: false, refused: null };
  let active = "";

  const draw = (): void => {
    const words = filter.value.trim().toLowerCase();
    const shown = model.tasks.filter((task) => words === "" || searchable(task, format).includes(words));
    const known = new Set(model.tasks.map(({ id }) => id));
    for (const id of [...rows.keys()]) if (!known.has(id)) rows.delete(id);
    const wanted = shown.map((task) => {
      const row = rows.get(task.id) ?? rowView(task.id, { format, texts, clock, signal, onAction });
      rows.set(task.id, row);
      row.update(task);
      return row.element;
    });
    // Untouched rows stay where they are: a moved element loses the focus.
    if (wanted.length !== body.children.length || wanted.some((row, i) => row !== body.children[i])) body.replaceChildren(...wanted);
    if (!shown.some(({ id }) => id === active)) active = shown[0]?.id ?? "";
    for (const row of wanted) set(row, { tabindex: row.dataset.task === active ? 0 : -1 });
    say(count, texts.count(format.count(shown.length), format.count(model.tasks.length)));
    scroller.hidden = shown.length === 0;
    empty.hidden = shown.length > 0;
    const [head, more] = model.tasks.length > 0 ? [texts.noMatch, ""] : [texts.none, texts.noneText];
    say(empty.children[0] as Element, head);
    say(empty.children[1] as Element, more);
    const { refused } = model;
    const why = refused ? format.why(refused.error) || t.noAnswer : "";
    const amiss = refused ? t.refused[refused.action](why) : model.failed ? texts.failed : "";
    aside.hidden = amiss === "";
    say(aside, amiss);
  };

  filter.addEventListener("input", draw, { signal });
  body.addEventListener("focusin", (event) => {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>("tr[data-task]") : null;
    if (row) active = row.dataset.task ?? "";
    for (const each of body.children) set(each, { tabindex: each === row ? 0 : -1 });
  }, { signal });
  body.addEventListener("keydown", (event) => {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>("tr[data-task]") : null;
    const list = [...body.children] as HTMLElement[];
    const at = row ? list.indexOf(row) : -1;
    const moves: Readonly<Record<string, number>> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: list.length - 1 };
    const to = moves[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    list[Math.min(list.length - 1, Math.max(0, to))]?.focus();
  }, { signal });
  // "Kept until" and the like are told by the clock.
  const timer = setInterval(() => element.isConnected && draw(), 30_000);
  signal.addEventListener("abort", () => clearInterval(timer));

  return {
    element,
    update(next) {
      model = next;
      draw();
    },
  };
}

function rowView(id: string, { format, texts, clock, signal, onAction }: TasksViewOptions): RowView {
  const { t } = format;
  let task: TaskState | null = null;
  let busy = "";
  const what = h("strong", "");
  const about = h("span", "sw-about");
  const line = h("div", "sw-task-line", {}, what, about);
  const short = h("code", "sw-id", { title: texts.attach(id.slice(0, 8)) }, id.slice(0, 8));
  const kind = h("td", "sw-col-kind");
  const status = h("span", "sw-status");
  const fill = h("div", "sw-bar-fill");
  const bar = h("div", "sw-bar", { role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100, "aria-label": t.progress }, fill);
  const begun = h("td", "sw-col-begun");
  const kept = h("td", "sw-col-kept");
  const ask = (action: Action, element: HTMLButtonElement): void => {
    if (!task) return;
    element.disabled = true;
    busy = keyOf(task);
    onAction(action, task);
  };
  const buttons = IN_A_ROW.map((action) => {
    const element: HTMLButtonElement = button(`sw-action sw-${action.replace("_", "-")}`, t.action[action], signal, () => ask(action, element));
    return { action, element };
  });
  const element = h("tr", "", { "data-task": id },
    h("th", "sw-col-task", { scope: "row" }, line, short),
    kind,
    h("td", "sw-col-state", {}, status, bar), begun, kept,
    h("td", "sw-col-do", {}, h("div", "sw-row-actions", {}, ...buttons.map(({ element }) => element))));

  return {
    element,
    update(next) {
      task = next;
      const { name, title, tags, progress } = next;
      const live = next.status === "running" || next.status === "cancelling";
      const more = [name ? title : "", ...(tags ?? []).map((tag) => `#${tag}`)].filter(Boolean).join(" · ");
      say(what, name ?? title);
      say(about, more);
      set(line, { title: [name ?? title, more].filter(Boolean).join("\n") }); // Narrow columns cut it off.
      set(element, { "data-status": next.status, title: next.notes });
      say(kind, t.kind[next.kind] ?? next.kind);
      say(status, live ? `${t.status[next.status]} · ${Math.floor(progress)}%` : t.status[next.status]);
      bar.hidden = !live;
      fill.style.transform = `scaleX(${(progress / 100).toFixed(4)})`;
      set(bar, { "aria-valuenow": Number(progress.toFixed(1)) });
      const now = clock.now();
      say(begun, format.until(next.created_at, now));
      say(kept, next.pinned ? t.pinned : next.retain_until === null ? "" : format.until(next.retain_until, now));
      const possible = actionsOf(next);
      const main = possible.find((action) => action !== "pin" && action !== "unpin" && action !== "keep");
      for (const each of buttons) {
        const isPin = each.action === "pin" || each.action === "unpin";
        each.element.hidden = isPin ? !possible.includes(each.action) : each.action !== main;
        if (keyOf(next) !== busy) each.element.disabled = next.status === "cancelling" && each.action === "cancel";
      }
    },
  };
}

const keyOf = ({ status, pinned, retain_until }: TaskState): string => JSON.stringify([status, pinned, retain_until]);

function searchable(task: TaskState, { t }: Format): string {
  return [task.id, task.name, task.title, task.status, t.status[task.status], task.kind, t.kind[task.kind], ...(task.tags ?? []).map((tag) => `#${tag}`)]
    .join(" ").toLowerCase();
}
