/** What followed each band of the score and each signal on these bars, beside any day; and how sure that is. */

import type { Records, TrackRecord } from "./documents.ts";
import { button, h, say, set } from "./dom.ts";
import type { Texts } from "./facts.ts";
import { type Format, isNumber, MISSING } from "./format.ts";
import { type Column, table } from "./table.ts";
import type { Terms } from "./terms.ts";

const FIRST = 20;

export function recordTables(records: Records, format: Format, texts: Texts, terms: Terms, signal: AbortSignal): HTMLElement[] {
  const place = h("div", "");
  const note = h("p", "sw-note");
  const level = format.share(records.level, 0);
  const beside = (name: string): Node => h("span", "", {}, name, h("small", "", {}, ` / ${texts.base}`));
  const columns = (): readonly Column[] => [
    { label: texts.name }, { label: texts.events, number: true, tip: texts.eventsTip }, { label: beside(texts.hit), number: true, priority: 2 },
    { label: beside(texts.median), number: true }, { label: h("span", "sw-edge", {}, h("b", "", {}, texts.edge)), tip: texts.edgeTip(level), priority: 2 }, { label: "" },
  ];
  const part = (title: string, section: string, all: readonly TrackRecord[], horizon: number): HTMLElement | null => {
    const some = all.filter((each) => each.horizon === horizon && each.n > 0);
    const reach = Math.max(...some.flatMap(({ edge_low, edge_high }) => [Math.abs(edge_low ?? 0), Math.abs(edge_high ?? 0)]), 0.001);
    return some.length === 0 ? null : h("section", "", {}, h("h4", "", {}, title),
      table("record", title, columns(), some.map((each) => row(each, terms.title(section, each.key), reach))));
  };
  const row = (each: TrackRecord, name: string, reach: number): readonly (Node | string)[] => {
    const { n, independent, hit_rate, base_hit_rate, median, base_median, warnings } = each;
    const base = (value: string): Node => h("small", "", {}, ` / ${value}`);
    const flag = warnings[0];
    return [
      name,
      independent === n ? format.count(n) : h("span", "", {}, format.count(independent), h("small", "", {}, ` / ${format.count(n)}`)),
      isNumber(hit_rate) ? h("span", "", {}, format.share(hit_rate, 0), isNumber(base_hit_rate) ? base(format.share(base_hit_rate, 0)) : "") : MISSING,
      isNumber(median) ? h("span", "", {}, format.change(median), isNumber(base_median) ? base(format.change(base_median)) : "") : MISSING,
      whisker(each, reach, format),
      h("span", flag ? "sw-warn" : "", { title: format.sentences(...warnings.map((key) => texts.warnings[key] ?? key)) }, flag ? (texts.flags[flag] ?? flag) : texts.clear),
    ];
  };
  const { universe } = records;
  let horizon = records.horizons.includes(FIRST) ? FIRST : (records.horizons[0] ?? FIRST);
  let wide = false;
  const draw = (): void => {
    for (const [i, each] of horizons.entries()) set(each, { "aria-pressed": String(records.horizons[i] === horizon) });
    for (const [i, each] of scopes.entries()) set(each, { "aria-pressed": String(wide === (i === 1)) });
    const { score = [], signals = [] } = wide ? universe : records;
    const parts = [part(texts.scoreRecord, "bands", score, horizon), part(texts.signalRecord, "signals", signals, horizon)];
    place.replaceChildren(...parts.filter((each) => each !== null));
    const beyond = universe.available ? (wide ? (universe.warnings ?? []).map((key) => terms.title("warnings", key)) : []) : [terms.sentence("reasons", universe.reason)];
    say(note, format.sentences(texts.recordNote, ...beyond));
  };
  const horizons = records.horizons.map((each) => button("sw-horizon", texts.bars(String(each)), signal, () => {
    horizon = each;
    draw();
  }));
  const names = universe.available ? [texts.own, texts.universe(format.count(universe.symbols?.length ?? 0))] : [];
  const scopes = names.map((name, i) => button("sw-scope", name, signal, () => {
    wide = i === 1;
    draw();
  }));
  draw();
  return [
    h("div", "sw-horizons", {},
      h("span", "", { role: "group", "aria-label": texts.after }, texts.after, ...horizons),
      scopes.length > 0 ? h("span", "", { role: "group" }, ...scopes) : null),
    place,
    note,
  ];
}

/** The interval of the edge against zero, all rows of a table on one scale. */
function whisker({ edge, edge_low, edge_high, warnings }: TrackRecord, reach: number, format: Format): HTMLElement {
  if (!isNumber(edge)) return h("span", "", {}, MISSING);
  const at = (value: number): string => `${(50 + (50 * value) / reach).toFixed(1)}%`;
  const words = isNumber(edge_low) && isNumber(edge_high) ? `${format.change(edge_low)} … ${format.change(edge_high)}` : "";
  const bar = h("span", `sw-whisker-bar sw-${edge > 0 ? "up" : "down"}`, { "data-sure": !warnings.includes("spans_zero") });
  bar.style.left = at(edge_low ?? edge);
  bar.style.right = `calc(100% - ${at(edge_high ?? edge)})`;
  const dot = h("span", "sw-whisker-dot");
  dot.style.left = at(edge);
  return h("span", "sw-edge", { title: words, "aria-label": `${format.change(edge)} ${words && `(${words})`}`, role: "img" },
    h("b", "", {}, format.change(edge)), h("span", "sw-whisker", {}, bar, dot));
}
