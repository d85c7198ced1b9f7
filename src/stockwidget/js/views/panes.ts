/** What a chart can show, as a table: lines over the candles, and panes beneath that share their time axis. */

import type { AnalysisDocument } from "./documents.ts";

export interface Line {
  /** Of `indicators`, or `volume`, or `score`. */
  readonly key: string;
  readonly name: string;
  /** Of the palette; bars are coloured by their direction. */
  readonly tone: "a" | "b" | "c" | "bars";
}

export interface Pane {
  readonly lines: readonly Line[];
  /** Levels that the indicator is read by. */
  readonly guides?: readonly number[];
  readonly digits: number | "volume";
}

const line = (key: string, name: string, tone: Line["tone"]): Line => ({ key, name, tone });

/** In the order in which they stand. */
export const PANES: Readonly<Record<string, Pane>> = {
  volume: { lines: [line("volume", "", "bars")], digits: "volume" },
  macd: { lines: [line("macd_hist", "MACD", "bars"), line("macd_dif", "DIF", "a"), line("macd_dea", "DEA", "b")], digits: 3 },
  rsi: { lines: [line("rsi_14", "", "c")], guides: [30, 70], digits: 1 },
  kdj: { lines: [line("kdj_k", "K", "a"), line("kdj_d", "D", "b"), line("kdj_j", "J", "c")], guides: [20, 80], digits: 1 },
  adx: { lines: [line("adx_14_adx", "ADX", "c"), line("adx_14_plus_di", "+DI", "a"), line("adx_14_minus_di", "−DI", "b")], guides: [25], digits: 1 },
  mfi: { lines: [line("mfi_14", "", "a")], guides: [20, 80], digits: 1 },
  obv: { lines: [line("obv", "", "b")], digits: "volume" },
  score: { lines: [line("score", "", "a")], guides: [20, 40, 60, 80], digits: 0 },
};

export function valuesOf({ bars, indicators, score }: AnalysisDocument, key: string): readonly (number | null)[] | undefined {
  return key === "volume" ? bars.volume : key === "score" ? score?.history : indicators[key];
}

/** Names of the panes that `document` has something for. */
export function panesOf(document: AnalysisDocument): readonly string[] {
  return Object.keys(PANES).filter((name) => PANES[name]?.lines.every(({ key }) => valuesOf(document, key)?.some((value) => value !== null)));
}
