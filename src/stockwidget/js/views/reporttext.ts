/** The report in words: what speaks for and against stands side by side where there is room. */

import type { DetailsCatalogue } from "../i18n/details.en.ts";
import { copyText } from "./clipboard.ts";
import { notesOf } from "./commentary.ts";
import type { AnalysisDocument, Commentary, Paragraph } from "./documents.ts";
import { button, h, say } from "./dom.ts";
import type { Format } from "./format.ts";

const SAID_MS = 2_000;
/** After a number that no fact bears out, where nothing can be underlined. */
const DOUBT = "[?]";

export function reportText(
  paragraphs: readonly Paragraph[],
  { symbol, commentary }: AnalysisDocument,
  format: Format,
  texts: DetailsCatalogue,
  signal: AbortSignal,
): HTMLElement[] {
  const copy = button("sw-report-copy", texts.copy, signal, () => void copied());
  let said: ReturnType<typeof setTimeout> | undefined;
  const copied = async (): Promise<void> => {
    const words = commentary ? commentaryMarkdown(commentary, format, texts) : "";
    const done = await copyText(markdownOf(paragraphs, symbol) + words);
    say(copy, done ? texts.copied : texts.notCopied);
    clearTimeout(said);
    said = setTimeout(() => say(copy, texts.copy), SAID_MS);
  };
  return [paragraphsView(paragraphs), h("div", "sw-report-foot", {}, copy)];
}

export function paragraphsView(paragraphs: readonly Paragraph[]): HTMLElement {
  return h("div", "sw-report", {}, ...paragraphs.map(({ key, title, lines }) =>
    h("section", `sw-report-${key}`, {}, h("h4", "", {}, title), h("ul", "", {}, ...lines.map((line) => h("li", "", {}, line))))));
}

/** Written by us, but names come from sources, and a commentary from a model: what Markdown would take for markup is escaped. */
const plain = (text: string): string => text.replace(/[\\`*_[\]<>#|]/g, "\\$&");

export function markdownOf(paragraphs: readonly Paragraph[], symbol: string): string {
  const parts = paragraphs.map(({ title, lines }) => `## ${plain(title)}\n\n${lines.map((line) => `- ${plain(line)}`).join("\n")}\n`);
  return [`# ${plain(symbol)}\n`, ...parts].join("\n");
}

export function commentaryMarkdown(said: Commentary, format: Format, texts: DetailsCatalogue): string {
  const words = said.parts.map(({ text, unmatched }) => plain(unmatched ? `${text}${DOUBT}` : text)).join("");
  const notes = [...notesOf(said, format, texts), said.unmatched > 0 && `${DOUBT} ${texts.commentaryTip}`].filter((note) => note !== false);
  return `\n## ${plain(texts.commentary)}\n\n*${plain(texts.commentaryBy(said.by))}*\n\n${words ? `${words}\n\n` : ""}${notes.map((note) => `- ${plain(note)}\n`).join("")}`;
}
