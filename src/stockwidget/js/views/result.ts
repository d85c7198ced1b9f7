/** The result of an analysis: numbers, then the chart. */

import type { AnalysisDocument } from "./documents.ts";
import { chartView } from "./chart.ts";
import { h } from "./dom.ts";
import type { Format } from "./format.ts";
import { addStyle } from "./style.ts";
import { tiles } from "./tiles.ts";
import css from "./analysis.css?inline";

/** What the reader has done to a view; outlives it, since JupyterLab rebuilds a cell's output. */
export type Memory = Record<string, unknown>;

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

export function resultView({ document, root, format, signal }: ResultOptions): ResultView {
  addStyle(root, "analysis", css);
  const chart = chartView(document, root, format, signal);
  return { element: h("div", "sw-result", {}, tiles(document, format), chart.element), recolour: () => chart.recolour() };
}
