/** The first numbers of an analysis, in a row of tiles. */

import type { AnalysisCatalogue } from "../i18n/analysis.en.ts";
import type { AnalysisDocument } from "./documents.ts";
import { h } from "./dom.ts";
import { arrow, direction, type Format, isNumber, MISSING } from "./format.ts";

export function tiles(document: AnalysisDocument, format: Format, texts: AnalysisCatalogue): HTMLElement {
  const { summary } = document;
  const few = texts.missing(format.count(document.bars.date.length));
  const span = [summary.max_drawdown_peak, summary.max_drawdown_trough];
  const between = span.every((date) => typeof date === "string") ? texts.fromTo(String(span[0]), String(span[1])) : "";
  return h("div", "sw-tiles", {},
    returnTile(texts.returns["20d"], summary.return_20d, few, format),
    returnTile(texts.returns["1y"], summary.return_1y, few, format),
    tile(texts.volatility, isNumber(summary.volatility_1y) ? format.share(summary.volatility_1y) : null, { tip: texts.volatilityTip, few }),
    tile(texts.drawdown, isNumber(summary.max_drawdown) ? format.change(summary.max_drawdown) : null, { tip: texts.drawdownTip, few, below: between }),
    rangeTile(document, few, format, texts),
  );
}

function returnTile(label: string, value: unknown, few: string, format: Format): HTMLElement {
  if (!isNumber(value)) return tile(label, null, { few });
  return tile(label, `${arrow(value)} ${format.change(value)}`.trim(), { few, tone: direction(value) });
}

function tile(
  label: string,
  value: string | null,
  { few, tip, below, tone }: { few: string; tip?: string; below?: string; tone?: string },
): HTMLElement {
  const shown =
    value === null
      ? h("span", "sw-value sw-missing", { "data-tip": few, tabindex: 0, "aria-label": few }, MISSING)
      : h("span", `sw-value${tone ? ` sw-${tone}` : ""}`, {}, value);
  const name = h("span", "sw-label", tip ? { "data-tip": tip, tabindex: 0 } : {}, label);
  const extra = below ? h("span", "sw-below", {}, below) : null;
  return h("div", `sw-tile${below === undefined ? "" : " sw-drawdown"}`, {}, name, shown, extra);
}

function rangeTile({ summary }: AnalysisDocument, few: string, format: Format, texts: AnalysisCatalogue): HTMLElement {
  const { low_52w: low, high_52w: high, position_52w: position } = summary;
  const box = tile(texts.range52, null, { few });
  box.classList.add("sw-range52");
  if (!isNumber(low) || !isNumber(high) || !isNumber(position)) return box;
  const share = Math.min(1, Math.max(0, position));
  const mark = h("span", "sw-mark");
  mark.style.left = `${(share * 100).toFixed(1)}%`;
  const fill = h("span", "sw-fill");
  fill.style.width = `${(share * 100).toFixed(1)}%`;
  const words = texts.position(format.share(share, 0));
  box.lastElementChild?.replaceWith(
    h("div", "sw-range", { role: "img", "aria-label": words, "data-tip": words, tabindex: 0 },
      h("span", "sw-low", {}, format.price(low)),
      h("span", "sw-track", {}, fill, mark),
      h("span", "sw-high", {}, format.price(high))),
  );
  return box;
}
