/** The task's log, folded until the reader opens it; opened, it follows the newest line unless scrolled back. */

import type { LogLine } from "../client/protocol.ts";
import { h, say } from "./dom.ts";
import type { Format } from "./format.ts";

export interface LogView {
  readonly element: HTMLElement;
  update(lines: readonly LogLine[]): void;
}

export function logView(format: Format): LogView {
  const title = h("summary", "");
  const list = h("ol", "sw-lines", { tabindex: 0 });
  const element = h("details", "sw-log", { hidden: true }, title, list);
  let shown: readonly LogLine[] = [];

  const draw = (): void => {
    const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 4;
    list.replaceChildren(
      ...shown.map(({ ts, level, message }) =>
        h("li", "sw-line", { "data-level": level }, h("time", "", {}, format.clock(ts)), h("span", "", {}, message))),
    );
    if (atEnd) list.scrollTop = list.scrollHeight;
  };
  element.addEventListener("toggle", () => {
    if (element.open) draw();
  });

  return {
    element,
    update(lines) {
      if (lines === shown) return;
      shown = lines;
      element.hidden = lines.length === 0;
      const worst = lines.some(({ level }) => level === "error") ? "error" : lines.some(({ level }) => level === "warning") ? "warning" : "info";
      element.dataset.level = worst;
      say(title, format.t.log(format.count(lines.length)));
      if (element.open) draw();
    },
  };
}
