/** Where a card finds its parts: the views of results, each a bundle of its own. */

import { Bundle, fromKernel, fromServer, fromText, type Channel, type Way } from "./bundle.ts";
import { systemClock } from "./client/clock.ts";
import type { ErrorWords } from "./views/format.ts";
import type { DetailsViews } from "./views/details.ts";
import type { LiveViews } from "./views/live.ts";
import type { AnalysisViews } from "./views/result.ts";

/** Of the parts that were built with this bundle; build.mjs puts it in. */
declare const PART_DIGESTS: Readonly<Record<string, string>> | undefined;

export interface Parts {
  readonly analysis: Bundle<AnalysisViews>;
  readonly details: Bundle<DetailsViews>;
  readonly scan: Bundle<LiveViews>;
  readonly study: Bundle<LiveViews>;
  readonly errors: Bundle<ErrorWords>;
}

export interface Places {
  /** `<base_url>stockwidget/` of the page's server, absolute; null where the page has none. */
  readonly server: string | null;
  /** A kernel's model; null where no kernel is behind the card. */
  readonly kernel: Channel | null;
  /** Texts that came with the model. */
  readonly texts?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export function partsFrom(places: Places): Parts {
  return {
    analysis: part("analysis.js", places), details: part("details.js", places),
    scan: part("scan.js", places), study: part("study.js", places), errors: part("errors.js", places),
  };
}

function part<T>(name: string, { server, kernel, texts, signal }: Places): Bundle<T> {
  const digest = (typeof PART_DIGESTS === "object" ? PART_DIGESTS[name] : undefined) ?? "unbuilt";
  const text = texts?.[name];
  const ways: Way<T>[] = [];
  if (text !== undefined) ways.push(() => fromText<T>(text));
  if (server !== null) ways.push(fromServer(server, name, digest));
  if (kernel) ways.push(fromKernel(kernel, name, signal));
  return new Bundle({ name, digest, clock: systemClock, ways });
}
