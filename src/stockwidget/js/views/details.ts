/** The parts below an analysis' chart, each folded or open: why the score, signals, levels, record, risk and the rest. */

import type { AnalysisCatalogue } from "../i18n/analysis.en.ts";
import { detailsEn } from "../i18n/details.en.ts";
import { detailsZh } from "../i18n/details.zh.ts";
import css from "./details.css?inline";
import { Badges } from "./badges.ts";
import type { ChartView } from "./chart.ts";
import { commentaryView } from "./commentary.ts";
import { companyTables, eventDays, eventTip, figureText } from "./company.ts";
import type { AnalysisDocument } from "./documents.ts";
import { h } from "./dom.ts";
import { factorTable } from "./factors.ts";
import { levelLadder, type Pen, qualityList, riskList, riskNumber, seasons, signalTable, sizingForm, sized, trendWords } from "./facts.ts";
import { fold } from "./fold.ts";
import { arrow, type Format, isNumber } from "./format.ts";
import type { LiveViews } from "./live.ts";
import { columnClass, type Place, placesOf } from "./places.ts";
import { recordTables } from "./recordtable.ts";
import { reportText } from "./reporttext.ts";
import { signalsOf } from "./signalmarks.ts";
import { addStyle } from "./style.ts";
import type { Terms } from "./terms.ts";

export interface DetailsOptions {
  readonly document: AnalysisDocument;
  readonly root: HTMLElement;
  readonly format: Format;
  /** The words that the chart uses too. */
  readonly texts: AnalysisCatalogue;
  readonly terms: Terms;
  readonly signal: AbortSignal;
  /** Names that are unfolded; outlives the view. */
  readonly open: Set<string>;
  readonly chart: Pick<ChartView, "annotate" | "show">;
}

export interface DetailsViews extends LiveViews {
  /** Columns of folding parts. */
  detailsView(options: DetailsOptions): HTMLElement[];
}

interface Part {
  readonly gist: () => string;
  readonly body: () => (Node | null)[];
}

export function detailsView({ root, open, chart, ...rest }: DetailsOptions): HTMLElement[] {
  addStyle(root, "details", css);
  const own = rest.format.t.lang === "en" ? detailsEn : detailsZh;
  const pen: Pen = { ...rest, texts: { ...rest.texts, ...own } };
  const parts = partsOf(pen, chart.show);
  const days = eventDays(pen);
  if (days.length > 0) {
    chart.annotate(new Badges(days), (row) => eventTip(days.find((day) => day.row === row)?.events ?? [], pen));
  }
  return placesOf(pen.document).map((column) =>
    h("div", columnClass(column), {}, ...column.map((name) =>
      fold({ name, title: own.sections[name], gist: parts[name].gist(), body: parts[name].body, signal: pen.signal, open }))));
}

function partsOf(pen: Pen, show: (row: number) => void): Record<Place, Part> {
  const { document, format, texts, terms, signal } = pen;
  const { score, signals, record, levels, trend, risk, seasonality, sizing, fundamentals, quality } = document;
  const number = (key: string): string => {
    const value = risk?.[key];
    return isNumber(value) ? `${terms.title("risk", key)} ${riskNumber(key, value, format)}` : "";
  };
  const all = signalsOf(document);

  const paragraphs = document.report?.[format.t.lang === "en" ? "en" : "zh"] ?? [];

  return {
    report: { gist: () => paragraphs[0]?.lines[0] ?? "", body: () => [
      ...reportText(paragraphs, document, format, texts, signal), document.commentary ? commentaryView(document.commentary, format, texts) : null] },
    factors: {
      gist() {
        const out = score?.families.flatMap(({ factors }) => factors).filter(({ abstained }) => abstained).length ?? 0;
        return join(texts.coverage(format.share(score?.coverage ?? 0, 0)), out > 0 && texts.abstained(format.count(out)));
      },
      body: () => (score ? factorTable(score, format, texts, terms) : []),
    },
    signals: {
      gist() {
        const latest = all.at(-1);
        return latest ? `${document.bars.date[latest.row]} ${arrow(latest.direction)} ${terms.title("signals", latest.key)}` : "";
      },
      body: () => (signals ? signalTable(all, pen, show) : []),
    },
    levels: {
      gist() {
        const near = (kind: string): string | undefined => {
          const found = levels?.find((level) => level.kind === kind);
          return found && `${texts.level[found.kind]} ${format.price(found.price)}`;
        };
        return join(trend && trendWords(trend, pen), near("support"), near("resistance"));
      },
      body: () => levelLadder(pen),
    },
    record: {
      gist() {
        const found = record?.signals.filter(({ horizon, warnings, n }) => horizon === 20 && n > 0 && warnings.length === 0).length ?? 0;
        return join(texts.bars("20"), `${texts.clear} ${found}`);
      },
      body: () => (record ? recordTables(record, format, texts, terms, signal) : []),
    },
    risk: { gist: () => join(number("volatility"), number("max_drawdown"), number("sharpe")), body: () => riskList(pen) },
    seasonality: {
      gist() {
        const best = seasonality?.months.reduce((a, b) => ((b.median ?? -1) > (a.median ?? -1) ? b : a));
        return best && isNumber(best.median) ? `${texts.best(texts.months[best.month - 1] ?? "")} ${format.change(best.median)}` : "";
      },
      body: () => (seasonality ? seasons(seasonality, pen) : []),
    },
    sizing: {
      gist() {
        if (!sizing || !isNumber(sizing.atr)) return "";
        const { shares, stop } = sized(sizing.close, sizing.atr, sizing.capital, sizing.risk, sizing.multiple);
        return join(`${texts.shares} ${format.count(shares)}`, `${texts.stop} ${format.price(stop)}`);
      },
      body: () => (sizing ? sizingForm(sizing, pen) : []),
    },
    fundamentals: {
      gist: () => (!fundamentals?.available
        ? texts.notAvailable
        : join(...GIST.map((key) => {
          const figure = fundamentals.figures?.find((each) => each.key === key);
          return figure && `${terms.title("facts", key)} ${figureText(figure, format)}`;
        }), fundamentals.as_of)),
      body: () => companyTables(pen, show),
    },
    quality: {
      gist() {
        const found = quality?.findings[0];
        return found ? terms.sentence("findings", found) : texts.nothingOdd;
      },
      body: () => qualityList(pen),
    },
  };
}

/** Figures that are told while the part is folded. */
const GIST = ["pe_ttm", "pb", "roe", "dividend_yield"];

const join = (...words: (string | false | null | undefined)[]): string => words.filter(Boolean).join(" · ");
