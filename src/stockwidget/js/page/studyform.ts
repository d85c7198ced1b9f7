/** The form of a study: a universe, a rule, and the days on which it is judged. */

import type { PageCatalogue } from "../i18n/page.en.ts";
import { h } from "../views/dom.ts";
import { field, select, sized } from "./controls.ts";

const SIZES = ["sample", "synthetic:200", "synthetic:2000"] as const;
const EVERY = ["week", "month", "quarter"] as const;
const RULES = ["rsi(14) < 30", "close > sma(200) and rsi(14) < 40", "cross_up(close, sma(50))", "rank(ret(252)) > 90"] as const;

export interface StudyForm {
  readonly controls: HTMLElement[];
  /** What to ask for, or in words what is missing. */
  params(): Readonly<Record<string, unknown>> | string;
}

export function studyForm(texts: PageCatalogue, lang: string): StudyForm {
  const universe = select("study_universe", sized(SIZES, texts, lang), "synthetic:200");
  const rule = h("input", "dp-input dp-rule", {
    name: "rule", value: RULES[0], required: true, maxlength: 2000, autocomplete: "off", autocapitalize: "none", spellcheck: "false", list: "dp-rules", title: texts.ruleTip,
  });
  const every = select("every", EVERY.map((each) => [each, texts.everyName[each]]), "month");
  const day = (name: string, title: string): HTMLInputElement => h("input", "dp-input", { name, type: "date", title });
  const [start, end] = [day("start", texts.startTip), day("end", texts.endTip)];
  return {
    controls: [
      field(texts.universe, universe), field(texts.rule, rule), h("datalist", "", { id: "dp-rules" }, ...RULES.map((value) => h("option", "", { value }))),
      field(texts.every, every), field(texts.start, start), field(texts.end, end),
    ],
    params() {
      const words = rule.value.trim();
      if (words === "") return texts.noRule;
      if (start.value && end.value && start.value > end.value) return texts.startAfterEnd(start.value, end.value);
      return {
        universe: universe.value, rule: words, every: every.value,
        ...(start.value ? { start: start.value } : {}), ...(end.value ? { end: end.value } : {}),
      };
    },
  };
}
