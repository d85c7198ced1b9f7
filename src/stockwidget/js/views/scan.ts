/** A scan while it runs and when it is done: counters, filter, the table, and what was left out and why. */

import { scanTexts } from "../i18n/scan.ts";
import type { ScanDocument, ScanFailure } from "./documents.ts";
import { h, say } from "./dom.ts";
import type { Format } from "./format.ts";
import { gridView } from "./grid.ts";
import css from "./scan.css?inline";
import { addStyle } from "./style.ts";

export interface ScanView {
  readonly element: HTMLElement;
  update(document: ScanDocument, live: boolean): void;
}

const FAILURES_SHOWN = 100;

export interface ScanViews {
  scanView(format: Format, signal: AbortSignal, root: HTMLElement): ScanView;
}

/** `root` is the card. */
export function scanView(format: Format, signal: AbortSignal, root: HTMLElement): ScanView {
  addStyle(root, "scan", css);
  const t = scanTexts(format.t);
  const grid = gridView(format, signal);
  const counters = (["processed", "found", "failed"] as const).map((key) => {
    const value = h("b", "");
    return { key, value, element: h("span", `sw-counter sw-counter-${key}`, {}, h("i", "", {}, t[key]), value) };
  });
  const count = h("span", "sw-row-count");
  const filter = h("input", "sw-filter", { type: "search", placeholder: t.filter, "aria-label": t.filterRows, spellcheck: "false" });
  filter.addEventListener("input", () => grid.filter(filter.value), { signal });
  const top = h("div", "sw-scan-top", {}, ...counters.map(({ element }) => element), h("span", "sw-space"), count, filter);
  const empty = h("div", "sw-empty", {}, h("p", "sw-empty-title"), h("p", "sw-empty-text"));
  const failures = failuresView(format);
  const element = h("div", "sw-scan", {}, top, grid.element, empty, failures.element);
  let live = true;
  let processed = 0;

  grid.onShown((shown, all) => {
    say(count, all === 0 || shown === all ? "" : t.rows(format.count(shown), format.count(all)));
    const [title, text] = empty.children;
    empty.hidden = shown > 0;
    element.classList.toggle("sw-no-rows", all === 0);
    if (title) say(title, all > 0 ? t.noFilterMatch : live ? t.searching : t.noMatch);
    if (text) say(text, all === 0 && !live ? t.noMatchText(format.count(processed)) : "");
  });

  return {
    element,
    update(document, stillLive) {
      live = stillLive;
      const { counters: numbers } = document;
      processed = numbers.processed ?? 0;
      for (const { key, value } of counters) {
        const number = format.count(numbers[key] ?? 0);
        say(value, key === "processed" && numbers.total !== undefined ? t.of(number, format.count(numbers.total)) : number);
      }
      grid.update({
        columns: document.columns,
        rows: document.rows,
        sort: document.sort,
        descending: document.descending !== false,
      });
      failures.update(document.failures);
    },
  };
}

function failuresView(format: Format): { element: HTMLElement; update(failures: readonly ScanFailure[]): void } {
  const t = scanTexts(format.t);
  const title = h("summary", "");
  const list = h("div", "sw-failure-groups");
  const element = h("details", "sw-failures", { hidden: true }, title, list);
  let shown: readonly ScanFailure[] = [];

  const draw = (): void => {
    const groups = new Map<string, ScanFailure[]>();
    for (const failure of shown) {
      const members = groups.get(failure.code);
      if (members) members.push(failure);
      else groups.set(failure.code, [failure]);
    }
    list.replaceChildren(...[...groups].map(([code, members]) => group(code, members)));
  };
  const group = (code: string, members: readonly ScanFailure[]): HTMLElement => {
    const more = members.length - FAILURES_SHOWN;
    return h("section", "", {},
      h("h4", "", {}, `${t.reason[code] ?? code} · ${format.count(members.length)}`),
      h("ul", "", {}, ...members.slice(0, FAILURES_SHOWN).map(({ symbol, message }) =>
        h("li", "", {}, h("code", "", {}, symbol), ` ${message}`))),
      more > 0 ? h("p", "", {}, t.andMore(format.count(more))) : null);
  };
  element.addEventListener("toggle", () => {
    if (element.open) draw();
  });

  return {
    element,
    update(failures) {
      if (failures === shown) return;
      shown = failures;
      element.hidden = failures.length === 0;
      say(title, t.failures(format.count(failures.length)));
      if (element.open) draw();
    },
  };
}
