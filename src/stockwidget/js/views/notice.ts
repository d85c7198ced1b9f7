/** What to say when a task has no result to show: what happened, why, and what to do. */

import type { Trouble } from "../client/client.ts";
import type { Link } from "../client/connection.ts";
import type { Snapshot, TaskFailure } from "../client/protocol.ts";
import { button, h } from "./dom.ts";
import type { Format } from "./format.ts";

export interface Notice {
  readonly tone: "bad" | "quiet";
  readonly title: string;
  readonly lines: readonly string[];
  readonly error?: TaskFailure;
  readonly retry?: boolean;
}

/** The notice for a task that will not get further, or null if it runs, waits or has its result. */
export function noticeFor(
  { state, gone, partial }: Snapshot,
  trouble: Trouble | null,
  link: Link | null,
  format: Format,
): Notice | null {
  const { t } = format;
  const live = state.status === "queued" || state.status === "running" || state.status === "cancelling";
  if (trouble?.is === "expired" || state.status === "expired") {
    const at = gone?.expired_at ?? (trouble?.is === "expired" ? trouble.error.expired_at : undefined);
    const kept = typeof at === "number" ? t.expiredAt(format.dateTime(at)) : t.expiredText;
    return { tone: "quiet", title: t.expiredTitle, lines: [kept, t.expiredRerun] };
  }
  if (trouble?.is === "unknown") return { tone: "quiet", title: t.unknownTitle, lines: [t.unknownText] };
  if (trouble?.is === "forbidden") return failure(t.forbiddenTitle, trouble.error, format);
  if (live && link?.state === "auth") return { tone: "quiet", title: t.authTitle, lines: [t.authText], retry: true };
  if (state.status === "failed") return failure(t.failedTitle, state.error ?? { code: "", message: state.reason ?? "" }, format);
  if (state.status === "interrupted") {
    return { tone: "quiet", title: t.interruptedTitle, lines: [t.interruptedText] };
  }
  if (state.status === "cancelled") {
    const rows = Array.isArray(partial.rows) ? partial.rows.length : 0;
    const text = rows > 0 ? t.cancelledPartial(format.count(rows)) : t.cancelledText;
    return { tone: "quiet", title: rows > 0 ? "" : t.cancelledTitle, lines: [text] };
  }
  return null;
}

/** What an error says, in the card's language where it can. */
export function failure(title: string, error: TaskFailure, format: Format): Notice {
  return { tone: "bad", title, lines: format.said(error).filter((line) => line !== ""), error };
}

export function noticeView(notice: Notice, format: Format, signal: AbortSignal, retry: () => void): HTMLElement {
  const { t } = format;
  const { error } = notice;
  const near = Array.isArray(error?.nearest) ? error.nearest.filter((name): name is string => typeof name === "string") : [];
  const trace = typeof error?.traceback === "string" ? error.traceback : "";
  // The hint may name them already.
  const unnamed = near.some((name) => !notice.lines.some((line) => line.includes(name)));
  const suggestions =
    unnamed
      ? h("p", "sw-suggestions", {}, t.suggestions, ...near.map((name) => h("code", "sw-near", { title: t.rerunWith(name) }, name)))
      : null;
  return h("div", "sw-notice", { "data-tone": notice.tone },
    notice.title ? h("p", "sw-notice-title", {}, notice.title) : null,
    ...notice.lines.map((line) => h("p", "sw-notice-text", {}, line)),
    suggestions,
    notice.retry ? button("sw-retry", t.tryAgain, signal, retry) : null,
    // Lines of the reader's own are what they look for; ours are for a report.
    trace ? h("details", "sw-trace", error?.code === "part_failed" ? { open: true } : {}, h("summary", "", {}, t.traceback), h("pre", "", { tabindex: 0 }, trace)) : null,
  );
}
