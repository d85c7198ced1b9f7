/** The result page of an analysis: first numbers, the chart with the score beside it, and the parts that fold. */

import { analysisEn } from "../i18n/analysis.en.ts";
import { analysisZh } from "../i18n/analysis.zh.ts";
import css from "./analysis.css?inline";
import { type ChartMemory, chartView } from "./chart.ts";
import { BY_WIDTH, choices } from "./choices.ts";
import type { AnalysisDocument } from "./documents.ts";
import { h } from "./dom.ts";
import { factorTable } from "./factors.ts";
import { eventTable, levelLadder, type Pen, qualityList, riskList, riskNumber, seasons, signalTable, sizingForm, sized, trendWords } from "./facts.ts";
import { fold } from "./fold.ts";
import { arrow, type Format, isNumber } from "./format.ts";
import { recordTables } from "./recordtable.ts";
import { scorecard } from "./scorecard.ts";
import { signalsOf } from "./signalmarks.ts";
import { addStyle } from "./style.ts";
import { termsOf } from "./terms.ts";
import { tiles } from "./tiles.ts";

/** What the reader has done to a view; outlives it, since JupyterLab rebuilds a cell's output. */
export interface Memory {
  chart?: ChartMemory;
  open?: Set<string>;
}

export interface ResultOptions {
  readonly document: AnalysisDocument;
  /** The card, whose theme and colours apply. */
  readonly root: HTMLElement;
  readonly format: Format;
  readonly signal: AbortSignal;
  readonly memory: Memory;
}

export interface ResultView {
  readonly element: HTMLElement;
  /** Read the colours again, after the host's theme or the reader's choice changed. */
  recolour(): void;
}

export interface AnalysisViews {
  resultView(options: ResultOptions): ResultView;
}

/** As the room in theme.css has it; px. */
const ROOMY = 960;

export function resultView({ document, root, format, signal, memory }: ResultOptions): ResultView {
  addStyle(root, "analysis", css);
  const texts = format.t.lang === "en" ? analysisEn : analysisZh;
  const terms = termsOf(document, format.t.lang);
  const pen: Pen = { document, format, texts, terms, signal };
  const chart = chartView({ ...pen, root, memory: (memory.chart ??= {}) });
  const { score } = document;
  const side = score ? scorecard(document, score, format, texts, terms) : null;
  const parts = sections(pen, (memory.open ??= unfolded(root)), chart.show);
  return {
    element: h("div", "sw-result", {},
      tiles(document, format, texts),
      h("div", side ? "sw-main" : "", {}, chart.element, side),
      parts.length > 0 ? h("div", "sw-parts", {}, ...parts) : null),
    recolour: () => chart.recolour(),
  };
}

/** In a wide card two parts stand open until the reader folds one. */
function unfolded(root: HTMLElement): Set<string> {
  const { open } = choices();
  return new Set(open.includes(BY_WIDTH) ? (root.clientWidth >= ROOMY ? ["signals", "risk"] : []) : open);
}

/** Two columns, each in its own order; one under the other where the card is narrow. */
function sections(pen: Pen, open: Set<string>, show: (row: number) => void): HTMLElement[] {
  const { document, format, texts, terms, signal } = pen;
  const { score, signals, record, levels, trend, risk, seasonality, sizing, fundamentals, quality } = document;
  const names = texts.sections;
  const part = (has: unknown, name: keyof typeof names, gist: () => string, body: () => (Node | null)[]): HTMLElement | null =>
    has ? fold({ name, title: names[name], gist: gist(), body, signal, open }) : null;
  const number = (key: string): string => {
    const value = risk?.[key];
    return isNumber(value) ? `${terms.title("risk", key)} ${riskNumber(key, value, format)}` : "";
  };
  const join = (...words: (string | false | undefined)[]): string => words.filter(Boolean).join(" · ");
  const all = signalsOf(document);
  const latest = all.at(-1);

  const left = [
    part(score, "factors", () => {
      const out = score?.families.flatMap(({ factors }) => factors).filter(({ abstained }) => abstained).length ?? 0;
      return join(texts.coverage(format.share(score?.coverage ?? 0, 0)), out > 0 && texts.abstained(format.count(out)));
    }, () => (score ? factorTable(score, format, texts, terms) : [])),
    part(signals, "signals", () => (latest ? `${document.bars.date[latest.row]} ${arrow(latest.direction)} ${terms.title("signals", latest.key)}` : ""),
      () => signalTable(all, pen, show)),
    part(levels ?? trend, "levels", () => {
      const near = (kind: string): string | undefined => {
        const found = levels?.find((level) => level.kind === kind);
        return found && `${texts.level[found.kind]} ${format.price(found.price)}`;
      };
      return join(trend && trendWords(trend, pen), near("support"), near("resistance"));
    }, () => levelLadder(pen)),
    part(record, "record", () => {
      const found = record?.signals.filter(({ horizon, warnings, n }) => horizon === 20 && n > 0 && warnings.length === 0).length ?? 0;
      return join(texts.bars("20"), `${texts.clear} ${found}`);
    }, () => (record ? recordTables(record, format, texts, terms, signal) : [])),
  ];
  const right = [
    part(risk, "risk", () => join(number("volatility"), number("max_drawdown"), number("sharpe")), () => riskList(pen)),
    part(seasonality, "seasonality", () => {
      const best = seasonality?.months.reduce((a, b) => ((b.median ?? -1) > (a.median ?? -1) ? b : a));
      return best && isNumber(best.median) ? `${texts.best(texts.months[best.month - 1] ?? "")} ${format.change(best.median)}` : "";
    }, () => (seasonality ? seasons(seasonality, pen) : [])),
    part(sizing, "sizing", () => {
      if (!sizing || !isNumber(sizing.atr)) return "";
      const { shares, stop } = sized(sizing.close, sizing.atr, sizing.capital, sizing.risk, sizing.multiple);
      return join(`${texts.shares} ${format.count(shares)}`, `${texts.stop} ${format.price(stop)}`);
    }, () => (sizing ? sizingForm(sizing, pen) : [])),
    part(fundamentals, "fundamentals", () => (!fundamentals?.available
      ? texts.notAvailable
      : join(isNumber(fundamentals.dividend_yield) && `${texts.yield} ${format.share(fundamentals.dividend_yield, 2)}`, fundamentals.as_of)), () => eventTable(pen)),
    part(quality, "quality", () => {
      const found = quality?.findings[0];
      return found ? terms.sentence("findings", found) : texts.nothingOdd;
    }, () => qualityList(pen)),
  ];
  return [left, right].map((column) => column.filter((each) => each !== null)).filter((column) => column.length > 0)
    .map((column) => h("div", "sw-column", {}, ...column));
}
