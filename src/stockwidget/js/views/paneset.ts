/** The panes beneath the candles: made and removed as the reader picks them, each with its values under the crosshair. */

import { HistogramSeries, type IChartApi, type ISeriesApi, LineSeries, LineStyle, type SeriesType } from "lightweight-charts";

import type { AnalysisCatalogue } from "../i18n/analysis.en.ts";
import type { AnalysisDocument } from "./documents.ts";
import { button, h, say } from "./dom.ts";
import { type Format, isNumber, MISSING } from "./format.ts";
import type { Palette } from "./palette.ts";
import { type Line, type Pane, PANES, valuesOf } from "./panes.ts";
import { barData, lineData, QUIET } from "./series.ts";
import { css } from "./theme.ts";

export interface PaneSet {
  /** The legends; lies over the chart. */
  readonly element: HTMLElement;
  show(names: readonly string[]): void;
  recolour(palette: Palette): void;
  /** Show the values of the bar at `row`. */
  update(row: number): void;
  /** Lay the legends over their panes again. */
  place(): void;
}

interface Shown {
  readonly line: Line;
  readonly series: ISeriesApi<SeriesType>;
  readonly value: HTMLElement;
  readonly pane: Pane;
}

/** Height of the candles' pane, if another has 1. */
const PRICE_STRETCH = 3.2;

export function paneSet(
  chart: IChartApi,
  document: AnalysisDocument,
  format: Format,
  texts: AnalysisCatalogue,
  signal: AbortSignal,
  remove: (name: string) => void,
): PaneSet {
  const { date } = document.bars;
  const element = h("div", "sw-pane-legends");
  let shown: Shown[] = [];
  let legends: HTMLElement[] = [];
  let palette: Palette | null = null;
  let row = date.length - 1;

  const paint = ({ line, series }: Shown): void => {
    if (!palette) return;
    const { up, down, lines } = palette;
    const values = valuesOf(document, line.key) ?? [];
    if (line.tone !== "bars") return series.applyOptions({ color: lines[line.tone] });
    const { open, close } = document.bars;
    const rose = (i: number, value: number): boolean => (line.key === "volume" ? (close[i] ?? 0) >= (open[i] ?? 0) : value >= 0);
    series.setData(barData(date, values, (i, value) => css(rose(i, value) ? up : down, 0.45)));
  };

  const write = (value: unknown, { digits }: Pane): string =>
    !isNumber(value) ? MISSING : digits === "volume" ? format.volume(value) : format.decimal(value, digits);

  const add = (name: string, index: number): void => {
    const pane = PANES[name];
    if (!pane) return;
    const legend = h("div", "sw-pane-legend", { "data-pane": name }, h("b", "", {}, texts.panes[name] ?? name));
    for (const [place, line] of pane.lines.entries()) {
      const priceFormat = { type: "custom" as const, minMove: 0.001, formatter: (value: number) => write(value, pane) };
      const series: ISeriesApi<SeriesType> = line.tone === "bars"
        ? chart.addSeries(HistogramSeries, { ...QUIET, priceFormat }, index)
        : chart.addSeries(LineSeries, { ...QUIET, priceFormat, lineWidth: 1 }, index);
      if (line.tone !== "bars") series.setData(lineData(date, valuesOf(document, line.key) ?? []));
      const value = h("span", `sw-tone-${line.tone}`);
      legend.append(h("span", "sw-pane-value", {}, line.name ? h("i", "", {}, line.name) : null, value));
      shown.push({ line, series, value, pane });
      if (place > 0) continue;
      for (const price of pane.guides ?? []) {
        series.createPriceLine({ price, color: "#888a", lineWidth: 1, lineStyle: LineStyle.Dotted, axisLabelVisible: false, title: "" });
      }
    }
    const close = button("sw-pane-close", "×", signal, () => remove(name));
    close.setAttribute("aria-label", texts.removePane(texts.panes[name] ?? name));
    legend.append(close);
    legends.push(legend);
  };

  // The library tells nobody when it has laid its panes out, or that the border between two was dragged.
  const watched = new WeakSet<HTMLElement>();
  const heights = new ResizeObserver(() => view.place());
  signal.addEventListener("abort", () => heights.disconnect());

  const view: PaneSet = {
    element,
    show(names) {
      for (const { series } of shown) chart.removeSeries(series);
      [shown, legends] = [[], []];
      names.forEach((name, i) => add(name, i + 1));
      chart.panes().forEach((pane, i) => pane.setStretchFactor(i === 0 ? PRICE_STRETCH : 1));
      for (const each of shown) paint(each);
      element.replaceChildren(...legends);
      view.update(row);
      requestAnimationFrame(() => view.place()); // The library lays its panes out in the next frame.
    },
    recolour(next) {
      palette = next;
      for (const each of shown) paint(each);
    },
    update(next) {
      row = next;
      for (const { line, value, pane } of shown) say(value, write(valuesOf(document, line.key)?.[row], pane));
    },
    place() {
      if (signal.aborted) return;
      const rows = chart.panes().slice(1).map((pane) => pane.getHTMLElement());
      for (const each of rows) {
        if (!each || watched.has(each)) continue;
        watched.add(each);
        heights.observe(each);
      }
      const tops = rows.map((each) => each?.offsetTop ?? 0);
      legends.forEach((legend, i) => {
        legend.style.top = `${tops[i] ?? 0}px`;
        legend.hidden = !tops[i]; // Not laid out yet: it would lie over the candles.
      });
    },
  };
  return view;
}
