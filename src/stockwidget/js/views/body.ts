/** The body of a card: the result, what there is of it so far, or the room it will need. */

import type { Bundle } from "../bundle.ts";
import type { Snapshot } from "../client/protocol.ts";
import type { Parts } from "../parts.ts";
import type { AnalysisDocument, ResultDocument } from "./documents.ts";
import { h } from "./dom.ts";
import type { Format } from "./format.ts";
import type { LiveView } from "./live.ts";
import { type Notice, noticeView } from "./notice.ts";
import type { Memory, ResultView } from "./result.ts";
import type { ScanActions } from "./scanactions.ts";

export interface BodyOptions {
  readonly format: Format;
  readonly signal: AbortSignal;
  readonly parts: Parts;
  readonly memory: Memory;
  readonly scans?: ScanActions;
}

export interface BodyView {
  readonly element: HTMLElement;
  update(snapshot: Snapshot, document: ResultDocument | null, noticed: boolean, root: HTMLElement): void;
  recolour(): void;
}

export function bodyView({ format, signal, parts, memory, scans = {} }: BodyOptions): BodyView {
  const { t } = format;
  const element = h("div", "sw-body");
  let shown: unknown = null;
  let result: ResultView | null = null;
  let live: LiveView | null = null;
  let habit: string | undefined;
  let latest: Parameters<BodyView["update"]> | null = null;

  const put = (source: unknown, make: () => HTMLElement[]): void => {
    if (shown === source) return;
    shown = source;
    element.replaceChildren(...make());
  };

  /** The module of `part`, or null while it is not here: then its room is shown, or what to do. */
  const need = <T>(part: Bundle<T>, name: keyof Parts): T | null => {
    const { module, failed } = part.state;
    if (module) return module;
    part.load();
    const notice: Notice = { tone: "quiet", title: t.viewTitle, lines: [t.viewText], retry: true };
    put(failed ? "failed" : name, () =>
      failed ? [h("div", "sw-body-notice", {}, noticeView(notice, format, signal, () => part.retry()))] : name === "analysis" ? room() : []);
    return null;
  };

  const putAnalysis = (document: AnalysisDocument, root: HTMLElement): void => {
    const module = need(parts.analysis, "analysis");
    if (!module) return;
    put(document, () => {
      result = module.resultView({ document, root, format, signal, memory, details: parts.details });
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
      const kind = document?.kind ?? (partial.commentary_pieces ? "details" : state.kind);
      if (document?.kind === "analysis") putAnalysis(document, root);
      else if (kind === "scan" || kind === "study" || kind === "details") {
        const some = partial.days || kind === "details" || (Array.isArray(partial.rows) && partial.rows.length > 0);
        if (noticed && !some) return put("nothing", () => []);
        const module = live ? null : need(parts[kind], kind);
        live ??= module?.liveView({ format, signal, root, actions: scans, memory }) ?? null;
        const shown = live;
        if (!shown) return;
        put(shown, () => [shown.element]);
        shown.update(snapshot, document);
      } else if (noticed) put("nothing", () => []);
      else {
        if (state.kind === "analysis") for (const part of [parts.analysis, parts.details]) part.load(); // Here before the result.
        put("analysis", room);
      }
    },
    recolour() {
      result?.recolour();
    },
  };
  const again = (): void => void (latest && view.update(...latest));
  for (const part of Object.values(parts)) signal.addEventListener("abort", part.watch(again));
  return view;
}

/** The result's place while there is nothing to draw, so that its arrival moves nothing. */
function room(): HTMLElement[] {
  const tile = (name: string): HTMLElement => h("div", `sw-tile ${name}`, {}, h("span", "sw-label", {}, " "), h("span", "sw-ghost"));
  const tiles = ["", "", "", "sw-drawdown", "sw-range52"].map(tile);
  return [h("div", "sw-room", { "aria-hidden": "true" },
    h("div", "sw-tiles", {}, ...tiles),
    h("div", "sw-chart sw-chart-ghost", {}, h("div", "sw-toolbar"), h("div", "sw-chart-box")))];
}
