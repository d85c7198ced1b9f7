/** What to know before comparing, as `Comparison.notes` of notebook/comparison.py says it. */

import type { CompareCatalogue } from "../i18n/compare.en.ts";
import { type Common, LEAST } from "./comparison.ts";
import type { AnalysisDocument } from "./documents.ts";
import type { Format } from "./format.ts";

const ASKED = ["weights", "scorecard", "factors"];

export function notesOf(documents: readonly AnalysisDocument[], common: Common, format: Format, texts: CompareCatalogue): string[] {
  const different = (of: (document: AnalysisDocument) => unknown): unknown[] => [...new Set(documents.map(of))];
  const last = different(({ provenance }) => provenance.last ?? "").map(String).sort();
  const currencies = different(({ currency }) => currency ?? "").filter(Boolean).map(String).sort();
  const card = ({ params }: AnalysisDocument): string => JSON.stringify(ASKED.map((name) => (params as Record<string, unknown> | undefined)?.[name] ?? null));
  const days = common.dates.length;
  const found = [
    documents.length < 2 ? texts.alone
      : days === 0 ? texts.noCommon
      : days <= LEAST ? texts.few(format.count(days), format.count(LEAST)) : "",
    last.length > 1 && texts.last(last[0] ?? "", last.at(-1) ?? ""),
    currencies.length > 1 && texts.currencies(currencies.join(texts.comma)),
    different(({ provenance }) => provenance.adjust).length > 1 && texts.adjust,
    different(card).length > 1 && texts.cards,
    documents.some(({ provenance }) => provenance.synthetic) && texts.synthetic,
  ];
  return found.filter((note): note is string => Boolean(note));
}
