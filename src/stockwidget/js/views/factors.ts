/** Every point of the score: its rule, what was compared, and what it gave; what abstained says why. */

import type { Factor, Score } from "./documents.ts";
import { h } from "./dom.ts";
import type { Texts } from "./facts.ts";
import { type Format, isNumber, MISSING } from "./format.ts";
import { plain } from "./signalmarks.ts";
import { table } from "./table.ts";
import type { Terms } from "./terms.ts";

/** Rules about shares of something; the others compare prices and oscillators. */
const FRACTION = /^(ret_|depth|rising_)/;

export function factorTable(score: Score, format: Format, texts: Texts, terms: Terms): HTMLElement[] {
  const number = (value: number | null, { key }: Factor): string =>
    !isNumber(value) ? MISSING : FRACTION.test(key) ? format.share(value, 1) : plain(value, format);
  const value = (factor: Factor): string => {
    if (factor.how === "holds" && isNumber(factor.value)) return factor.value > 0 ? texts.yes : texts.no;
    return factor.how === "share" && isNumber(factor.value) ? format.share(factor.value, 0) : number(factor.value, factor);
  };
  const rows = score.families.flatMap((family) => [
    h("tr", "sw-group", {}, h("th", "", { scope: "rowgroup", colspan: 3 }, terms.title("families", family.key)),
      h("td", "sw-num", {}, `${family.judged > 0 ? format.decimal(family.points, 1) : MISSING} / ${format.decimal(family.max, 1)}`)),
    ...family.factors.map((factor) => {
      const { abstained, points, max, reason, date } = factor;
      const won = isNumber(points) && points > 0;
      const why = terms.sentence("reasons", reason);
      const given = abstained
        ? h("span", "sw-abstains", { "data-tip": why, tabindex: 0 }, texts.abstains)
        : h("span", won ? "sw-won" : "", {}, `${won ? "✓" : "✗"} ${format.decimal(points ?? 0, 1)} / ${format.decimal(max, 1)}`);
      return h("tr", "", {},
        h("th", "", { scope: "row" }, terms.title("factors", factor.key), date === score.date ? null : h("small", "", {}, ` ${date}`)),
        h("td", "sw-num", {}, value(factor)),
        h("td", "sw-num", {}, factor.how ? "" : `${factor.above ? ">" : "<"} ${number(factor.threshold, factor)}`),
        h("td", "sw-num", {}, given));
    }),
  ]);
  const columns = [{ label: texts.rule }, { label: texts.value, number: true }, { label: texts.threshold, number: true }, { label: texts.points, number: true }];
  const source = score.families[0]?.factors[0]?.source ?? "";
  return [table("factors", texts.sections.factors, columns, rows), h("p", "sw-note", {}, texts.asOf(score.date, source))];
}
