/** The table of a scan: a bundle of its own. See bundle.ts. */

import { partialScan } from "./views/documents.ts";
import type { LiveOptions, LiveView } from "./views/live.ts";
import { scanView } from "./views/scan.ts";

export function liveView(options: LiveOptions): LiveView {
  const { element, update } = scanView(options);
  return {
    element,
    update({ state, partial }, result) {
      const document = result?.kind === "scan" ? result : partialScan(partial, state.counters, state.params);
      update(document, state, result !== null);
    },
  };
}
