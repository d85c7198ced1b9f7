/** What stands over the chart: range buttons, the menu of what it shows, logarithmic scale, reset, help. */

import type { AnalysisCatalogue } from "../i18n/analysis.en.ts";
import { HELP } from "./chartkeys.ts";
import type { Choices } from "./choices.ts";
import { button, h, set } from "./dom.ts";
import type { Range } from "./ranges.ts";

export interface Entry {
  readonly name: string;
  readonly label: string;
}

export interface ToolsOptions {
  readonly texts: AnalysisCatalogue;
  readonly signal: AbortSignal;
  readonly ranges: readonly Range[];
  readonly overlays: readonly Entry[];
  readonly panes: readonly Entry[];
  readonly hasSignals: boolean;
  readonly onRange: (range: Range) => void;
  readonly onReset: () => void;
  readonly onChoose: (change: Partial<Choices>) => void;
}

export interface ChartTools {
  readonly element: HTMLElement;
  /** Show what holds: the range that is in view, if it is a button's, and the choices. */
  update(range: Range | null, chosen: Choices): void;
  help(): void;
  /** Fold what is open; whether anything was. */
  leave(): boolean;
}

export function chartTools(options: ToolsOptions): ChartTools {
  const { texts, signal, ranges, overlays, panes, hasSignals, onRange, onReset, onChoose } = options;
  const buttons = ranges.map((range) => ({ range, element: button("sw-range-button", texts.ranges[range], signal, () => onRange(range)) }));
  let chosen: Choices | null = null;

  const boxes: { box: HTMLInputElement; on: (now: Choices) => boolean }[] = [];
  const option = (type: "checkbox" | "radio", group: string, label: string, on: (now: Choices) => boolean, pick: (wanted: boolean) => Partial<Choices>): HTMLElement => {
    const box = h("input", "", { type, name: type === "radio" ? group : null });
    box.addEventListener("change", () => onChoose(pick(box.checked)), { signal });
    boxes.push({ box, on });
    return h("label", "", {}, box, label);
  };
  const list = (key: "overlays" | "panes", entries: readonly Entry[]): HTMLElement[] =>
    entries.map(({ name, label }) => option("checkbox", key, label, (now) => now[key].includes(name), (wanted) => {
      const rest = (chosen?.[key] ?? []).filter((other) => other !== name);
      return { [key]: wanted ? [...rest, name] : rest };
    }));
  // Radio buttons of one page and one name are one group.
  const own = (key: string): string => `${key}-${Math.random().toString(36).slice(2)}`;
  const one = <K extends "marks" | "up">(key: K, values: readonly Choices[K][], labels: Readonly<Record<string, string>>): HTMLElement[] => {
    const group = own(key);
    return values.map((value) => option("radio", group, labels[value || "market"] ?? value, (now) => now[key] === value, () => ({ [key]: value })));
  };
  const block = (title: string, ...entries: HTMLElement[]): HTMLElement | null =>
    entries.length > 0 ? h("fieldset", "", {}, h("legend", "", {}, title), ...entries) : null;

  const menu = popup("sw-menu", texts.menu, signal,
    block(texts.overMenu, ...list("overlays", overlays)),
    block(texts.paneMenu, ...list("panes", panes)),
    hasSignals
      ? block(texts.markMenu, ...one("marks", ["main", "all", "none"], texts.marks), option("checkbox", "levels", texts.levels, (now) => now.levels, (levels) => ({ levels })))
      : null,
    block(texts.upMenu, ...one("up", ["", "red-up", "green-up"], texts.up)));
  const help = popup("sw-help", "?", signal,
    h("dl", "", {}, ...HELP.flatMap(([keys, name]) => [h("dt", "", {}, h("kbd", "", {}, keys)), h("dd", "", {}, texts.keys[name])])),
    h("p", "", {}, texts.pointer));
  set(help.firstElementChild as Element, { "aria-label": texts.help, title: texts.help });
  const log = button("sw-log-button", texts.log10, signal, () => onChoose({ log: chosen?.log !== true }));
  set(log, { title: texts.logTip });
  const reset = button("sw-reset", texts.reset, signal, onReset);
  set(reset, { title: texts.resetTip });

  return {
    element: h("div", "sw-toolbar", {},
      h("div", "sw-ranges", { role: "group", "aria-label": texts.rangeLabel }, ...buttons.map(({ element }) => element)),
      h("div", "sw-tools", {}, menu, log, reset, help)),
    update(range, now) {
      chosen = now;
      for (const each of buttons) set(each.element, { "aria-pressed": String(each.range === range) });
      set(log, { "aria-pressed": String(now.log) });
      for (const { box, on } of boxes) box.checked = on(now);
    },
    help() {
      help.open = !help.open;
    },
    leave() {
      const open = [menu, help].filter((each) => each.open);
      for (const each of open) each.open = false;
      return open.length > 0;
    },
  };
}

/** A button with what it opens; a press elsewhere closes it. */
function popup(name: string, label: string, signal: AbortSignal, ...content: (HTMLElement | null)[]): HTMLDetailsElement {
  const element = h("details", `sw-popup ${name}`, {}, h("summary", "sw-button", {}, label), h("div", "sw-popup-box", {}, ...content));
  document.addEventListener("pointerdown", (event) => {
    if (!event.composedPath().includes(element)) element.open = false;
  }, { signal });
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !element.open) return;
    event.stopPropagation();
    element.open = false;
    (element.firstElementChild as HTMLElement).focus();
  }, { signal });
  return element;
}
