/** The lines of a comparison on one chart, each from 100 at the first day that is shown. */

import type { IChartApi, ISeriesApi, Time } from "lightweight-charts";

import type { CompareCatalogue } from "../i18n/compare.en.ts";
import type { Charting } from "./charting.ts";
import { commandOf } from "./chartkeys.ts";
import { type Common, rebased } from "./comparison.ts";
import { h, say, set } from "./dom.ts";
import { direction, type Format } from "./format.ts";
import { paletteOf } from "./palette.ts";
import { colour, css, type Rgb } from "./theme.ts";

export interface LinesView {
  readonly element: HTMLElement;
  /** Draw these days; `places` are the symbols' places in the comparison, which have their colours. */
  update(common: Common, symbols: readonly string[], places: readonly number[], log: boolean): void;
  recolour(): void;
  /** Let the line of this place stand out, or none. */
  point(place: number | null): void;
}

export interface LinesOptions {
  readonly charting: Charting;
  readonly root: HTMLElement;
  readonly format: Format;
  readonly texts: CompareCatalogue;
  readonly signal: AbortSignal;
  readonly onRange: (index: number) => void;
  readonly onLog: () => void;
}

interface Line {
  readonly symbol: string;
  readonly place: number;
  readonly series: ISeriesApi<"Line">;
  readonly values: readonly number[];
  readonly value: HTMLElement;
  readonly change: HTMLElement;
}

const grey: Rgb = { r: 120, g: 123, b: 134 };
const ROOM = 6;

export function linesView({ charting, root, format, texts, signal, onRange, onLog }: LinesOptions): LinesView {
  const { ColorType, createChart, CrosshairMode, LineSeries, LineStyle, PriceScaleMode } = charting;
  const frame = h("div", "sw-compare-frame", { role: "application", tabindex: 0, "aria-roledescription": texts.chart });
  const date = h("time", "sw-legend-date");
  const legend = h("div", "sw-compare-legend");
  const spoken = h("div", "sw-hidden", { "aria-live": "polite" });
  const chart: IChartApi = createChart(frame, {
    width: 0, height: 0,
    crosshair: { mode: CrosshairMode.Normal },
    rightPriceScale: { borderVisible: false, scaleMargins: { top: 0.06, bottom: 0.06 } },
    timeScale: { borderVisible: false, fixLeftEdge: true, fixRightEdge: true, minBarSpacing: 0.01 },
    // What is shown begins at 100: other days are another range, not a scroll.
    handleScroll: false, handleScale: false,
    localization: { locale: format.t.lang, dateFormat: "yyyy-MM-dd" },
  });
  let days: readonly string[] = [];
  let lines: Line[] = [];
  let at: number | null = null;
  let sized = false;
  let draw = (): void => undefined;

  function recolour(): void {
    if (!sized) return; // Not in the page yet: it has no colours to read either.
    const { text, line, border, cross, label } = paletteOf(root);
    chart.applyOptions({
      layout: { background: { type: ColorType.Solid, color: "transparent" }, textColor: text, fontSize: 11, attributionLogo: true, panes: { separatorColor: border } },
      grid: { vertLines: { color: line }, horzLines: { color: line } },
      crosshair: { vertLine: { color: cross, labelBackgroundColor: label }, horzLine: { color: cross, labelBackgroundColor: label } },
    });
    for (const { series, place } of lines) series.applyOptions({ color: css(colour(root, `--sw-line-${place + 1}`, grey)) });
  }

  function tell(row: number): void {
    say(date, days[row] ?? "");
    for (const { values, value, change } of lines) {
      const now = values[row];
      say(value, now === undefined ? "" : format.decimal(now, 1));
      const moved = now === undefined ? 0 : now / 100 - 1;
      say(change, now === undefined ? "" : format.change(moved));
      change.className = `sw-${direction(moved)}`;
    }
  }
  const leave = (): void => {
    at = null;
    chart.clearCrosshairPosition();
    tell(days.length - 1);
  };
  function cross(row: number): void {
    const [first] = lines;
    const value = first?.values[row];
    if (!first || value === undefined) return;
    at = row;
    chart.setCrosshairPosition(value, days[row] as Time, first.series);
    tell(row);
    say(spoken, [days[row], ...lines.map(({ symbol, values }) => `${symbol} ${format.decimal(values[row] ?? 0, 1)}`)].join(texts.comma));
  }
  chart.subscribeCrosshairMove(({ logical, sourceEvent }) => {
    if (!sourceEvent && logical !== undefined && at !== null) return; // Our own move, by the keyboard.
    at = null;
    tell(logical === undefined ? days.length - 1 : Math.min(days.length - 1, Math.max(0, Math.round(logical))));
  });
  frame.addEventListener("keydown", (event) => {
    const command = commandOf(event);
    if (!command || days.length === 0) return;
    const last = days.length - 1;
    switch (command.do) {
      case "move": cross(Math.min(last, Math.max(0, (at ?? last) + (at === null ? 0 : command.by)))); break;
      case "edge": cross(command.end === "first" ? 0 : last); break;
      case "range": onRange(command.index); break;
      case "log": onLog(); break;
      case "leave": leave(); break;
      default: return;
    }
    event.preventDefault();
    event.stopPropagation();
  }, { signal });
  frame.addEventListener("blur", leave, { signal });

  const observer = new ResizeObserver((entries) => {
    const box = entries.at(-1)?.contentRect;
    if (!box || box.width === 0 || box.height === 0) return;
    chart.resize(Math.floor(box.width), Math.floor(box.height));
    if (!sized) {
      sized = true;
      draw();
      recolour();
    }
    chart.timeScale().fitContent();
  });
  observer.observe(frame);
  signal.addEventListener("abort", () => {
    observer.disconnect();
    chart.remove();
  });

  return {
    element: h("div", "sw-compare-chart", {}, legend, frame, spoken),
    recolour,
    point(place) {
      for (const line of lines) line.series.applyOptions({ lineWidth: line.place === place ? 3 : 2 });
    },
    update(common, symbols, places, log) {
      draw = () => {
        for (const { series } of lines) chart.removeSeries(series);
        days = common.dates;
        at = null;
        lines = symbols.map((symbol, i) => {
          const values = rebased(common.closes[i] ?? []);
          const series = chart.addSeries(LineSeries, {
            title: symbol, lineWidth: 2, priceLineVisible: false, lastValueVisible: true, crosshairMarkerRadius: 3,
            priceFormat: { type: "custom", minMove: 0.01, formatter: (value: number) => format.decimal(value, value >= 1000 ? 0 : 1) },
          });
          series.setData(days.map((time, row) => ({ time, value: values[row] as number })));
          return { symbol, place: places[i] ?? 0, series, values, value: h("b", ""), change: h("span", "") };
        });
        lines[0]?.series.createPriceLine({ price: 100, color: "#888a", lineWidth: 1, lineStyle: LineStyle.Dashed, axisLabelVisible: false, title: "" });
        lines[0]?.series.priceScale().applyOptions({ mode: log ? PriceScaleMode.Logarithmic : PriceScaleMode.Normal });
        legend.replaceChildren(date, ...lines.map(({ symbol, place, value, change }) => {
          value.style.minWidth = `${ROOM}ch`;
          return h("span", "sw-compare-entry", { "data-place": place }, h("i", "sw-swatch"), symbol, value, change);
        }));
        tell(days.length - 1);
        chart.timeScale().fitContent();
        recolour();
      };
      set(frame, { "aria-label": texts.chartLabel(symbols.join(texts.comma), common.dates[0] ?? "", common.dates.at(-1) ?? "") });
      // Before it has a size the library squashes all days into one.
      if (sized) draw();
    },
  };
}
