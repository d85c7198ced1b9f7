/** A language model's words below the report: said to be that, and numbers that no fact bears out are marked. */

import type { DetailsCatalogue } from "../i18n/details.en.ts";
import type { Commentary } from "./documents.ts";
import { h } from "./dom.ts";
import type { Format } from "./format.ts";

export function commentaryView(said: Commentary, format: Format, texts: DetailsCatalogue): HTMLElement {
  const words = said.parts.map(({ text, unmatched }) =>
    unmatched ? h("mark", "sw-unmatched", { title: texts.commentaryTip, tabindex: "0", "aria-label": `${text} (${texts.commentaryTip})` }, text) : text);
  const why = said.missing && texts.commentaryReason[said.missing.key](said.missing.detail);
  const notes = [
    said.parts.length > 0 && texts.commentaryCount(format.count(said.numbers), format.count(said.unmatched)),
    why && (said.parts.length > 0 ? texts.commentaryCut : texts.commentaryMissing)(why),
  ].filter((note): note is string => Boolean(note));
  return h("section", "sw-commentary", {},
    h("h4", "", {}, texts.commentary, h("span", "sw-commentary-by", {}, texts.commentaryBy(said.by))),
    ...(words.length > 0 ? [h("p", "sw-commentary-words", { lang: said.locale }, ...words)] : []),
    ...notes.map((note) => h("p", "sw-commentary-note", {}, note)));
}
