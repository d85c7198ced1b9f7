/** The result page of an analysis: first numbers, the chart with the score beside it, and the parts that fold. */

import type { Bundle } from "../bundle.ts";
import { analysisEn } from "../i18n/analysis.en.ts";
import { analysisZh } from "../i18n/analysis.zh.ts";
import css from "./analysis.css?inline";
import type { Charting } from "./charting.ts";
import { type ChartMemory, chartView } from "./chart.ts";
import { BY_WIDTH, choices } from "./choices.ts";
import type { DetailsViews } from "./details.ts";
import type { AnalysisDocument } from "./documents.ts";
import { button, h } from "./dom.ts";
import type { Format } from "./format.ts";
import { columnClass, placesOf } from "./places.ts";
import type { ScanMemory } from "./scan.ts";
import type { StudyMemory } from "./study.ts";
import { scorecard } from "./scorecard.ts";
import { addStyle } from "./style.ts";
import { termsOf } from "./terms.ts";
import { tiles } from "./tiles.ts";

/** What the reader has done to a view; outlives it, since JupyterLab rebuilds a cell's output. */
export interface Memory {
  chart?: ChartMemory;
  open?: Set<string>;
  scan?: ScanMemory;
  study?: StudyMemory;
}

export interface ResultOptions {
  readonly document: AnalysisDocument;
  /** The card, whose theme and colours apply. */
  readonly root: HTMLElement;
  readonly format: Format;
  readonly signal: AbortSignal;
  readonly memory: Memory;
  /** What draws the parts below the chart. */
  readonly details: Bundle<DetailsViews>;
}

export interface ResultView {
  readonly element: HTMLElement;
  /** Read the colours again, after the host's theme or the reader's choice changed. */
  recolour(): void;
}

export interface AnalysisViews {
  /** For the bundles that draw other charts. */
  readonly charting: Charting;
  resultView(options: ResultOptions): ResultView;
}

/** As the room in theme.css has it; px. */
const ROOMY = 960;

export function resultView({ document, root, format, signal, memory, details }: ResultOptions): ResultView {
  addStyle(root, "analysis", css);
  const texts = format.t.lang === "en" ? analysisEn : analysisZh;
  const terms = termsOf(document, format.t.lang);
  const chart = chartView({ document, format, texts, terms, signal, root, memory: (memory.chart ??= {}) });
  const { score } = document;
  const side = score ? scorecard(document, score, format, texts, terms) : null;
  const open = (memory.open ??= unfolded(root));

  const places = placesOf(document);
  const parts = h("div", "sw-parts", { hidden: places.length === 0 });
  const unwatch = details.watch(() => fill());
  const fill = (): void => {
    const { module, failed } = details.state;
    if (module) {
      unwatch();
      parts.replaceChildren(...module.detailsView({ document, root, format, texts, terms, signal, open, chart }));
    } else if (failed) {
      parts.replaceChildren(h("p", "sw-parts-failed", {}, texts.partsFailed, " ", button("sw-link", texts.partsAgain, signal, () => details.retry())));
    } else parts.replaceChildren(...places.map((column) => h("div", columnClass(column), {}, ...column.map((name) => ghost(name, open.has(name))))));
  };
  signal.addEventListener("abort", unwatch);
  if (places.length > 0) details.load();
  fill();

  return {
    element: h("div", "sw-result", {},
      tiles(document, format, texts),
      h("div", side ? "sw-main" : "", {}, chart.element, side),
      parts),
    recolour: () => chart.recolour(),
  };
}

/** In a wide card two parts stand open until the reader folds one. */
function unfolded(root: HTMLElement): Set<string> {
  const { open } = choices();
  return new Set(open.includes(BY_WIDTH) ? (root.clientWidth >= ROOMY ? ["signals", "risk"] : []) : open);
}

/** The place of a part that is on its way, as high as it will be when it is folded. */
function ghost(name: string, open: boolean): HTMLElement {
  return h("details", `sw-fold sw-fold-${name} sw-fold-ghost`, { open, "aria-hidden": "true" },
    h("summary", "", { tabindex: -1 }, h("h3", "", {}, "\u00a0")), h("div", "sw-fold-body"));
}
