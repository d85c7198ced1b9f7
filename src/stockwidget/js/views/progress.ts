/** The bar of a live task, with its stages named and the present one alive. */

import type { TaskState } from "../client/protocol.ts";
import { h, say, set } from "./dom.ts";
import type { Format } from "./format.ts";

export interface ProgressView {
  readonly element: HTMLElement;
  update(state: TaskState): void;
}

export function progressView(format: Format): ProgressView {
  const { t } = format;
  const stages = h("ol", "sw-stages");
  const percent = h("span", "sw-percent");
  const fill = h("div", "sw-bar-fill");
  const bar = h("div", "sw-bar", { role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100, "aria-label": t.progress }, fill);
  const element = h("div", "sw-progress", {}, h("div", "sw-progress-top", {}, stages, percent), bar);
  let names = "";

  return {
    element,
    update(state) {
      const key = state.stages.join("\n");
      if (key !== names) {
        names = key;
        stages.replaceChildren(...state.stages.map((stage) => h("li", "sw-stage", {}, t.stage[stage] ?? stage)));
      }
      const at = state.stage === null ? -1 : state.stages.indexOf(state.stage);
      [...stages.children].forEach((child, i) => {
        const place = i < at ? "done" : i === at ? "now" : "next";
        set(child, { "data-place": place, "aria-current": i === at ? "step" : null });
      });
      const value = Math.min(100, Math.max(0, state.progress));
      const whole = Math.floor(value);
      say(percent, state.status === "queued" ? (state.reason ?? t.waiting) : `${whole}%`);
      fill.style.transform = `scaleX(${(value / 100).toFixed(4)})`;
      const stage = state.stage === null ? null : (t.stage[state.stage] ?? state.stage);
      set(bar, {
        "aria-valuenow": Number(value.toFixed(1)),
        "aria-valuetext": stage === null ? `${whole}%` : `${whole}%, ${stage}`,
      });
    },
  };
}
