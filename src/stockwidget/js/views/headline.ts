/** What takes the place of the bar: the last close of an analysis, the count of a scan. */

import type { AnalysisDocument, ScanDocument, StudyDocument } from "./documents.ts";
import { h } from "./dom.ts";
import { arrow, direction, type Format, isNumber, MISSING } from "./format.ts";

/** Last close, its change and its date: takes the place the progress bar had. */
export function headline(document: AnalysisDocument, format: Format): HTMLElement {
  const { summary, bars, currency } = document;
  const close = summary.last_close;
  const change = summary.return_1d;
  const previous = bars.close.at(-2);
  const last = bars.close.at(-1);
  const parts = [
    h("span", "sw-price", { "aria-label": `${format.t.lastClose} ${isNumber(close) ? format.price(close) : MISSING}` },
      isNumber(close) ? format.price(close) : MISSING),
    currency ? h("span", "sw-unit", {}, currency) : null,
  ];
  if (isNumber(change)) {
    const absolute = isNumber(last) && isNumber(previous) ? `${format.signed(last - previous, last)} ` : "";
    parts.push(
      h("span", `sw-change sw-${direction(change)}`, { title: format.t.returns["1d"] },
        `${arrow(change)} ${absolute}(${format.change(change)})`.trim()),
    );
  }
  const date = typeof summary.last_date === "string" ? format.t.closeOf(summary.last_date) : null;
  return h("div", "sw-headline", {}, ...parts, date ? h("span", "sw-when", {}, date) : null);
}

/** How many symbols fit the rule: the headline of a scan, and of a study, day by day. */
export function countHeadline(document: ScanDocument | StudyDocument, format: Format): HTMLElement {
  const { t } = format;
  const { counters: { found = 0, processed = 0 }, provenance } = document;
  return h("div", "sw-headline", {},
    h("span", "sw-price", {}, format.count(found)),
    h("span", "sw-unit", {}, document.kind === "study" ? t.hitsOn(document.dates.length) : t.fit(format.count(processed))),
    provenance?.last ? h("span", "sw-when", {}, t.upTo(provenance.last)) : null);
}
