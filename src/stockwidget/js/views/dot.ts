/** The dot that tells how news arrives: which way, since when, and what is wrong with it. */

import { isTerminal, type Status, type UtcMillis } from "../client/protocol.ts";
import type { Link } from "../client/connection.ts";
import { h, set } from "./dom.ts";
import type { Format } from "./format.ts";

/** How a card is fed: by the page's server, or by the kernel (and why by it). */
export type Feed =
  | { readonly via: "server"; readonly link: Link }
  | { readonly via: "kernel"; readonly why: "kernel-run" | "foreign" };

export interface DotView {
  readonly element: HTMLElement;
  update(feed: Feed, status: Status, now: UtcMillis): void;
}

export function dotView(format: Format): DotView {
  const element = h("span", "sw-dot", { role: "img", tabindex: 0 });
  return {
    element,
    update(feed, status, now) {
      const { look, words } = describe(feed, status, now, format);
      set(element, { "data-look": look, "data-tip": words, "aria-label": words });
    },
  };
}

function describe(feed: Feed, status: Status, now: UtcMillis, format: Format): { look: string; words: string } {
  const { t } = format;
  if (isTerminal(status)) return { look: "idle", words: t.linkDone };
  if (feed.via === "kernel") {
    return { look: "kernel", words: feed.why === "foreign" ? t.linkRelayed : t.linkKernel };
  }
  const { link } = feed;
  const since = format.clock(link.since);
  const why = t.linkReason[link.reason?.code ?? "other"];
  switch (link.state) {
    case "live":
      return { look: "live", words: link.reason ? t.linkLower(t.via[link.transport ?? "ws"], since, why) : t.linkLive(t.via[link.transport ?? "ws"], since) };
    case "connecting":
      return { look: "trying", words: t.linkConnecting };
    case "stale":
      return { look: "trying", words: t.linkStale(format.duration(now - (link.heard ?? link.since), true)) };
    case "backoff":
    case "suspended":
    case "failed":
      return { look: "lost", words: t.linkBackoff(since, why) };
    case "auth":
      return { look: "lost", words: t.linkAuth };
    case "idle":
      return { look: "idle", words: t.linkIdle };
  }
}
