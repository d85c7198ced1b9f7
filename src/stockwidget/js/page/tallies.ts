/** What this page has received and asked, in numbers, and how late events were. */

import { button, h, say, set } from "../views/dom.ts";
import type { Format } from "../views/format.ts";
import { bytesText } from "../views/monitor.ts";
import { sparkView } from "../views/spark.ts";
import type { PageCatalogue } from "../i18n/page.en.ts";
import type { Latency } from "./latency.ts";

export const TALLIES = ["frames", "bytes", "requests", "polls", "useless", "downgrades", "upgrades", "recoveries"] as const;
export type Tally = (typeof TALLIES)[number];
export type Tallies = Readonly<Record<Tally, number>>;

const SPARK = 80;

export interface TalliesView {
  readonly element: HTMLElement;
  update(now: Tallies, latency: Latency): void;
}

export function talliesView(format: Format, texts: PageCatalogue, signal: AbortSignal, onReset: () => void): TalliesView {
  const values = new Map(TALLIES.map((name) => [name, h("dd", "")] as const));
  const spark = sparkView(SPARK);
  const spread = h("span", "dp-latency-words");
  const element = h("section", "dp-panel dp-tallies", { "aria-labelledby": "dp-tallies" },
    h("header", "dp-panel-head", {}, h("h2", "", { id: "dp-tallies" }, texts.counters), button("dp-button dp-small dp-ghost", texts.reset, signal, onReset)),
    h("dl", "dp-numbers", {}, ...TALLIES.map((name) => h("div", "dp-number", { "data-tally": name }, h("dt", "", {}, texts[name]), values.get(name)))),
    h("div", "dp-latency", { title: texts.latencyTip }, h("p", "", {}, h("span", "dp-label", {}, texts.latency), spread), spark.element));
  return {
    element,
    update(now, latency) {
      for (const [name, value] of values) {
        say(value, name === "bytes" ? bytesText(now.bytes, format) : format.count(now[name]));
        set(value, { "data-zero": now[name] === 0 });
      }
      const found = latency.spread();
      say(spread, found ? texts.latencyOf(format.duration(found.p50), format.duration(found.p99)) : texts.latencyNone);
      spark.update(latency.recent.slice(-SPARK));
    },
  };
}
