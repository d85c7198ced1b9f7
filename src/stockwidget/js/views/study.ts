/** A study while it runs and when it is done: counters, hits a day, what followed, the same in words, and who failed. */

import { isTerminal } from "../client/protocol.ts";
import { studyTexts } from "../i18n/study.ts";
import type { ScanFailure, StudyDocument } from "./documents.ts";
import { h, say } from "./dom.ts";
import exportsCss from "./exports.css?inline";
import failuresCss from "./failures.css?inline";
import { failuresView } from "./failures.ts";
import type { LiveOptions, LiveView } from "./live.ts";
import css from "./study.css?inline";
import { daysView } from "./studydays.ts";
import { studyExportsView } from "./studyexports.ts";
import { forwardTable } from "./studytable.ts";
import { addStyle } from "./style.ts";
import table from "./table.css?inline";

export interface StudyMemory {
  /** Whether the panel of files is unfolded. */
  exporting?: boolean;
  /** Where in the days the chosen one is. */
  day?: number | null;
}

type Plain = Readonly<Record<string, unknown>>;

export function studyView({ format, signal, root, actions: { onFile }, memory: all }: LiveOptions): LiveView {
  const memory = (all.study ??= {});
  addStyle(root, "table", table);
  addStyle(root, "exports", exportsCss);
  addStyle(root, "study", css);
  addStyle(root, "failures", failuresCss);
  const t = studyTexts(format.t);
  const counters = (["processed", "found", "failed"] as const).map((key) => {
    const value = h("b", "");
    return { key, value, element: h("span", `sw-counter sw-counter-${key}`, {}, h("i", "", {}, t[key]), value) };
  });
  const days = daysView(format, t, signal, memory);
  let task = "";
  const files = studyExportsView({ format, t, signal, memory, onFile: onFile && ((type) => onFile(task, type)), name: () => root.getAttribute("aria-label") ?? "study" });
  const title = h("p", "sw-empty-title");
  const text = h("p", "sw-empty-text");
  const empty = h("div", "sw-empty", {}, title, text);
  const facts = h("div", "sw-study-facts", { hidden: true });
  const failures = failuresView(format, signal);
  const element = h("div", "sw-study", {},
    h("div", "sw-scan-top", {}, ...counters.map((each) => each.element), files.unfold), files.element, days.element, empty, facts, failures.element);
  let drawn: StudyDocument | null = null;

  return {
    element,
    update({ state, partial }, result) {
      const document = result?.kind === "study" ? result : partialStudy(partial, state.counters);
      task = state.id;
      const { counters: numbers, dates } = document;
      for (const { key, value } of counters) {
        const number = format.count(numbers[key] ?? 0);
        say(value, key === "processed" && numbers.total !== undefined ? t.of(number, format.count(numbers.total)) : number);
      }
      const hits = document.days.hits.reduce((sum, each) => sum + each, 0);
      days.element.hidden = document.days.hits.length === 0 || dates.length === 0 || (result !== null && hits === 0);
      if (!days.element.hidden) days.update(document);
      empty.hidden = hits > 0 || (!result && isTerminal(state.status));
      say(title, result ? t.none : t.searching);
      say(text, result ? t.noneText : "");
      files.update(result && hits > 0 ? document : null);
      facts.hidden = !result;
      if (result?.kind === "study" && drawn !== result) {
        drawn = result;
        const followed = hits > 0 ? [h("h4", "", {}, t.forward), forwardTable(result.forward ?? [], format, t)] : [];
        facts.replaceChildren(...followed, wordsOf(result, format.t.lang === "en" ? "en" : "zh"));
      }
      failures.update(document.failures);
    },
  };

  function wordsOf({ words, warnings = [] }: StudyDocument, lang: string): HTMLElement {
    const said = words?.[lang] ?? [];
    const caution = warnings.includes("survivors") ? said.length - 1 : -1; // The last sentence is its.
    const lines = said.map((line, i) => h("li", i === caution ? "sw-study-warn" : "", {}, line));
    return h("section", "sw-study-words", {}, h("h4", "", {}, t.words), h("ul", "", {}, ...lines));
  }
}

/** What a study has found so far: its partial result in the shape of its document. */
export function partialStudy(partial: Plain, counters: Readonly<Record<string, number>>): StudyDocument {
  const list = <T>(from: Plain, key: string): readonly T[] => (Array.isArray(from[key]) ? (from[key] as T[]) : []);
  const days = (typeof partial.days === "object" && partial.days !== null ? partial.days : {}) as Plain;
  return {
    kind: "study",
    dates: list<string>(partial, "dates"),
    days: { judged: list<number>(days, "judged"), hits: list<number>(days, "hits") },
    failures: list<ScanFailure>(partial, "failures"),
    counters,
  };
}
