/** Texts of an analysis: both languages have all, and terms come from the document. */

import { expect, test } from "vitest";

import { analysisEn } from "../../src/stockwidget/js/i18n/analysis.en.ts";
import { analysisZh } from "../../src/stockwidget/js/i18n/analysis.zh.ts";
import { detailsEn } from "../../src/stockwidget/js/i18n/details.en.ts";
import { detailsZh } from "../../src/stockwidget/js/i18n/details.zh.ts";
import type { AnalysisDocument } from "../../src/stockwidget/js/views/documents.ts";
import { termsOf } from "../../src/stockwidget/js/views/terms.ts";
import { judged } from "./judged.ts";

test("a reason's parameters stand in its sentence; a key without a term is shown as it is", () => {
  const terms = termsOf(judged() as unknown as AnalysisDocument, "en");
  expect(terms.sentence("findings", { key: "halted", params: { count: 3 } })).toBe("3 bars have no volume.");
  expect(terms.sentence("findings", { key: "new_thing", params: {} })).toBe("new thing");
  expect(terms.sentence("reasons", null)).toBe("");
});

test("both languages have every text, and each shows what it is given", () => {
  const [english, chinese] = [{ ...analysisEn, ...detailsEn }, { ...analysisZh, ...detailsZh }];
  for (const [lang, catalogue] of Object.entries({ english, chinese })) {
    for (const [key, text] of Object.entries(catalogue)) {
      if (typeof text !== "function") continue;
      const given = Array.from({ length: text.length }, (_, i) => `<${i}>`);
      const said = (text as (...values: string[]) => string)(...given);
      for (const value of given) expect(said, `${lang} ${key}`).toContain(value);
    }
  }
  const same = Object.entries(chinese).filter(([key, text]) => typeof text === "string" && text === english[key as keyof typeof english]);
  expect(same.map(([key]) => key)).toEqual([]);
});
