/** The values under the crosshair, over the candles; each overlay's entry also shows and hides it. */

import type { AnalysisCatalogue } from "../i18n/analysis.en.ts";
import type { AnalysisDocument } from "./documents.ts";
import { button, h, say, set } from "./dom.ts";
import { direction, type Format, isNumber, MISSING } from "./format.ts";
import { type Overlay, OVERLAYS } from "./palette.ts";

export interface LegendView {
  readonly element: HTMLElement;
  /** Show the bar at position `index`. */
  update(index: number): void;
}

export const overlaysOf = ({ indicators }: AnalysisDocument): readonly Overlay[] =>
  OVERLAYS.filter((name) => indicators[name === "boll" ? "boll_upper" : name]);

export function legendView(
  document: AnalysisDocument,
  format: Format,
  texts: AnalysisCatalogue,
  signal: AbortSignal,
  shown: ReadonlySet<string>,
  toggle: (overlay: Overlay) => void,
): LegendView {
  const { bars, indicators } = document;
  const date = h("time", "sw-legend-date");
  const change = h("span", "sw-legend-change");
  const cells = (["open", "high", "low", "close"] as const).map((key) => {
    const value = h("b", "");
    return { key, value, element: h("span", "sw-ohlc", {}, h("i", "", {}, texts[key]), value) };
  });
  const entries = overlaysOf(document).map((name) => {
    const value = h("b", "");
    const entry = button("sw-overlay", "", signal, () => {
      toggle(name);
      set(entry, { "aria-pressed": String(shown.has(name)) });
    });
    const words = texts.overlays[name];
    entry.append(h("i", "", {}, words), value);
    set(entry, { "data-overlay": name, "aria-pressed": String(shown.has(name)), title: texts.toggle(words) });
    return { name, value, entry };
  });
  // Room for the longest number: values that change under the crosshair must not move a button away under the pointer.
  const room = Math.max(...bars.high.filter(isNumber).map((value) => format.price(value).length), 0);
  for (const { value } of cells) value.style.minWidth = `${room}ch`;
  for (const { name, value } of entries) value.style.minWidth = `${name === "boll" ? 2 * room + 1 : room}ch`;
  const price = (value: unknown): string => (isNumber(value) ? format.price(value) : MISSING);

  return {
    element: h("div", "sw-legend", {},
      h("div", "sw-legend-row", {}, date, ...cells.map(({ element }) => element), change),
      h("div", "sw-legend-row", {}, ...entries.map(({ entry }) => entry))),
    update(index) {
      say(date, bars.date[index] ?? "");
      const close = bars.close[index];
      const before = bars.close[index - 1];
      const moved = isNumber(close) && isNumber(before) && before !== 0 ? close / before - 1 : null;
      const tone = moved === null ? "flat" : direction(moved);
      for (const { key, value } of cells) {
        say(value, price(bars[key][index]));
        value.className = `sw-${tone}`;
      }
      say(change, moved === null ? "" : format.change(moved));
      change.className = `sw-legend-change sw-${tone}`;
      for (const { name, value, entry } of entries) {
        set(entry, { "aria-pressed": String(shown.has(name)) });
        say(value, name === "boll"
          ? `${price(indicators.boll_upper?.[index])} ${price(indicators.boll_lower?.[index])}`
          : price(indicators[name]?.[index]));
      }
    },
  };
}
