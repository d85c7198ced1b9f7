/** Candles with overlays, signals and levels, and panes beneath them; drawn by TradingView's lightweight-charts. */

import {
  CandlestickSeries,
  ColorType,
  createChart,
  CrosshairMode,
  type IPriceLine,
  type ISeriesApi,
  type ISeriesPrimitive,
  LineSeries,
  LineStyle,
  PriceScaleMode,
  type Time,
} from "lightweight-charts";

import type { AnalysisCatalogue } from "../i18n/analysis.en.ts";
import { commandOf, ZOOM_IN } from "./chartkeys.ts";
import { chartTools } from "./charttools.ts";
import { choices, type Choices, choose } from "./choices.ts";
import type { AnalysisDocument } from "./documents.ts";
import { h, say, set } from "./dom.ts";
import { type Format, isNumber } from "./format.ts";
import { legendView, overlaysOf } from "./legend.ts";
import { Marks } from "./markprimitive.ts";
import { type Overlay, type Palette, paletteOf, TONE } from "./palette.ts";
import { PANES, panesOf } from "./panes.ts";
import { paneSet } from "./paneset.ts";
import { firstBar, RANGES, type Range, worthShowing } from "./ranges.ts";
import { lineData, QUIET } from "./series.ts";
import { marked, marksOf, signalsOf, signalTip } from "./signalmarks.ts";
import type { Terms } from "./terms.ts";
import { css } from "./theme.ts";
import { moved, zoomed, type View } from "./viewport.ts";

export interface ChartView {
  readonly element: HTMLElement;
  /** Read the colours again, after the host's theme changed. */
  recolour(): void;
  /** Bring the bar at `row` into view, under the crosshair, and say what happened there. */
  show(row: number): void;
  /** Draw `more` wherever signals are marked; `said` adds to what is said of a bar. */
  annotate(more: ISeriesPrimitive<Time>, said: (row: number) => readonly HTMLElement[]): void;
}

/** What the reader did to this chart; outlives the view. */
export interface ChartMemory {
  chosen?: Choices;
  view?: View;
}

export interface ChartOptions {
  readonly document: AnalysisDocument;
  readonly root: HTMLElement;
  readonly format: Format;
  readonly texts: AnalysisCatalogue;
  readonly terms: Terms;
  readonly signal: AbortSignal;
  readonly memory: ChartMemory;
}

/** Empty bars right of the last one, so that it does not stick to the price scale. */
const RIGHT_MARGIN = 2.5;
const DEFAULT_RANGE: Range = "1Y";

export function chartView({ document, root, format, texts, terms, signal, memory }: ChartOptions): ChartView {
  const { bars, indicators, levels = [] } = document;
  const dates = bars.date;
  const last = dates.length - 1;
  const ranges = RANGES.filter((range) => worthShowing(range, dates));
  const signals = signalsOf(document);
  const known = panesOf(document);
  let chosen: Choices = memory.chosen ?? choices();
  let palette: Palette | null = null;
  /** The bar that the keyboard has chosen. */
  let at: number | null = null;
  let annotated: Parameters<ChartView["annotate"]> | null = null;

  const frame = h("div", "sw-chart-frame", {
    role: "application", tabindex: 0, "aria-roledescription": texts.chart,
    "aria-label": texts.chartLabel(document.symbol, dates[0] ?? "", dates.at(-1) ?? ""),
  });
  const chart = createChart(frame, { ...fixedOptions(format), width: 0, height: 0 });
  const candles = chart.addSeries(CandlestickSeries, {
    priceLineVisible: false, priceFormat: { type: "custom", minMove: 0.0001, formatter: (price: number) => format.price(price) },
  });
  candles.priceScale().applyOptions({ scaleMargins: { top: 0.16, bottom: 0.06 } });
  const lines = new Map<Overlay, ISeriesApi<"Line">[]>();
  for (const overlay of overlaysOf(document)) {
    const keys = overlay === "boll" ? ["boll_upper", "boll_mid", "boll_lower"] : [overlay];
    lines.set(overlay, keys.map((key) => {
      const series = chart.addSeries(LineSeries, { ...QUIET, lineWidth: 1, lineStyle: key === "boll_mid" ? LineStyle.Dashed : LineStyle.Solid });
      series.setData(lineData(dates, indicators[key] ?? []));
      return series;
    }));
  }
  const thinned = h("div", "sw-thinned");
  const marks = new Marks((shown, all) => say(thinned, shown < all ? texts.thinned(format.count(shown), format.count(all)) : ""));
  candles.attachPrimitive(marks);
  let drawnLevels: IPriceLine[] = [];
  const panes = paneSet(chart, document, format, texts, signal, (name) => pick({ panes: chosen.panes.filter((other) => other !== name) }));

  const shownOverlays = new Set<string>();
  const legend = legendView(document, format, texts, signal, shownOverlays, (overlay) => {
    const rest = chosen.overlays.filter((other) => other !== overlay);
    pick({ overlays: rest.length < chosen.overlays.length ? rest : [...rest, overlay] });
  });
  const tip = h("div", "sw-tip", { hidden: true });
  const spoken = h("div", "sw-hidden", { "aria-live": "polite" });
  const tools = chartTools({
    texts, signal, ranges, hasSignals: signals.length > 0,
    overlays: overlaysOf(document).map((name) => ({ name, label: texts.overlays[name] })),
    panes: known.map((name) => ({ name, label: texts.panes[name] ?? name })),
    onRange: (range) => showRange(range),
    onReset: () => reset(),
    onChoose: (change) => pick(change),
  });

  // -- what is shown ------------------------------------------------------------------------------

  function pick(change: Partial<Choices>): void {
    choose(change);
    memory.chosen = chosen = { ...chosen, ...change };
    apply(change);
    tools.update(rangeInView(), chosen);
  }

  /** Draw what of `change` is there: the rest is not touched, so nothing is drawn twice. */
  function apply(change: Partial<Choices>): void {
    if (change.overlays) {
      shownOverlays.clear();
      for (const overlay of change.overlays) shownOverlays.add(overlay);
      for (const [overlay, series] of lines) for (const each of series) each.applyOptions({ visible: shownOverlays.has(overlay) });
      legend.update(at ?? last);
    }
    if (change.panes) {
      const wanted = Object.keys(PANES).filter((name) => known.includes(name) && chosen.panes.includes(name));
      frame.style.setProperty("--sw-panes", String(wanted.length));
      panes.show(wanted);
    }
    if (change.log !== undefined) candles.priceScale().applyOptions({ mode: change.log ? PriceScaleMode.Logarithmic : PriceScaleMode.Normal });
    if (change.marks && palette) marks.set(marksOf(marked(signals, chosen.marks), document, palette));
    if (change.marks && annotated) {
      candles.detachPrimitive(annotated[0]);
      if (change.marks !== "none") candles.attachPrimitive(annotated[0]);
    }
    if (change.levels !== undefined) drawLevels();
  }

  function drawLevels(): void {
    for (const line of drawnLevels) candles.removePriceLine(line);
    drawnLevels = (chosen.levels && palette ? levels : []).map(({ kind, price, touches }) =>
      candles.createPriceLine({
        price, lineWidth: 1, lineStyle: LineStyle.Dashed, axisLabelVisible: false,
        color: css(kind === "support" ? (palette as Palette).up : (palette as Palette).down, 0.6),
        title: texts.levelMark[kind](String(touches)),
      }));
  }

  function recolour(): void {
    if (!sized) return; // Not in the page yet: it has no colours to read either.
    palette = paletteOf(root);
    const { up, down } = palette;
    chart.applyOptions({
      layout: {
        background: { type: ColorType.Solid, color: "transparent" }, textColor: palette.text, fontSize: 11, attributionLogo: true,
        panes: { separatorColor: palette.border, separatorHoverColor: palette.line },
      },
      grid: { vertLines: { color: palette.line }, horzLines: { color: palette.line } },
      crosshair: {
        vertLine: { color: palette.cross, labelBackgroundColor: palette.label },
        horzLine: { color: palette.cross, labelBackgroundColor: palette.label },
      },
    });
    candles.applyOptions({ upColor: css(up), downColor: css(down), borderUpColor: css(up), borderDownColor: css(down), wickUpColor: css(up), wickDownColor: css(down) });
    for (const [overlay, series] of lines) {
      for (const each of series) each.applyOptions({ color: overlay === "boll" ? palette.bands : palette.lines[TONE[overlay]] });
    }
    panes.recolour(palette);
    apply({ marks: chosen.marks, levels: chosen.levels });
  }

  // -- where it is looked at ----------------------------------------------------------------------

  const scale = chart.timeScale();
  const viewOf = (range: Range): View => ({ from: firstBar(range, dates) - 0.5, to: last + RIGHT_MARGIN });
  const initial: Range = ranges.includes(DEFAULT_RANGE) ? DEFAULT_RANGE : "MAX";
  const look = (view: View): void => {
    scale.setVisibleLogicalRange(view);
    memory.view = view;
    tools.update(rangeInView(), chosen);
  };
  const showRange = (range: Range): void => look(viewOf(range));
  function reset(): void {
    for (const pane of chart.panes()) pane.priceScale("right").applyOptions({ autoScale: true });
    showRange(initial);
  }
  function rangeInView(): Range | null {
    const view = memory.view ?? viewOf(initial);
    return ranges.find((range) => Math.abs(viewOf(range).from - view.from) < 0.6 && Math.abs(viewOf(range).to - view.to) < 0.6) ?? null;
  }
  scale.subscribeVisibleLogicalRangeChange((view) => {
    if (!view || !sized) return;
    memory.view = { from: view.from, to: view.to };
    tools.update(rangeInView(), chosen);
    if (at !== null) placeTip(at);
  });

  // -- the crosshair ------------------------------------------------------------------------------

  const barAt = (logical: number): number => Math.min(last, Math.max(0, Math.round(logical)));
  function update(row: number): void {
    legend.update(row);
    panes.update(row);
  }
  function tell(row: number, wanted: boolean): void {
    const here = wanted ? [...signalTip(signals.filter((each) => each.row === row), document, format, texts, terms), ...(annotated?.[1](row) ?? [])] : [];
    tip.hidden = here.length === 0;
    if (tip.hidden) return;
    tip.replaceChildren(h("time", "", {}, dates[row] ?? ""), ...here);
    placeTip(row);
  }
  /** Beside the bar, on the side with more room. */
  function placeTip(row: number): void {
    const x = scale.timeToCoordinate(dates[row] ?? "") ?? 0;
    const left = x > frame.clientWidth / 2;
    set(tip, { style: left ? `right:${Math.round(frame.clientWidth - x + 14)}px` : `left:${Math.round(x + 14)}px` });
  }
  chart.subscribeCrosshairMove(({ logical, hoveredInfo, sourceEvent }) => {
    if (!sourceEvent && logical !== undefined && at !== null) return; // Our own move, by the keyboard.
    at = null;
    const row = logical === undefined ? last : barAt(logical);
    update(row);
    // Zoomed out, a mark is wider than its bar.
    const mark = Number(hoveredInfo?.objectId ?? Number.NaN);
    tell(mark, mark >= 0);
  });
  function cross(row: number): void {
    at = row;
    const view = scale.getVisibleLogicalRange();
    if (view && (row < view.from + 1 || row > view.to - 1)) look(moved(view, row - (view.from + view.to) / 2, last, RIGHT_MARGIN));
    const close = bars.close[row];
    // The library throws where it has no scale yet.
    if (isNumber(close) && candles.priceToCoordinate(close) !== null) chart.setCrosshairPosition(close, dates[row] ?? "", candles);
    update(row);
    tell(row, true);
    say(spoken, [dates[row], isNumber(close) ? format.price(close) : "", tip.hidden ? "" : tip.textContent].filter(Boolean).join(", "));
  }
  function leave(): void {
    at = null;
    chart.clearCrosshairPosition();
    update(last);
    tip.hidden = true;
  }

  frame.addEventListener("keydown", (event) => {
    const command = commandOf(event);
    if (!command) return;
    const view = scale.getVisibleLogicalRange() ?? viewOf(initial);
    const from = at ?? Math.min(last, Math.floor(view.to));
    switch (command.do) {
      case "move": cross(barAt(from + (at === null ? 0 : command.by))); break;
      case "edge": cross(command.end === "first" ? 0 : last); break;
      case "signal": {
        const rows = marked(signals, chosen.marks === "none" ? "main" : chosen.marks).map(({ row }) => row);
        const next = command.by > 0 ? rows.find((row) => row > from) : rows.filter((row) => row < from).at(-1);
        if (next !== undefined) cross(next);
        break;
      }
      case "pan": look(moved(view, command.by * (view.to - view.from) * 0.8, last, RIGHT_MARGIN)); break;
      case "zoom": look(zoomed(view, command.by, at ?? view.to, last, RIGHT_MARGIN)); break;
      case "range": {
        const range = ranges[command.index];
        if (range) showRange(range);
        break;
      }
      case "log": pick({ log: !chosen.log }); break;
      case "reset": reset(); break;
      case "help": tools.help(); break;
      case "leave": if (!tools.leave()) leave(); break;
    }
    event.preventDefault();
    event.stopPropagation();
  }, { signal });
  frame.addEventListener("blur", leave, { signal });
  // A plain wheel scrolls the notebook; with Ctrl, and so a pinch on a touchpad, it zooms.
  frame.addEventListener("wheel", (event) => {
    const view = scale.getVisibleLogicalRange();
    if (!view || !event.ctrlKey) return;
    event.preventDefault();
    const under = scale.coordinateToLogical(event.clientX - frame.getBoundingClientRect().left) ?? view.to;
    look(zoomed(view, event.deltaY < 0 ? ZOOM_IN : 1 / ZOOM_IN, under, last, RIGHT_MARGIN));
  }, { signal, passive: false });

  // -- beginning and end --------------------------------------------------------------------------

  let sized = false;
  // Before it has a size the library squashes all bars into one; so bars and range wait for the first real size.
  onSize(frame, signal, (width, height) => {
    chart.resize(width, height);
    requestAnimationFrame(() => requestAnimationFrame(() => panes.place()));
    if (sized) return;
    sized = true;
    const view = memory.view ?? viewOf(initial);
    candles.setData(dates.map((time, i) => {
      const [open, high, low, close] = [bars.open[i], bars.high[i], bars.low[i], bars.close[i]];
      return isNumber(open) && isNumber(high) && isNumber(low) && isNumber(close) ? { time, open, high, low, close } : { time };
    }));
    recolour();
    look(view);
  });
  apply(chosen);
  legend.update(last);
  tools.update(rangeInView(), chosen);
  signal.addEventListener("abort", () => chart.remove());

  return {
    element: h("div", "sw-chart", {}, tools.element, h("div", "sw-chart-box", {}, legend.element, h("div", "sw-chart-place", {}, frame, panes.element, thinned, tip)), spoken),
    recolour,
    show(row) {
      frame.focus({ preventScroll: true });
      frame.scrollIntoView({ block: "nearest" });
      cross(row);
    },
    annotate(...more) {
      annotated = more;
      apply({ marks: chosen.marks });
    },
  };
}

function fixedOptions(format: Format): Parameters<typeof createChart>[1] & object {
  return {
    crosshair: { mode: CrosshairMode.Normal },
    rightPriceScale: { borderVisible: false },
    timeScale: { borderVisible: false, fixLeftEdge: true, minBarSpacing: 0.2, rightOffset: RIGHT_MARGIN, lockVisibleTimeRangeOnResize: true },
    // A wheel over the chart must scroll the notebook; zooming is a pinch or a drag of the axis.
    handleScroll: { mouseWheel: false, pressedMouseMove: true, horzTouchDrag: true, vertTouchDrag: false },
    handleScale: { mouseWheel: false, pinch: true, axisPressedMouseMove: true, axisDoubleClickReset: true },
    localization: { locale: format.t.lang, dateFormat: "yyyy-MM-dd" },
  };
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
