/** Signals on the chart: which are marked, and what a mark says when it is asked. */

import type { AnalysisCatalogue } from "../i18n/analysis.en.ts";
import type { AnalysisDocument, TrackRecord } from "./documents.ts";
import { h } from "./dom.ts";
import { arrow, type Format, isNumber } from "./format.ts";
import type { Mark } from "./markprimitive.ts";
import type { Palette } from "./palette.ts";
import type { Terms } from "./terms.ts";
import { css } from "./theme.ts";

export interface Signal {
  readonly row: number;
  readonly key: string;
  readonly direction: number;
  readonly value: number | null;
  readonly threshold: number | null;
  /** A function of the user gave it. */
  readonly own: boolean;
}

export type Marking = "none" | "main" | "all";

/** Rare enough to be worth a mark on a year of bars. */
const MAIN = /cross$|252$|^divergence|^rsi|^squeeze/;
/** The horizon that a mark tells of. */
const HORIZON = 20;

export function signalsOf({ signals, params }: AnalysisDocument): readonly Signal[] {
  const own = new Set(params?.signals?.map(({ name }) => name));
  return (signals?.row ?? []).map((row, i) => ({
    row,
    key: signals?.key[i] ?? "",
    direction: signals?.direction[i] ?? 0,
    value: signals?.value[i] ?? null,
    threshold: signals?.threshold[i] ?? null,
    own: own.has(signals?.key[i] ?? ""),
  }));
}

export const marked = (all: readonly Signal[], marking: Marking): readonly Signal[] =>
  marking === "all" ? all : marking === "none" ? [] : all.filter(({ key, own }) => own || MAIN.test(key));

/**
 * One mark a bar and side, however many signals it stands for, the most important first: the reader's own, then those that
 * count as main, then the others, and of a kind what is rarer on this symbol.
 */
export function marksOf(chosen: readonly Signal[], { bars }: AnalysisDocument, palette: Palette): Mark[] {
  const times = new Map<string, number>();
  for (const { key } of chosen) times.set(key, (times.get(key) ?? 0) + 1);
  const groups = new Map<string, { row: number; direction: number; count: number; weight: number }>();
  for (const { row, direction, key, own } of chosen) {
    const group = groups.get(`${row}:${direction}`) ?? { row, direction, count: 0, weight: 0 };
    group.count += 1;
    group.weight = Math.max(group.weight, (own ? 2 : MAIN.test(key) ? 1 : 0) + 1 / (times.get(key) ?? 1));
    groups.set(`${row}:${direction}`, group);
  }
  return [...groups.values()].sort((a, b) => b.weight - a.weight || b.row - a.row).map(({ weight: _, ...group }) => ({
    ...group,
    time: bars.date[group.row] ?? "",
    price: (group.direction > 0 ? bars.low : bars.high)[group.row] ?? Number.NaN,
    colour: group.direction === 0 ? palette.neutral : css(group.direction > 0 ? palette.up : palette.down),
  }));
}

/** The signals of one bar: each with its rule, what it compared, and what followed it before. */
export function signalTip(
  signals: readonly Signal[],
  document: AnalysisDocument,
  format: Format,
  texts: AnalysisCatalogue,
  terms: Terms,
): HTMLElement[] {
  return signals.map(({ key, direction, value, threshold }) => {
    const compared = [value, threshold].filter(isNumber).map((number) => plain(number, format)).join(" / ");
    const record = document.record?.signals.find((each) => each.key === key && each.horizon === HORIZON);
    return h("div", "sw-tip-signal", {},
      h("b", `sw-${direction > 0 ? "up" : direction < 0 ? "down" : "flat"}`, {}, `${arrow(direction) || "●"} ${terms.title("signals", key)}`),
      h("span", "", {}, compared ? format.pair(terms.rule("signals", key), compared) : terms.rule("signals", key)),
      record ? h("span", "sw-tip-record", {}, recordLine(record, format, texts)) : null);
  });
}

/** "After 20 bars −1.2% (any day +0.6%), 12 times; an anecdote" */
export function recordLine(record: TrackRecord, format: Format, texts: AnalysisCatalogue): string {
  return format.sentences(...recordParts(record, format, texts));
}

/** What followed, and how sure that is. */
export function recordParts(record: TrackRecord, format: Format, texts: AnalysisCatalogue): readonly [said: string, caution: string] {
  if (!isNumber(record.median) || !isNumber(record.base_median)) return [texts.noRecord, ""];
  const said = texts.recordLine(String(record.horizon), format.change(record.median), format.change(record.base_median), format.count(record.independent));
  const warning = record.warnings[0];
  return [said, warning ? (texts.warnings[warning] ?? warning) : ""];
}

/** A number whose unit is not known: as many digits as its size asks for. */
export function plain(value: number, format: Format): string {
  const size = Math.abs(value);
  return size >= 1e6 ? format.volume(value) : format.decimal(value, size === 0 || size >= 1 ? 2 : size >= 0.1 ? 3 : 4);
}
