/** The values under the crosshair, over the chart; each overlay's entry also shows and hides it. */

import type { AnalysisDocument } from "./documents.ts";
import { button, h, say, set } from "./dom.ts";
import { direction, type Format, isNumber, MISSING } from "./format.ts";
import { type Overlay, OVERLAYS } from "./palette.ts";

export interface LegendView {
  readonly element: HTMLElement;
  /** Show the bar at position `index`. */
  update(index: number): void;
}

export function legendView(
  document: AnalysisDocument,
  format: Format,
  signal: AbortSignal,
  shown: Set<Overlay>,
  toggled: (overlay: Overlay) => void,
): LegendView {
  const { t } = format;
  const { bars, indicators } = document;
  const names: Readonly<Record<Overlay, string>> = { sma_20: t.sma(20), sma_50: t.sma(50), sma_200: t.sma(200), boll: t.boll };
  const date = h("time", "sw-legend-date");
  const change = h("span", "sw-legend-change");
  const cells = (["open", "high", "low", "close", "volume"] as const).map((key) => {
    const value = h("b", "");
    return { key, value, element: h("span", `sw-ohlc sw-ohlc-${key}`, {}, h("i", "", {}, t[key]), value) };
  });
  const entries = OVERLAYS.filter((name) => indicators[name === "boll" ? "boll_upper" : name]).map((name) => {
    const value = h("b", "");
    const entry = button("sw-overlay", "", signal, () => {
      if (!shown.delete(name)) shown.add(name);
      set(entry, { "aria-pressed": String(shown.has(name)) });
      toggled(name);
    });
    entry.append(h("i", "", {}, names[name]), value);
    set(entry, { "data-overlay": name, "aria-pressed": String(shown.has(name)), title: t.toggle(names[name]) });
    return { name, value, entry };
  });
  // Room for the longest number: values that change under the crosshair must not move a button away under the pointer.
  const room = Math.max(...bars.high.filter(isNumber).map((value) => format.price(value).length), 0);
  for (const { key, value } of cells) value.style.minWidth = `${key === "volume" ? 6 : room}ch`;
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
        const number = bars[key][index];
        say(value, key === "volume" ? (isNumber(number) ? format.volume(number) : MISSING) : price(number));
        value.className = key === "volume" ? "" : `sw-${tone}`;
      }
      say(change, moved === null ? "" : format.change(moved));
      change.className = `sw-legend-change sw-${tone}`;
      for (const { name, value } of entries) {
        say(value, name === "boll"
          ? `${price(indicators.boll_upper?.[index])} ${price(indicators.boll_lower?.[index])}`
          : price(indicators[name]?.[index]));
      }
    },
  };
}
