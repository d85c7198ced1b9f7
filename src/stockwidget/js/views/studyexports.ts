/** A study as files: the hits one by one and what followed them from here, its days from the server. */

import type { Answer } from "../client/http.ts";
import { scanTexts } from "../i18n/scan.ts";
import type { StudyCatalogue } from "../i18n/study.en.ts";
import type { Cell, StudyDocument } from "./documents.ts";
import { button, h, set } from "./dom.ts";
import { exportTools } from "./exports.ts";
import type { Format } from "./format.ts";
import type { Sheet } from "./sheet.ts";

export interface StudyExportsOptions {
  readonly format: Format;
  readonly t: StudyCatalogue;
  readonly signal: AbortSignal;
  readonly memory: { exporting?: boolean };
  readonly onFile: ((type: string) => Promise<Answer<Blob>>) | undefined;
  /** What the files are called. */
  name(): string;
}

export interface StudyExportsView {
  /** Unfolds the panel. */
  readonly unfold: HTMLElement;
  readonly element: HTMLElement;
  /** `null`: there is nothing to save. */
  update(document: StudyDocument | null): void;
}

export function studyExportsView({ format, t, signal, memory, onFile, name }: StudyExportsOptions): StudyExportsView {
  const { export: label } = scanTexts(format.t);
  const tools = exportTools(format, signal, name);
  let shown: StudyDocument | null = null;
  const of = (sheet: (document: StudyDocument) => Sheet) => (): Sheet => (shown ? sheet(shown) : sheetOf([], []));
  const group = (title: string, ...what: HTMLElement[]): HTMLElement => h("span", "sw-export", { role: "group", "aria-label": title }, h("i", "", {}, title), ...what);
  const hits = tools.sheet(of(hitsSheet), "hits");
  const many = h("span", "sw-hint", {}, t.noEvents);
  const days = onFile ? tools.files(onFile) : [h("span", "sw-hint", {}, t.filesFromPython)];
  const element = h("div", "sw-picker", { role: "group", "aria-label": label, hidden: true },
    group(t.eachHit, ...hits, many), group(t.forward, ...tools.sheet(of(forwardSheet), "forward")), group(t.eachDay, ...days), tools.said);
  const unfold = button("sw-unfold-panel", label, signal, () => {
    memory.exporting = Boolean(element.hidden);
    fold();
  });
  const fold = (): void => {
    element.hidden = shown === null || !memory.exporting;
    set(unfold, { "aria-expanded": String(!element.hidden) });
  };
  fold();
  return {
    unfold, element,
    update(document) {
      shown = document;
      unfold.hidden = document === null;
      fold();
      if (document === null) return;
      for (const each of hits) each.hidden = !document.events;
      many.hidden = Boolean(document.events);
    },
  };
}

/** As `result.events` of Python. */
export function hitsSheet({ dates, events, horizons = [] }: StudyDocument): Sheet {
  const rows = (events?.day ?? []).map((day, i) => [dates[day] ?? null, events?.symbol[i] ?? null, ...horizons.map((n) => events?.after[String(n)]?.[i] ?? null)]);
  return sheetOf(["date", "symbol", ...horizons.map((n) => `after_${n}`)], rows);
}

/** As `result.forward` of Python. */
export function forwardSheet({ forward = [] }: StudyDocument): Sheet {
  const keys = Object.keys(forward[0] ?? {});
  const cell = (value: unknown): Cell => (Array.isArray(value) ? value.join(", ") : ((value ?? null) as Cell));
  return sheetOf(keys, forward.map((row) => keys.map((key) => cell((row as unknown as Record<string, unknown>)[key]))));
}

const sheetOf = (keys: readonly string[], rows: readonly (readonly Cell[])[]): Sheet => ({ keys, places: keys.map((_, at) => at), rows });
