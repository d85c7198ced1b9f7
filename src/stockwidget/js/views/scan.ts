/** A scan while it runs and when it is done: counters, filter, the table, and what was left out and why. */

import { scanTexts } from "../i18n/scan.ts";
import { isTerminal, type TaskState } from "../client/protocol.ts";
import { onChoice } from "./choices.ts";
import { columnPicker } from "./columnpicker.ts";
import type { ScanDocument } from "./documents.ts";
import { button, h, say, set } from "./dom.ts";
import exportsCss from "./exports.css?inline";
import { exportsView } from "./exports.ts";
import failuresCss from "./failures.css?inline";
import { failuresView } from "./failures.ts";
import { type GridMemory, gridView } from "./grid.ts";
import type { LiveOptions } from "./live.ts";
import { openedView } from "./opened.ts";
import { paced } from "./pace.ts";
import css from "./scan.css?inline";
import { addStyle } from "./style.ts";
import table from "./table.css?inline";

export interface ScanView {
  readonly element: HTMLElement;
  /** `whole`: the document is the result, not what there is of it so far. */
  update(document: ScanDocument, state: TaskState, whole: boolean): void;
}

export interface ScanMemory extends GridMemory {
  /** The name of the panel that is unfolded. */
  panel?: string | null;
  /** The symbol whose analysis stands below the table. */
  opened?: string | null;
}

/** New rows are shown at most so often, however fast they come. */
const SHOW_MS = 100;

export function scanView({ format, signal, root, actions: { onOpen, onFile }, memory: all }: LiveOptions): ScanView {
  const memory = (all.scan ??= {});
  addStyle(root, "table", table);
  addStyle(root, "exports", exportsCss);
  addStyle(root, "scan", css);
  addStyle(root, "failures", failuresCss);
  const t = scanTexts(format.t);
  let task: TaskState | null = null;
  let source = "sample";
  const opened = onOpen && openedView(format, t, signal, memory, {
    open: (symbol, ending) => onOpen(symbol, task as TaskState, source, ending),
    code: (symbol) => `sw.analyze(${JSON.stringify(symbol)}, source=${JSON.stringify(source)})`,
  }, () => grid.focus());
  const grid = gridView({ format, signal, memory, onOpen: opened && ((symbol) => void opened.show(symbol)) });
  const counters = (["processed", "found", "failed"] as const).map((key) => {
    const value = h("b", "");
    return { key, value, element: h("span", `sw-counter sw-counter-${key}`, {}, h("i", "", {}, t[key]), value) };
  });
  const why = h("span", "sw-why");
  counters.at(-1)?.element.append(why);
  const count = h("span", "sw-row-count", { role: "status" });
  const filter = h("input", "sw-filter", { type: "search", placeholder: t.filter, "aria-label": t.filterRows, title: t.filterTip, spellcheck: "false" });
  filter.value = memory.words ?? "";
  filter.addEventListener("input", () => grid.filter(filter.value), { signal });
  const picker = columnPicker(t, signal);
  const files = exportsView({ format, signal, onFile: onFile && ((type) => onFile(task?.id ?? "", type)), sheet: () => grid.sheet(), name: () => root.getAttribute("aria-label") ?? "scan" });
  const folds = [{ label: t.columns, element: picker.element }, { label: t.export, element: files.element }].map(({ label, element: panel }) => {
    const unfold = button("sw-unfold-panel", label, signal, () => {
      memory.panel = panel.hidden ? label : null;
      fold();
    });
    return { label, unfold, panel };
  });
  const fold = (): void => {
    for (const { label, unfold, panel } of folds) {
      panel.hidden = label !== memory.panel;
      set(unfold, { "aria-expanded": String(!panel.hidden) });
    }
  };
  fold();
  const top = h("div", "sw-scan-top", {}, ...counters.map(({ element }) => element), h("span", "sw-space"), count, filter, h("span", "sw-tools", {}, ...folds.map(({ unfold }) => unfold)));
  const empty = h("div", "sw-empty", {}, h("p", "sw-empty-title"), h("p", "sw-empty-text"));
  const failures = failuresView(format, signal);
  const element = h("div", "sw-scan", {}, top, picker.element, files.element, grid.element, empty, opened?.element ?? "", failures.element);
  let live = true;
  let processed = 0;
  let drawn: ScanDocument | null = null;

  grid.onShown(({ shown, all, unknown }) => {
    say(count, all === 0 || shown === all ? "" : t.rows(format.count(shown), format.count(all)));
    const [title, text] = empty.children;
    empty.hidden = shown > 0;
    element.classList.toggle("sw-no-rows", all === 0);
    if (title) say(title, all > 0 ? (unknown === null ? t.noFilterMatch : t.unknownColumn(unknown)) : live ? t.searching : t.noMatch);
    if (text) say(text, all > 0 ? t.filterTip : live ? "" : t.noMatchText(format.count(processed)));
  });
  const show = paced<ScanDocument>(SHOW_MS, signal, ({ columns, rows, sparks = [], sort, descending }) => {
    grid.update({ columns, rows, sparks, sort, descending: descending !== false });
    picker.update(grid.columns());
  });
  onChoice(() => {
    grid.layOut();
    picker.update(grid.columns());
  }, signal);

  return {
    element,
    update(document, state, whole) {
      const first = task === null;
      task = state;
      source = document.provenance?.source ?? sourceOf(state.params);
      live = !isTerminal(state.status);
      const { counters: numbers } = document;
      processed = numbers.processed ?? 0;
      for (const { key, value } of counters) {
        const number = format.count(numbers[key] ?? 0);
        say(value, key === "processed" && numbers.total !== undefined ? t.of(number, format.count(numbers.total)) : number);
      }
      const parts = [["timed_out", t.timedOut], ["abstained", t.abstained]] as const;
      say(why, parts.filter(([key]) => (numbers[key] ?? 0) > 0).map(([key, words]) => words(format.count(numbers[key] ?? 0))).join(t.comma));
      // News of counters alone must not make the rows wait that come with them; the first rows wait for nothing.
      const firstRows = document.rows.length > 0 && !drawn?.rows.length;
      if (whole || !live || drawn?.rows.length !== document.rows.length || drawn.columns.length !== document.columns.length) show(document, whole || !live || firstRows);
      drawn = document;
      files.update(whole);
      failures.update(document.failures);
      if (first && memory.opened) void opened?.show(memory.opened);
    },
  };
}

/** Where the bars of a scan come from, as source_name in scan/universe.py has it. */
function sourceOf({ universe, source }: Readonly<Record<string, unknown>>): string {
  if (typeof source === "string") return source;
  if (Array.isArray(universe)) return /^SYN\d+$/.test(String(universe[0])) ? "synthetic" : "sample";
  const name = String(universe ?? "sample");
  return name.startsWith("market:") ? "sample" : name.startsWith("synthetic:") ? "synthetic" : name;
}
