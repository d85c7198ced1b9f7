/** The report in words: what speaks for and against stands side by side where there is room. */

import type { DetailsCatalogue } from "../i18n/details.en.ts";
import { copyText } from "./clipboard.ts";
import type { Paragraph } from "./documents.ts";
import { button, h, say } from "./dom.ts";

const SAID_MS = 2_000;

export function reportText(paragraphs: readonly Paragraph[], symbol: string, texts: DetailsCatalogue, signal: AbortSignal): HTMLElement[] {
  const copy = button("sw-report-copy", texts.copy, signal, () => void copied());
  let said: ReturnType<typeof setTimeout> | undefined;
  const copied = async (): Promise<void> => {
    const done = await copyText(markdownOf(paragraphs, symbol));
    say(copy, done ? texts.copied : texts.notCopied);
    clearTimeout(said);
    said = setTimeout(() => say(copy, texts.copy), SAID_MS);
  };
  return [
    h("div", "sw-report", {}, ...paragraphs.map(({ key, title, lines }) =>
      h("section", `sw-report-${key}`, {}, h("h4", "", {}, title), h("ul", "", {}, ...lines.map((line) => h("li", "", {}, line)))))),
    h("div", "sw-report-foot", {}, copy),
  ];
}

/** Written by us, but names come from sources: what Markdown would take for markup is escaped. */
export function markdownOf(paragraphs: readonly Paragraph[], symbol: string): string {
  const plain = (text: string): string => text.replace(/[\\`*_[\]<>#|]/g, "\\$&");
  const parts = paragraphs.map(({ title, lines }) => `## ${plain(title)}\n\n${lines.map((line) => `- ${plain(line)}`).join("\n")}\n`);
  return [`# ${plain(symbol)}\n`, ...parts].join("\n");
}
