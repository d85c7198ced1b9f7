/** Rows of a table as text for other programs: full precision, ISO dates, missing cells empty. */

import type { Row } from "./order.ts";

export interface Sheet {
  readonly keys: readonly string[];
  /** Where in a row each key stands. */
  readonly places: readonly number[];
  readonly rows: readonly Row[];
}

/** Tab-separated, for the clipboard; a single row goes without the names of its columns. */
export function tsv({ keys, places, rows }: Sheet): string {
  const line = (row: Row): string => places.map((at) => String(row[at] ?? "").replace(/[\t\r\n]+/g, " ")).join("\t");
  return [...(rows.length > 1 ? [keys.join("\t")] : []), ...rows.map(line)].join("\n");
}

/** RFC 4180, with the mark that makes Excel read UTF-8. */
export function csv({ keys, places, rows }: Sheet): string {
  const lines = [keys.map(quoted), ...rows.map((row) => places.map((at) => field(row[at] ?? null)))];
  return `\ufeff${lines.map((line) => line.join(",")).join("\r\n")}\r\n`;
}

/** A text that a spreadsheet would run as a formula is told to be text. */
const field = (cell: string | number | boolean | null): string =>
  typeof cell === "string" ? quoted(/^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell) : cell === null ? "" : String(cell);
const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text);

/** Hand `content` to the reader as a file. */
export function download(name: string, content: Blob): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000); // Safari reads it after the click.
}
