/** Where a card finds the view of an analysis' result. */

import { Bundle, fromKernel, fromServer, type Channel, type Way } from "./bundle.ts";
import { systemClock } from "./client/clock.ts";
import type { AnalysisViews } from "./views/result.ts";

/** Of the analysis.js that was built with this bundle; build.mjs puts it in. */
declare const ANALYSIS_DIGEST: string | undefined;

const NAME = "analysis.js";
const digest = typeof ANALYSIS_DIGEST === "string" ? ANALYSIS_DIGEST : "unbuilt";

export type AnalysisBundle = Bundle<AnalysisViews>;

export interface Places {
  /** `<base_url>stockwidget/` of the page's server, absolute; null where the page has none. */
  readonly server: string | null;
  /** A kernel's model; null where no kernel is behind the card. */
  readonly kernel: Channel | null;
  readonly signal: AbortSignal;
}

export function analysisBundle({ server, kernel, signal }: Places): AnalysisBundle {
  const ways: Way<AnalysisViews>[] = [];
  if (server !== null) ways.push(fromServer(server, NAME, digest));
  if (kernel) ways.push(fromKernel(kernel, NAME, signal));
  return new Bundle({ name: NAME, digest, clock: systemClock, ways });
}
