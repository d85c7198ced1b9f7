/** What followed the hits after each horizon beside the universe, and how sure the difference is. */

import type { StudyCatalogue } from "../i18n/study.en.ts";
import type { Forward } from "./documents.ts";
import { h } from "./dom.ts";
import { direction, type Format, isNumber, MISSING } from "./format.ts";

export function forwardTable(rows: readonly Forward[], format: Format, t: StudyCatalogue): HTMLElement {
  const ends = rows.flatMap(({ edge, edge_low, edge_high }) => [edge, edge_low, edge_high]).filter(isNumber);
  const reach = Math.max(0.001, ...ends.map(Math.abs));
  const change = (value: number | null): string => (isNumber(value) ? format.change(value) : MISSING);
  const share = (value: number | null): string => (isNumber(value) ? format.share(value, 0) : MISSING);
  const head = (label: string | HTMLElement, name: string, tip?: string): HTMLElement => h("th", name, { scope: "col", title: tip }, label);
  const row = (each: Forward): HTMLElement => {
    const flag = each.warnings.length > 0;
    return h("tr", "", {},
      h("th", "", { scope: "row" }, t.bars(String(each.horizon))),
      h("td", "sw-num", {}, change(each.mean)),
      h("td", "sw-num", {}, change(each.base_mean)),
      h("td", "sw-study-edge", {}, whisker(each, reach, format)),
      h("td", "", { title: format.sentences(...each.warnings.map((key) => t.warnings[key] ?? key)) }, flag ? h("span", "sw-study-warn", {}, "⚠", h("span", "", {}, ` ${each.warnings.map((key) => t.flags[key] ?? key).join(t.comma)}`)) : t.sure),
      h("td", "sw-num sw-study-second", {}, `${share(each.up)} / ${share(each.base_up)}`),
      h("td", "sw-num sw-study-second", {}, `${format.count(each.n)} / ${format.count(each.days)}`));
  };
  return h("div", "sw-days-table", {}, h("table", "sw-study-table", { "aria-label": t.forward },
    h("thead", "", {}, h("tr", "", {}, head(t.held, ""), head(t.hits, "sw-num"), head(t.universe, "sw-num"), head(h("span", "sw-interval-box", {}, h("b", "", {}, t.edge)), "", t.edgeTip), h("th", ""),
      head(t.up, "sw-num sw-study-second", t.upTip), head(t.count, "sw-num sw-study-second"))),
    h("tbody", "", {}, ...rows.map(row))));
}

/** The interval of the difference against zero, all rows on one scale; hollow, and without a colour, where it shows nothing. */
function whisker({ edge, edge_low, edge_high, warnings }: Forward, reach: number, format: Format): HTMLElement {
  if (!isNumber(edge)) return h("span", "", {}, MISSING);
  const at = (value: number): string => `${(50 + (50 * value) / reach).toFixed(1)}%`;
  const some = isNumber(edge_low) && isNumber(edge_high);
  const words = some ? `${format.change(edge_low)} … ${format.change(edge_high)}` : "";
  const sure = some && warnings.length === 0;
  const bar = h("span", "sw-interval-bar", { "data-sure": sure });
  bar.style.left = at(edge_low ?? edge);
  bar.style.right = `calc(100% - ${at(edge_high ?? edge)})`;
  const dot = h("span", "sw-interval-dot");
  dot.style.left = at(edge);
  return h("span", `sw-interval-box${sure ? ` sw-${direction(edge)}` : ""}`, { title: words },
    h("b", "", {}, format.change(edge)), h("span", "sw-interval", { "aria-hidden": "true" }, bar, dot), words ? h("small", "", {}, words) : null);
}
