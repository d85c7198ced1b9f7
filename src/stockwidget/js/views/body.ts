/** The body of a card: the result, what there is of it so far, or the room it will need. */

import type { AnalysisBundle } from "../analysisbundle.ts";
import { isTerminal, type Snapshot } from "../client/protocol.ts";
import { type AnalysisDocument, partialScan, type ResultDocument } from "./documents.ts";
import { h } from "./dom.ts";
import type { Format } from "./format.ts";
import { type Notice, noticeView } from "./notice.ts";
import type { Memory, ResultView } from "./result.ts";
import { type ScanView, scanView } from "./scan.ts";

export interface BodyOptions {
  readonly format: Format;
  readonly signal: AbortSignal;
  readonly analysis: AnalysisBundle;
  readonly memory: Memory;
}

export interface BodyView {
  readonly element: HTMLElement;
  update(snapshot: Snapshot, document: ResultDocument | null, noticed: boolean, root: HTMLElement): void;
  recolour(): void;
}

export function bodyView({ format, signal, analysis, memory }: BodyOptions): BodyView {
  const { t } = format;
  const element = h("div", "sw-body");
  let shown: unknown = null;
  let result: ResultView | null = null;
  let scan: ScanView | null = null;
  let habit: string | undefined;
  let latest: Parameters<BodyView["update"]> | null = null;

  const put = (source: unknown, make: () => HTMLElement[]): void => {
    if (shown === source) return;
    shown = source;
    element.replaceChildren(...make());
  };

  const putAnalysis = (document: AnalysisDocument, root: HTMLElement): void => {
    const { module, failed } = analysis.state;
    if (!module) {
      analysis.load();
      const notice: Notice = { tone: "quiet", title: t.viewTitle, lines: [t.viewText], retry: true };
      return put(failed ? "failed" : "room", () =>
        failed ? [h("div", "sw-body-notice", {}, noticeView(notice, format, signal, () => analysis.retry()))] : room());
    }
    put(document, () => {
      result = module.resultView({ document, root, format, signal, memory });
      return [result.element];
    });
    if (root.dataset.habit !== habit) result?.recolour();
    habit = root.dataset.habit;
  };

  const view: BodyView = {
    element,
    update(snapshot, document, noticed, root) {
      latest = [snapshot, document, noticed, root];
      const { state, partial } = snapshot;
      if (document?.kind === "analysis") putAnalysis(document, root);
      else if (state.kind === "scan" || document) {
        const hasRows = Array.isArray(partial.rows) && partial.rows.length > 0;
        if (noticed && !hasRows) return put("nothing", () => []);
        scan ??= scanView(format, signal);
        const rows = scan;
        put(rows, () => [rows.element]);
        rows.update(document ?? partialScan(partial, state.counters, state.params), !isTerminal(state.status));
      } else if (noticed) put("nothing", () => []);
      else {
        if (state.kind === "analysis") analysis.load(); // So that it is here before the result.
        put("room", room);
      }
    },
    recolour() {
      result?.recolour();
    },
  };
  signal.addEventListener("abort", analysis.watch(() => latest && view.update(...latest)));
  return view;
}

/** The result's place while there is nothing to draw, so that its arrival moves nothing. */
function room(): HTMLElement[] {
  const tile = (name: string): HTMLElement => h("div", `sw-tile ${name}`, {}, h("span", "sw-label", {}, " "), h("span", "sw-ghost"));
  const tiles = ["", "", "", "sw-drawdown", "sw-range52"].map(tile);
  return [
    h("div", "sw-tiles", { "aria-hidden": "true" }, ...tiles),
    h("div", "sw-chart sw-chart-ghost", { "aria-hidden": "true" }, h("div", "sw-toolbar"), h("div", "sw-chart-box")),
  ];
}
