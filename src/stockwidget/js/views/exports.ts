/** A table as a file. CSV is written here, of the rows on show; Excel and Parquet by the server, of the whole result. */

import type { Answer } from "../client/http.ts";
import { scanTexts } from "../i18n/scan.ts";
import { copyText } from "./clipboard.ts";
import { button, h, say } from "./dom.ts";
import type { Format } from "./format.ts";
import { wordsOf } from "./scanactions.ts";
import { csv, download, type Sheet, tsv } from "./sheet.ts";

export interface ExportsOptions {
  readonly format: Format;
  readonly signal: AbortSignal;
  readonly onFile: ((type: string) => Promise<Answer<Blob>>) | undefined;
  sheet(): Sheet;
  /** What the files are called. */
  name(): string;
}

export interface ExportsView {
  readonly element: HTMLElement;
  /** `whole`: the result is there, so that the server can write it. */
  update(whole: boolean): void;
}

export interface ExportTools {
  /** Where they say how it went. */
  readonly said: HTMLElement;
  /** To copy what `sheet` gives, and to save it as CSV; `part` ends the file's name. */
  sheet(sheet: () => Sheet, part?: string): HTMLElement[];
  /** To have the server write the result. */
  files(onFile: (type: string) => Promise<Answer<Blob>>): HTMLElement[];
}

/** Name of a kind, ending of its files, media type. */
const KINDS = [
  ["Excel", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"],
  ["Parquet", "parquet", "application/vnd.apache.parquet"],
] as const;

export function exportTools(format: Format, signal: AbortSignal, name: () => string): ExportTools {
  const t = scanTexts(format.t);
  const said = h("span", "sw-hint", { role: "status" });
  const file = (ending: string): string => `${name().replace(/[^\p{L}\p{N}._-]+/gu, "-").replace(/^-+|-+$/g, "")}${ending}`;
  return {
    said,
    sheet: (sheet, part = "") => [
      button("sw-action", t.copyRows, signal, () => {
        const rows = sheet();
        void copyText(tsv(rows)).then((done) => say(said, done ? t.copied(String(rows.rows.length)) : t.noClipboard));
      }),
      button("sw-action", "CSV", signal, () => download(file(`${part && `-${part}`}.csv`), new Blob([csv(sheet())], { type: "text/csv;charset=utf-8" }))),
    ],
    files: (onFile) => KINDS.map(([label, ending, type]) => {
      const element = button("sw-action", label, signal, () => void ask());
      const ask = async (): Promise<void> => {
        element.disabled = true;
        say(said, t.writing);
        const answer = await onFile(type);
        element.disabled = false;
        say(said, answer.is === "ok" ? "" : wordsOf(answer, format));
        if (answer.is === "ok") download(file(`.${ending}`), answer.value);
      };
      return element;
    }),
  };
}

export function exportsView({ format, signal, onFile, sheet, name }: ExportsOptions): ExportsView {
  const t = scanTexts(format.t);
  const tools = exportTools(format, signal, name);
  const made = onFile ? tools.files(onFile) : [];
  const without = h("span", "sw-hint", {}, onFile ? t.filesAtEnd : t.filesFromPython);
  const element = h("div", "sw-picker", { role: "group", "aria-label": t.export, hidden: true }, ...tools.sheet(sheet), ...made, without, tools.said);
  return {
    element,
    update(whole) {
      for (const each of made) each.hidden = !whole;
      without.hidden = onFile !== undefined && whole;
    },
  };
}
