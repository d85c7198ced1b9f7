/** Where the numbers come from, in one line; made-up data is said first and loudest. */

import type { Snapshot } from "../client/protocol.ts";
import type { Provenance } from "./documents.ts";
import { h } from "./dom.ts";
import type { Format } from "./format.ts";

/** What is known of the source before the result: an analysis says it early, a synthetic universe says it by its name. */
export function partialProvenance({ state, partial }: Snapshot): Provenance | null {
  if (typeof partial.provenance === "object" && partial.provenance !== null) return partial.provenance as Provenance;
  const { universe } = state.params;
  return typeof universe === "string" && universe.startsWith("synthetic:") ? SYNTHETIC : null;
}

const SYNTHETIC: Provenance = { source: "synthetic", synthetic: true };

export function provenanceLine(from: Provenance, format: Format): HTMLElement {
  const { t } = format;
  const origin = [from.origin, from.licence].filter(Boolean).join(", ");
  const parts = [
    format.pair(t.source, `${from.source}${origin ? ` (${origin})` : ""}`),
    from.adjust === "adjusted" ? t.adjusted : from.adjust === "raw" ? t.raw : null,
    from.bars === undefined ? null : t.bars(format.count(from.bars)),
    from.first && from.last ? t.fromTo(from.first, from.last) : from.last ? t.upTo(from.last) : null,
  ].filter((part): part is string => part !== null);
  const label = from.synthetic
    ? h("strong", "sw-synthetic", { "data-tip": t.syntheticTip, tabindex: 0 }, t.synthetic)
    : null;
  const words = h("span", "sw-from", from.note ? { title: from.note } : {}, parts.join(" · "));
  return h("div", "sw-provenance", {}, label, words);
}
