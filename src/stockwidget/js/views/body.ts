/** The body of a card: the result, what there is of it so far, or the room it will need. */

import { isTerminal, type Snapshot } from "../client/protocol.ts";
import { type ChartView, chartView, ghostChart } from "./chart.ts";
import { partialScan, type ResultDocument } from "./documents.ts";
import { h } from "./dom.ts";
import type { Format } from "./format.ts";
import { type ScanView, scanView } from "./scan.ts";
import { ghostTiles, tiles } from "./summary.ts";

export interface BodyView {
  readonly element: HTMLElement;
  update(snapshot: Snapshot, document: ResultDocument | null, noticed: boolean, root: HTMLElement): void;
  recolour(): void;
}

export function bodyView(format: Format, signal: AbortSignal): BodyView {
  const element = h("div", "sw-body");
  let shown: unknown = null;
  let chart: ChartView | null = null;
  let scan: ScanView | null = null;
  let habit: string | undefined;

  const put = (source: unknown, make: () => HTMLElement[]): void => {
    if (shown === source) return;
    shown = source;
    element.replaceChildren(...make());
  };

  return {
    element,
    update(snapshot, document, noticed, root) {
      const { state, partial } = snapshot;
      if (document?.kind === "analysis") {
        put(document, () => {
          chart = chartView(document, root, format, signal);
          return [tiles(document, format), chart.element];
        });
        if (root.dataset.habit !== habit) chart?.recolour();
        habit = root.dataset.habit;
      } else if (state.kind === "scan" || document) {
        const hasRows = Array.isArray(partial.rows) && partial.rows.length > 0;
        if (noticed && !hasRows) return put("nothing", () => []);
        scan ??= scanView(format, signal);
        const view = scan;
        put(view, () => [view.element]);
        view.update(document ?? partialScan(partial, state.counters, state.params), !isTerminal(state.status));
      } else if (noticed) put("nothing", () => []);
      else put("room", () => [ghostTiles(format), ghostChart()]);
    },
    recolour() {
      chart?.recolour();
    },
  };
}
