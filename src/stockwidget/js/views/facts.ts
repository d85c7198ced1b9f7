/** The folding parts of an analysis' result beside score and record: signals, levels, risk, months, sizing, data. */

import type { AnalysisCatalogue } from "../i18n/analysis.en.ts";
import type { DetailsCatalogue } from "../i18n/details.en.ts";
import type { AnalysisDocument, Seasonality, Sizing, Trend } from "./documents.ts";
import { button, h, say } from "./dom.ts";
import { arrow, direction, type Format, isNumber, MISSING } from "./format.ts";
import { plain, type Signal } from "./signalmarks.ts";
import { table } from "./table.ts";
import type { Terms } from "./terms.ts";

export type Texts = AnalysisCatalogue & DetailsCatalogue;

/** What all parts are drawn with. */
export interface Pen {
  readonly document: AnalysisDocument;
  readonly format: Format;
  readonly texts: Texts;
  readonly terms: Terms;
  readonly signal: AbortSignal;
}

const RECENT = 8;

/** The latest first; each row brings its bar into the chart. */
export function signalTable(signals: readonly Signal[], { document, format, texts, terms, signal }: Pen, show: (row: number) => void): HTMLElement[] {
  if (signals.length === 0) return [h("p", "sw-note", {}, texts.noSignals)];
  const latest = [...signals].reverse();
  const columns = [{ label: texts.date }, { label: texts.signal }, { label: texts.rule, priority: 3 as const }, { label: texts.value, number: true, priority: 2 as const }];
  const draw = (some: readonly Signal[]): HTMLElement =>
    table("signals", texts.sections.signals, columns, some.map(({ row, key, direction: side, value, threshold }) => {
      const date = button("sw-link", document.bars.date[row] ?? "", signal, () => show(row));
      const compared = [value, threshold].filter(isNumber).map((number) => plain(number, format)).join(" / ");
      return [
        date,
        h("span", `sw-${direction(side)}`, { title: texts.side[String(side)] }, `${arrow(side) || "●"} ${terms.title("signals", key)}`),
        terms.rule("signals", key),
        compared || MISSING,
      ];
    }));
  const place = h("div", "", {}, draw(latest.slice(0, RECENT)));
  if (latest.length <= RECENT) return [place];
  const all = button("sw-show-all", texts.showAll(format.count(latest.length)), signal, () => {
    place.replaceChildren(draw(latest));
    place.classList.add("sw-scroll");
    all.remove();
  });
  return [place, all];
}

export function trendWords(trend: Trend, { terms }: Pen): string {
  const state = terms.title("trend", trend.state);
  return isNumber(trend.adx) ? `${state} · ADX ${Math.round(trend.adx)}` : state;
}

/** Resistances above the close, supports below it, as they stand on a price scale. */
export function levelLadder({ document: { levels = [], summary, trend }, format, texts, terms }: Pen): HTMLElement[] {
  const close = summary.last_close;
  const rung = (kind: string, words: string, price: number, distance: number | null, more: string): { price: number; row: HTMLElement } => ({
    price,
    row: h("tr", "", { "data-kind": kind },
      h("th", "", { scope: "row" }, words), h("td", "sw-num", {}, format.price(price)),
      h("td", `sw-num ${distance === null ? "" : `sw-${direction(distance)}`}`, {}, distance === null ? "" : format.change(distance)),
      h("td", "", { "data-priority": 2 }, more)),
  });
  const rungs = levels.map(({ kind, price, distance, touches, last }) =>
    rung(kind, texts.level[kind], price, distance, texts.touches(format.count(touches), last)));
  if (isNumber(close)) rungs.push(rung("close", texts.lastClose, close, null, ""));
  const reasons = (trend?.reasons ?? []).map(({ key, holds }) =>
    h("li", "", {}, h("b", "", { "aria-hidden": "true" }, holds === null ? MISSING : holds ? "✓ " : "✗ "), terms.title("trend", key)));
  return [
    trend ? h("ul", "sw-reasons", {}, ...reasons) : null,
    levels.length > 0
      ? h("table", "sw-facts sw-ladder", { "aria-label": texts.levels }, h("tbody", "", {}, ...rungs.sort((a, b) => b.price - a.price).map(({ row }) => row)))
      : h("p", "sw-note", {}, texts.noLevels),
  ].filter((part) => part !== null);
}

const PERCENT = new Set(["annual_return", "volatility", "downside_deviation", "max_drawdown", "var_95", "cvar_95", "worst_day", "alpha"]);

export function riskNumber(key: string, value: number, format: Format): string {
  if (key === "volatility" || key === "downside_deviation" || key === "halted_share") return format.share(value);
  if (PERCENT.has(key)) return format.change(value);
  if (key === "traded_value") return format.volume(value);
  return key === "illiquidity" ? value.toExponential(1).replace("-", "−") : format.decimal(value, 2);
}

/** Each number with its definition at hand. */
export function riskList({ document: { risk = {}, terms: words }, format, texts, terms }: Pen): HTMLElement[] {
  const beside: Readonly<Record<string, string>> = {
    max_drawdown: risk.max_drawdown_peak
      ? [texts.fromTo(String(risk.max_drawdown_peak), String(risk.max_drawdown_trough)), risk.max_drawdown_recovered ? "" : texts.notRecovered].filter(Boolean).join(", ")
      : "",
    worst_day: String(risk.worst_day_date ?? ""),
    beta: risk.benchmark ? texts.benchmark(String(risk.benchmark)) : texts.noBenchmark,
    alpha: risk.benchmark ? texts.benchmark(String(risk.benchmark)) : texts.noBenchmark,
  };
  const entries = Object.keys(words?.risk ?? {}).map((key) => {
    const value = risk[key];
    return h("div", "", {},
      h("dt", "", { title: terms.rule("risk", key) }, terms.title("risk", key)),
      h("dd", "", {}, isNumber(value) ? riskNumber(key, value, format) : MISSING, beside[key] ? h("small", "", {}, beside[key]) : null));
  });
  return [h("dl", "sw-numbers", {}, ...entries), h("p", "sw-note", {}, texts.riskNote(String(risk.first), String(risk.last), String(risk.year)))];
}

/** One bar a month, and under it each year's return of that month. */
export function seasons({ months, returns, least_years }: Seasonality, { format, texts }: Pen): HTMLElement[] {
  const reach = Math.max(...months.map(({ median }) => Math.abs(median ?? 0)), 0.001);
  const deepest = Math.max(...returns.value.map(Math.abs), 0.001);
  // A tenth of a percent, without a minus sign before nothing.
  const whole = (value: number): string => format.decimal(Math.round(1000 * value) / 10 || 0, 1);
  const bars = months.map(({ median, hit_rate, n }, i) => {
    const tone = direction(median ?? 0);
    const bar = h("span", `sw-month-bar sw-${tone}`, {});
    bar.style.height = `${(50 * Math.abs(median ?? 0)) / reach}%`;
    const words = isNumber(median) ? texts.monthTip(format.change(median), format.share(hit_rate ?? 0, 0), format.count(n)) : MISSING;
    return h("td", "", { title: words, "aria-label": `${texts.months[i]}: ${words}` }, h("span", "sw-month", { "data-side": tone }, bar));
  });
  const years = [...new Set(returns.year)].reverse();
  const cells = (year: number): HTMLElement[] => months.map(({ month }) => {
    const at = returns.year.findIndex((each, i) => each === year && returns.month[i] === month);
    const value = returns.value[at];
    if (!isNumber(value)) return h("td", "");
    const cell = h("td", `sw-heat sw-${direction(value)}`, {}, whole(value));
    cell.style.setProperty("--sw-heat", `${Math.round((38 * Math.abs(value)) / deepest + 4)}%`);
    return cell;
  });
  const row = (name: string, className: string, made: readonly HTMLElement[]): HTMLElement => h("tr", className, {}, h("th", "", { scope: "row" }, name), ...made);
  const few = months.some((month) => month.few);
  return [
    h("div", "sw-facts-box", {}, h("table", "sw-facts sw-months", { "aria-label": texts.sections.seasonality },
      h("thead", "", {}, h("tr", "", {}, h("th", "", {}, "%"), ...texts.months.map((name) => h("th", "", { scope: "col" }, name)))),
      h("tbody", "", {},
        row(texts.median, "sw-month-bars", bars),
        row("", "sw-month-medians", months.map(({ median }) => h("td", "", {}, isNumber(median) ? whole(median) : MISSING))),
        row(texts.hit, "", months.map(({ hit_rate }) => h("td", "", {}, isNumber(hit_rate) ? format.decimal(100 * hit_rate, 0) : MISSING))),
        ...years.map((year) => row(String(year), "sw-year", cells(year)))))),
    ...(few ? [h("p", "sw-note sw-warn", {}, texts.fewYears(String(least_years)))] : []),
  ];
}

/** Van Tharp's rule with the reader's own numbers; as `risk.size` in Python. */
export function sized(close: number, atr: number, capital: number, risk: number, multiple: number): { stop: number; shares: number } {
  const distance = Math.min(multiple * atr, close);
  return { stop: close - distance, shares: Math.floor(Math.min((capital * risk) / distance, capital / close)) };
}

export function sizingForm(sizing: Sizing, { document, format, texts, terms, signal }: Pen): HTMLElement[] {
  const { close, atr } = sizing;
  if (!isNumber(atr) || atr <= 0) return [h("p", "sw-note", {}, terms.sentence("reasons", sizing.reason))];
  const field = (label: string, value: number, step: string): [HTMLElement, HTMLInputElement] => {
    const input = h("input", "", { type: "number", min: 0, step, value });
    return [h("label", "", {}, label, input), input];
  };
  const [capital, capitalIn] = field(`${texts.capital}${document.currency ? ` ${document.currency}` : ""}`, sizing.capital, "1000");
  const [risk, riskIn] = field(`${texts.riskShare} %`, 100 * sizing.risk, "0.25");
  const [multiple, multipleIn] = field(texts.stopAt, sizing.multiple, "0.5");
  const out = (["shares", "stop", "worth", "atRisk"] as const).map((key) => {
    const value = h("dd", "");
    return { key, value, element: h("div", "", {}, h("dt", "", {}, texts[key]), value) };
  });
  const compute = (): void => {
    const given = [capitalIn, riskIn, multipleIn].map(({ valueAsNumber }) => valueAsNumber) as [number, number, number];
    const usable = given.every((number) => number > 0);
    const { stop, shares } = sized(close, atr, given[0], given[1] / 100, given[2]);
    const shown = { shares: format.count(shares), stop: format.price(stop), worth: format.count(shares * close), atRisk: format.count(shares * (close - stop)) };
    for (const { key, value } of out) say(value, usable ? shown[key] : MISSING);
  };
  for (const input of [capitalIn, riskIn, multipleIn]) input.addEventListener("input", compute, { signal });
  compute();
  return [
    h("div", "sw-fields", {}, capital, risk, multiple),
    h("dl", "sw-numbers", {}, ...out.map(({ element }) => element)),
    h("p", "sw-note", {}, texts.sizingNote),
  ];
}

export function qualityList({ document: { quality, provenance }, format, texts, terms }: Pen): HTMLElement[] {
  if (!quality) return [];
  const { fetched_at: fetched } = provenance;
  const moment = typeof fetched === "number" ? new Date(fetched).toISOString() : fetched;
  const findings = quality.findings.map((found) =>
    h("li", "", { "data-level": found.level }, found.level === "warning" ? "⚠ " : "· ", terms.sentence("findings", found)));
  return [
    h("ul", "sw-findings", {}, ...(findings.length > 0 ? findings : [h("li", "", {}, `✓ ${texts.nothingOdd}`)])),
    h("p", "sw-note", {}, [format.t.bars(format.count(quality.bars)), texts.halted(format.count(quality.halted)), texts.gap(format.count(quality.longest_gap_days)), moment ? texts.fetched(`${moment.slice(0, 10)} ${moment.slice(11, 16)} UTC`) : ""].filter(Boolean).join(" · ")),
  ];
}
