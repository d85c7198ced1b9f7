/** A result document with all its parts, small enough to be read. */

import { analysis } from "./page.ts";

const DATES = ["2024-12-26", "2024-12-27", "2024-12-30"];
const words = (en: string, zh: string, rule: [string, string] | null = null): object => ({
  title: { en, zh }, rule: rule && { en: rule[0], zh: rule[1] },
});
const factor = (key: string, changes: object): object => ({
  key, value: 11, threshold: 10.5, above: true, points: 0, max: 12, date: DATES[2], source: "sample", abstained: false, reason: null, ...changes,
});
const record = (key: string, changes: object): object => ({
  key, direction: 1, horizon: 20, n: 30, independent: 12, hit_rate: 0.58, base_hit_rate: 0.55, median: 0.01, base_median: 0.008,
  edge: 0.002, edge_low: -0.01, edge_high: 0.02, warnings: ["few", "spans_zero"], ...changes,
});

export function judged(changes: Record<string, unknown> = {}): Record<string, unknown> {
  const plain = analysis();
  return {
    ...plain,
    schema: 2,
    indicators: { ...(plain.indicators as object), macd_dif: [null, 0.1, 0.2], macd_dea: [null, 0.1, 0.17], macd_hist: [null, 0, 0.03], rsi_14: [null, 40, 55] },
    score: {
      value: 72, band: "buy", coverage: 0.75, least_coverage: 0.6, date: DATES[2], reason: null, history: [null, 50, 72],
      families: [
        {
          key: "trend", weight: 0.3, score: 60, points: 18, judged: 30, max: 30, coverage: 1,
          factors: [factor("close_sma_20", { points: 18, max: 18 }), factor("close_sma_50", { threshold: 12 })],
        },
        {
          key: "momentum", weight: 0.1, score: null, points: 0, judged: 0, max: 10, coverage: 0,
          factors: [factor("ret_252", { value: null, points: null, max: 10, abstained: true, reason: { key: "no_value", params: {} } })],
        },
      ],
      bands: [{ key: "buy", least: 60 }, { key: "hold", least: 40 }, { key: "sell", least: 0 }],
    },
    signals: { row: [1], date: [DATES[1]], key: ["golden_cross"], direction: [1], price: [11.5], value: [11.2], threshold: [11.1] },
    levels: [
      { kind: "support", price: 10, touches: 2, first: DATES[0], last: DATES[1], distance: -0.09 },
      { kind: "resistance", price: 13, touches: 3, first: DATES[0], last: DATES[1], distance: 0.18 },
    ],
    trend: { state: "up", strong: true, adx: 31, date: DATES[2], strong_adx: 25, reasons: [{ key: "close_sma_50", value: 11, threshold: 12, holds: false }] },
    risk: { first: DATES[0], last: DATES[2], year: 252, sharpe: 0.91, max_drawdown: -0.385, max_drawdown_peak: DATES[1], max_drawdown_trough: DATES[2], max_drawdown_recovered: null, beta: null, benchmark: null },
    seasonality: {
      months: Array.from({ length: 12 }, (_, i) => ({ month: i + 1, n: i === 0 ? 2 : 0, median: i === 0 ? 0.02 : null, mean: null, hit_rate: i === 0 ? 1 : null, worst: null, best: null, few: true })),
      returns: { year: [2023, 2024], month: [1, 1], value: [0.01, 0.03] }, least_years: 10,
    },
    sizing: { close: 11, atr: 0.5, multiple: 2, risk: 0.01, capital: 100_000, stop: 10, shares: 1000, value: 11_000, at_risk: 1000, reason: null },
    record: {
      horizons: [5, 20], level: 0.95, draws: 2000, least: 20,
      score: [record("buy", {})],
      signals: [record("golden_cross", { n: 40, independent: 40, median: 0.03, edge: 0.022, edge_low: 0.001, edge_high: 0.05, warnings: [] })],
      universe: { available: false, reason: { key: "no_universe", params: {} } },
    },
    fundamentals: { available: false, reason: { key: "source_has_none", params: { source: "sample" } } },
    quality: { bars: 3, halted: 3, longest_gap_days: 3, adjust: "adjusted", findings: [{ key: "halted", level: "info", params: { count: 3 } }] },
    terms: {
      families: { trend: words("Trend", "趋势"), momentum: words("Momentum", "动量") },
      factors: { close_sma_20: words("close above SMA 20", ""), close_sma_50: words("close above SMA 50", ""), ret_252: words("return above 0", "") },
      bands: { buy: words("Buy", "买入"), hold: words("Hold", "观望"), sell: words("Sell", "卖出") },
      signals: { golden_cross: words("Golden cross", "黄金交叉", ["SMA 50 crosses above SMA 200", "50 日均线上穿 200 日均线"]) },
      trend: { up: words("Up", "上升"), close_sma_50: words("close above SMA 50", "") },
      risk: { sharpe: words("Sharpe ratio", "夏普比率", ["mean over deviation", ""]), max_drawdown: words("Maximum drawdown", ""), beta: words("Beta", "") },
      reasons: {
        low_coverage: words("No score: {coverage} % of the points could be judged, {needed} % are needed.", ""), no_value: words("Too little history.", ""),
        source_has_none: words("The source {source} has none.", ""), no_universe: words("No other symbols at hand.", ""),
      },
      findings: { halted: words("{count} bars have no volume.", "{count} 根K线无成交量。") },
    },
    ...changes,
  };
}
