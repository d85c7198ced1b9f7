/** A commentary while it is said, above the report, which is there already: numbers are marked as its sentences end. */

import { isTerminal } from "../client/protocol.ts";
import { detailsEn } from "../i18n/details.en.ts";
import { detailsZh } from "../i18n/details.zh.ts";
import { wordsView } from "./commentary.ts";
import css from "./details.css?inline";
import type { Paragraph } from "./documents.ts";
import { h, say } from "./dom.ts";
import type { LiveOptions, LiveView } from "./live.ts";
import { paragraphsView } from "./reporttext.ts";
import { addStyle } from "./style.ts";

export function liveView({ format, root }: LiveOptions): LiveView {
  addStyle(root, "details", css);
  const english = format.t.lang === "en";
  const texts = english ? detailsEn : detailsZh;
  const report = h("div", "");
  const by = h("span", "sw-commentary-by");
  const words = h("p", "sw-commentary-words");
  const note = h("p", "sw-commentary-note");
  const element = h("div", "sw-speech", {}, h("section", "sw-commentary", {}, h("h4", "", {}, texts.commentary, by), words, note), report);
  let reported: unknown = null;

  return {
    element,
    update({ state, partial }) {
      const paragraphs = (partial.report as Readonly<Record<string, readonly Paragraph[]>> | undefined)?.[english ? "en" : "zh"] ?? [];
      if (partial.report !== reported) {
        reported = partial.report;
        report.replaceChildren(paragraphsView(paragraphs));
      }
      const pieces = (partial.commentary_pieces ?? []) as readonly string[];
      const unmatched = (partial.commentary_unmatched ?? []) as readonly (readonly [number, number])[];
      const live = !isTerminal(state.status) || state.status === "completed"; // Its result is on the way.
      const parts = partsOf(pieces.join(""), unmatched);
      words.lang = String(state.params.commentary_locale ?? "en");
      words.replaceChildren(...wordsView(parts, texts), live ? h("span", "sw-caret", { "aria-hidden": "true" }) : "");
      element.setAttribute("aria-busy", String(live));
      say(by, texts.commentaryBy(String(state.params.commentary ?? "")));
      say(note, !live ? texts.commentaryStopped : pieces.length > 0 ? texts.commentaryGoing : texts.commentaryAwaited);
    },
  };
}

/** Offsets are of code points, as Python counts them. */
export function partsOf(text: string, unmatched: readonly (readonly [number, number])[]): { text: string; unmatched: boolean }[] {
  const letters = [...text];
  let at = 0;
  const piece = (to: number, marked: boolean): { text: string; unmatched: boolean } => {
    const found = { text: letters.slice(at, to).join(""), unmatched: marked };
    at = to;
    return found;
  };
  return [...unmatched.flatMap(([start, end]) => [piece(start, false), piece(end, true)]), piece(letters.length, false)].filter(({ text }) => text !== "");
}
