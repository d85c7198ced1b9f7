/** The symbols that a scan could not judge, by reason; the list is made only while it is unfolded. */

import { scanTexts } from "../i18n/scan.ts";
import type { ScanFailure } from "./documents.ts";
import { h, say } from "./dom.ts";
import type { Format } from "./format.ts";

const SHOWN = 100;

export interface FailuresView {
  readonly element: HTMLElement;
  update(failures: readonly ScanFailure[]): void;
}

export function failuresView(format: Format, signal: AbortSignal): FailuresView {
  const t = scanTexts(format.t);
  const title = h("summary", "");
  const filter = h("input", "sw-filter", { type: "search", placeholder: t.filter, "aria-label": t.filterFailures, spellcheck: "false" });
  const list = h("div", "sw-failure-groups", { tabindex: 0, role: "group", "aria-label": t.failuresLabel });
  const element = h("details", "sw-failures", { hidden: true }, title, filter, list);
  let shown: readonly ScanFailure[] = [];

  const draw = (): void => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const groups = new Map<string, ScanFailure[]>();
    for (const failure of shown) {
      const text = words.length > 0 ? `${failure.symbol} ${failure.message} ${t.reason[failure.code] ?? failure.code}`.toLowerCase() : "";
      if (!words.every((word) => text.includes(word))) continue;
      const members = groups.get(failure.code);
      if (members) members.push(failure);
      else groups.set(failure.code, [failure]);
    }
    const largestFirst = [...groups].sort(([, a], [, b]) => b.length - a.length);
    list.replaceChildren(...(groups.size > 0 ? largestFirst.map(([code, members]) => group(code, members)) : [h("p", "", {}, t.noFailureMatch)]));
  };
  const group = (code: string, members: readonly ScanFailure[]): HTMLElement => {
    const more = members.length - SHOWN;
    return h("section", "", {},
      h("h4", "", {}, `${t.reason[code] ?? code} · ${format.count(members.length)}`),
      h("ul", "", {}, ...members.slice(0, SHOWN).map(({ symbol, message }) =>
        h("li", "", {}, h("code", "", {}, symbol), ` ${message}`))),
      more > 0 ? h("p", "", {}, t.andMore(format.count(more))) : null);
  };
  element.addEventListener("toggle", () => element.open && draw(), { signal });
  filter.addEventListener("input", draw, { signal });

  return {
    element,
    update(failures) {
      if (failures === shown) return;
      shown = failures;
      element.hidden = failures.length === 0;
      say(title, t.failures(format.count(failures.length)));
      if (element.open) draw();
    },
  };
}
