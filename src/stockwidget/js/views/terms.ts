/** The document's own words for its keys, in the reader's language. */

import type { AnalysisDocument, Keyed } from "./documents.ts";

export interface Terms {
  /** A key without a term is shown as it is: better than nothing, and it says what is missing. */
  title(section: string, key: string): string;
  rule(section: string, key: string): string;
  /** The sentence of a reason, its parameters filled in. */
  sentence(section: string, of: Keyed | null | undefined): string;
}

export function termsOf({ terms }: AnalysisDocument, lang: string): Terms {
  const language = lang.startsWith("zh") ? "zh" : "en";
  const title = (section: string, key: string): string => terms?.[section]?.[key]?.title[language] ?? key.replaceAll("_", " ");
  return {
    title,
    rule: (section, key) => terms?.[section]?.[key]?.rule?.[language] ?? "",
    sentence(section, of) {
      if (!of) return "";
      const text = (value: unknown): string => (Array.isArray(value) ? value.join(language === "zh" ? "、" : ", ") : String(value ?? ""));
      return title(section, of.key).replace(/\{(\w+)\}/g, (_, name: string) => text(of.params[name]));
    },
  };
}
