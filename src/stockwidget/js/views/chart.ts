/** Candles with volume beneath and moving averages over them, drawn by TradingView's lightweight-charts. */

import {
  CandlestickSeries,
  ColorType,
  createChart,
  CrosshairMode,
  HistogramSeries,
  type IChartApi,
  type ISeriesApi,
  type LineData,
  LineSeries,
  PriceScaleMode,
  type SeriesType,
  type Time,
  type WhitespaceData,
} from "lightweight-charts";

import type { AnalysisDocument } from "./documents.ts";
import { button, h, set } from "./dom.ts";
import { type Format, isNumber } from "./format.ts";
import { legendView } from "./legend.ts";
import { type Overlay, OVERLAYS, type Palette, paletteOf } from "./palette.ts";
import { firstBar, type Range, RANGES, worthShowing } from "./ranges.ts";
import { css } from "./theme.ts";

export interface ChartView {
  readonly element: HTMLElement;
  /** Read the colours again, after the host's theme changed. */
  recolour(): void;
}

/** Empty bars right of the last one, so that it does not stick to the price scale. */
const RIGHT_MARGIN = 2.5;
const DEFAULT_RANGE: Range = "1Y";

export function chartView(document: AnalysisDocument, root: HTMLElement, format: Format, signal: AbortSignal): ChartView {
  const { t } = format;
  const { bars, indicators } = document;
  const dates = bars.date;
  const frame = h("div", "sw-chart-frame", { role: "img", "aria-label": t.chartLabel(document.symbol, dates[0] ?? "", dates.at(-1) ?? "") });
  const chart = createChart(frame, { ...fixedOptions(format), width: 0, height: 0 });
  const candles = chart.addSeries(CandlestickSeries, { priceLineVisible: false });
  const volume = chart.addSeries(HistogramSeries, {
    priceScaleId: "volume",
    priceFormat: { type: "volume" },
    lastValueVisible: false,
    priceLineVisible: false,
  });
  volume.priceScale().applyOptions({ scaleMargins: { top: 0.82, bottom: 0 } });
  candles.priceScale().applyOptions({ scaleMargins: { top: 0.14, bottom: 0.22 } });

  const shown = new Set<Overlay>(["sma_20", "sma_50", "sma_200"]);
  const lines = new Map<Overlay, ISeriesApi<"Line">[]>();
  for (const overlay of OVERLAYS) {
    const keys = overlay === "boll" ? ["boll_upper", "boll_mid", "boll_lower"] : [overlay];
    const made = keys.filter((key) => indicators[key]).map((key) => addLine(chart, overlay, key));
    made.forEach((series, i) => series.setData(lineData(dates, indicators[keys[i] ?? ""] ?? [])));
    lines.set(overlay, made);
  }

  const setBars = (palette: Palette): void => {
    candles.setData(dates.map((time, i) => {
      const [open, high, low, close] = [bars.open[i], bars.high[i], bars.low[i], bars.close[i]];
      return isNumber(open) && isNumber(high) && isNumber(low) && isNumber(close) ? { time, open, high, low, close } : { time };
    }));
    volume.setData(dates.map((time, i) => {
      const value = bars.volume[i];
      const rose = (bars.close[i] ?? 0) >= (bars.open[i] ?? 0);
      return isNumber(value) ? { time, value, color: css(rose ? palette.up : palette.down, 0.4) } : { time };
    }));
  };
  let sized = false;
  const recolour = (): void => {
    if (!sized) return; // Not in the page yet: it has no colours to read either.
    const palette = paletteOf(root);
    applyPalette(chart, candles, lines, palette);
    setBars(palette);
  };
  const toggle = (overlay: Overlay): void => {
    for (const series of lines.get(overlay) ?? []) series.applyOptions({ visible: shown.has(overlay) });
  };
  for (const overlay of OVERLAYS) toggle(overlay);

  const legend = legendView(document, format, signal, shown, toggle);
  const last = dates.length - 1;
  legend.update(last);
  chart.subscribeCrosshairMove(({ logical }) => {
    legend.update(logical === undefined ? last : Math.min(last, Math.max(0, Math.round(logical))));
  });

  const show = (range: Range): void => {
    chart.timeScale().setVisibleLogicalRange({ from: firstBar(range, dates) - 0.5, to: last + RIGHT_MARGIN });
  };
  const initial: Range = worthShowing(DEFAULT_RANGE, dates) ? DEFAULT_RANGE : "MAX";
  // Before it has a size the library squashes all bars into one; so bars and range wait for the first real size.
  onSize(frame, signal, (width, height) => {
    chart.resize(width, height);
    if (sized) return;
    sized = true;
    recolour();
    show(initial);
  });
  signal.addEventListener("abort", () => chart.remove());

  return {
    element: h("div", "sw-chart", {}, toolbar(dates, initial, format, signal, show, chart), h("div", "sw-chart-box", {}, frame, legend.element)),
    recolour,
  };
}

function toolbar(
  dates: readonly string[],
  initial: Range,
  { t }: Format,
  signal: AbortSignal,
  show: (range: Range) => void,
  chart: IChartApi,
): HTMLElement {
  const buttons = RANGES.filter((range) => worthShowing(range, dates)).map((range) => {
    const element = button("sw-range-button", t.ranges[range], signal, () => {
      for (const other of buttons) set(other, { "aria-pressed": String(other === element) });
      show(range);
    });
    set(element, { "aria-pressed": String(range === initial) });
    return element;
  });
  const log = button("sw-log-button", t.log10, signal, () => {
    const on = log.getAttribute("aria-pressed") !== "true";
    set(log, { "aria-pressed": String(on) });
    chart.priceScale("right").applyOptions({ mode: on ? PriceScaleMode.Logarithmic : PriceScaleMode.Normal });
  });
  set(log, { "aria-pressed": "false", title: t.logTip });
  return h("div", "sw-toolbar", {}, h("div", "sw-ranges", { role: "group", "aria-label": t.rangeLabel }, ...buttons), log);
}

function fixedOptions(format: Format): Parameters<typeof createChart>[1] & object {
  return {
    crosshair: { mode: CrosshairMode.Normal },
    rightPriceScale: { borderVisible: false },
    timeScale: { borderVisible: false, fixLeftEdge: true, minBarSpacing: 0.2, rightOffset: RIGHT_MARGIN },
    // A wheel over the chart must scroll the notebook; zooming is a pinch or a drag of the axis.
    handleScroll: { mouseWheel: false, pressedMouseMove: true, horzTouchDrag: true, vertTouchDrag: false },
    handleScale: { mouseWheel: false, pinch: true, axisPressedMouseMove: true, axisDoubleClickReset: true },
    localization: { locale: format.t.lang, dateFormat: "yyyy-MM-dd", priceFormatter: (price: number) => format.price(price) },
  };
}

function addLine(chart: IChartApi, overlay: Overlay, key: string): ISeriesApi<"Line"> {
  return chart.addSeries(LineSeries, {
    lineWidth: overlay === "boll" && key !== "boll_mid" ? 1 : 2,
    ...(key === "boll_mid" ? { lineWidth: 1 as const, lineStyle: 2 as const } : {}),
    priceLineVisible: false,
    lastValueVisible: false,
    crosshairMarkerVisible: false,
  });
}

/** A missing value is a hole in the line, never a zero. */
function lineData(dates: readonly string[], values: readonly (number | null)[]): (LineData<Time> | WhitespaceData<Time>)[] {
  return dates.map((time, i) => {
    const value = values[i];
    return isNumber(value) ? { time, value } : { time };
  });
}

function applyPalette(
  chart: IChartApi,
  candles: ISeriesApi<SeriesType>,
  lines: ReadonlyMap<Overlay, ISeriesApi<"Line">[]>,
  palette: Palette,
): void {
  chart.applyOptions({
    layout: { background: { type: ColorType.Solid, color: "transparent" }, textColor: palette.text, fontSize: 11, attributionLogo: true },
    grid: { vertLines: { color: palette.line }, horzLines: { color: palette.line } },
    crosshair: {
      vertLine: { color: palette.cross, labelBackgroundColor: palette.label },
      horzLine: { color: palette.cross, labelBackgroundColor: palette.label },
    },
  });
  const up = css(palette.up);
  const down = css(palette.down);
  candles.applyOptions({ upColor: up, downColor: down, borderUpColor: up, borderDownColor: down, wickUpColor: up, wickDownColor: down });
  for (const [overlay, series] of lines) {
    for (const line of series) line.applyOptions({ color: overlay === "boll" ? palette.bollFill : palette.overlays[overlay] });
  }
}

function onSize(element: HTMLElement, signal: AbortSignal, sized: (width: number, height: number) => void): void {
  const observer = new ResizeObserver((entries) => {
    const box = entries.at(-1)?.contentRect;
    if (!box || box.width === 0 || box.height === 0) return;
    sized(Math.floor(box.width), Math.floor(box.height));
  });
  observer.observe(element);
  signal.addEventListener("abort", () => observer.disconnect());
}
