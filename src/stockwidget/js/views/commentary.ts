/** A language model's words below the report: said to be that, and numbers that no fact bears out are marked. */

import type { DetailsCatalogue } from "../i18n/details.en.ts";
import type { Commentary } from "./documents.ts";
import { h } from "./dom.ts";
import type { Format } from "./format.ts";

export function commentaryView(said: Commentary, format: Format, texts: DetailsCatalogue): HTMLElement {
  const words = wordsView(said.parts, texts);
  return h("section", "sw-commentary", {},
    h("h4", "", {}, texts.commentary, h("span", "sw-commentary-by", {}, texts.commentaryBy(said.by))),
    ...(words.length > 0 ? [h("p", "sw-commentary-words", { lang: said.locale }, ...words)] : []),
    ...notesOf(said, format, texts).map((note) => h("p", "sw-commentary-note", {}, note)));
}

export function wordsView(parts: Commentary["parts"], texts: DetailsCatalogue): (HTMLElement | string)[] {
  return parts.map(({ text, unmatched }) =>
    unmatched ? h("mark", "sw-unmatched", { title: texts.commentaryTip, tabindex: "0", "aria-label": `${text} (${texts.commentaryTip})` }, text) : text);
}

/** How many numbers were checked, and why it is not whole. */
export function notesOf({ parts, numbers, unmatched, missing }: Commentary, format: Format, texts: DetailsCatalogue): string[] {
  const why = missing && texts.commentaryReason[missing.key](missing.detail);
  return [
    parts.length > 0 && texts.commentaryCount(format.count(numbers), format.count(unmatched)),
    why && (parts.length > 0 ? texts.commentaryCut : texts.commentaryMissing)(why),
  ].filter((note): note is string => Boolean(note));
}
