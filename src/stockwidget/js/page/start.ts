/** The three forms that start a task. */

import type { TaskFailure } from "../client/protocol.ts";
import { h, say, set } from "../views/dom.ts";
import type { Catalogue } from "../i18n/en.ts";
import type { PageCatalogue } from "../i18n/page.en.ts";
import { field, select, sized } from "./controls.ts";
import { studyForm } from "./studyform.ts";

export interface TaskRequest {
  readonly kind: "analysis" | "scan" | "study";
  readonly params: Readonly<Record<string, unknown>>;
}

export interface StartOptions {
  /** Symbols of the sample with their names. */
  readonly symbols: Readonly<Record<string, string>>;
  readonly texts: PageCatalogue;
  readonly t: Catalogue;
  readonly signal: AbortSignal;
  /** Resolves to what to say if the task was refused, else to null. */
  readonly onStart: (request: TaskRequest) => Promise<Refused | null>;
}

export interface Refused {
  readonly words: string;
  /** The letters of the rule that are meant, as they were sent. */
  readonly letters?: readonly [from: number, to: number];
}

/** Why a task was refused, and where in its rule. */
export const refusedFor = (error: TaskFailure, words: string): Refused =>
  error.field === "rule" && typeof error.column === "number" && typeof error.end === "number" ? { words, letters: [error.column, error.end] } : { words };

const SIZES = ["sample", "synthetic:200", "synthetic:2000", "synthetic:20000"] as const;
/** Seconds; a scan at full speed is over before anything can be broken. */
const SLOW_S = 60;
const OPS = ["<", "<=", ">", ">="] as const;
const THRESHOLD: Readonly<Record<string, number>> = { rsi_14: 30, ret_20: 0.1, ret_252: 0.2, volatility_252: 0.3 };

export function startView({ symbols, texts, t, signal, onStart }: StartOptions): HTMLElement {
  const names = Object.keys(symbols);
  const symbol = h("input", "dp-input dp-symbol", {
    name: "symbol", value: names[0] ?? "AAPL", required: true, maxlength: 32, autocomplete: "off", autocapitalize: "characters", spellcheck: "false", list: "dp-symbols",
  });
  const chips = h("div", "dp-chips", { role: "group", "aria-label": texts.symbol }, ...names.map((name) => {
    const chip = h("button", "dp-chip", { type: "button", title: symbols[name] ?? null }, name);
    chip.addEventListener("click", () => choose(name), { signal });
    return chip;
  }));
  const choose = (name: string): void => {
    symbol.value = name;
    mark();
  };
  const mark = (): void => {
    for (const chip of chips.children) set(chip, { "aria-pressed": String(chip.textContent === symbol.value.trim().toUpperCase()) });
  };
  symbol.addEventListener("input", mark, { signal });
  mark();
  const analysis = form("analysis", texts.analysis, texts.analysisText, texts.analyse, [
    field(texts.symbol, symbol),
    chips,
    h("datalist", "", { id: "dp-symbols" }, ...names.map((name) => h("option", "", { value: name }, symbols[name] ?? ""))),
  ], () => ({ kind: "analysis", params: { symbol: symbol.value.trim() } }));

  const universe = select("universe", sized(SIZES, texts, t.lang), "synthetic:2000");
  const column = select("column", Object.entries(texts.column), "rsi_14");
  const op = select("op", OPS.map((each) => [each, each.replace("<=", "≤").replace(">=", "≥")]), "<");
  const value = h("input", "dp-input dp-number", { name: "value", type: "number", step: "any", required: true, value: THRESHOLD.rsi_14, title: texts.percentTip });
  column.addEventListener("change", () => {
    value.value = String(THRESHOLD[column.value] ?? 0);
    op.value = column.value === "rsi_14" || column.value === "volatility_252" ? "<" : ">";
  }, { signal });
  for (const [control, name] of [[op, texts.comparison], [value, texts.threshold]] as const) set(control, { "aria-label": name });
  const slow = h("input", "", { name: "slow", type: "checkbox", checked: true });
  const scan = form("scan", texts.scan, texts.scanText, texts.runScan, [
    field(texts.universe, universe),
    h("div", "dp-where", {}, field(texts.where, column), op, value),
    h("label", "dp-check", { title: texts.slowTip }, slow, texts.slow),
  ], () => ({
    kind: "scan",
    params: {
      universe: universe.value,
      where: { [column.value]: [op.value, value.valueAsNumber] },
      ...(slow.checked ? { pace_s: SLOW_S } : {}),
    },
  }));

  const { controls, params } = studyForm(texts, t.lang);
  const study = form("study", texts.study, texts.studyText, texts.runStudy, controls, () => {
    const asked = params();
    return typeof asked === "string" ? asked : { kind: "study", params: asked };
  });

  return h("section", "dp-panel dp-start", { "aria-label": texts.startTitle }, analysis, scan, study);

  function form(kind: string, title: string, text: string, action: string, controls: HTMLElement[], request: () => TaskRequest | string): HTMLElement {
    const refusal = h("p", "dp-refusal", { role: "alert", hidden: true });
    const submit = h("button", "dp-button dp-primary", { type: "submit" }, action);
    const element = h("form", "dp-form", { "data-kind": kind, "aria-label": title },
      h("div", "", {}, h("h2", "", {}, title), h("p", "dp-quiet", {}, text)),
      h("div", "dp-controls", {}, ...controls), refusal, submit);
    element.addEventListener("submit", (event) => {
      event.preventDefault();
      const asked = request();
      submit.disabled = true;
      void (typeof asked === "string" ? Promise.resolve<Refused>({ words: asked }) : onStart(asked)).then((refused) => {
        say(refusal, refused?.words ?? "");
        refusal.hidden = refused === null;
        submit.disabled = false;
        const rule = element.querySelector<HTMLInputElement>(".dp-rule");
        if (!rule) return;
        set(rule, { "aria-invalid": refused?.letters ? "true" : null });
        if (!refused?.letters) return;
        const before = rule.value.length - rule.value.trimStart().length;
        rule.focus();
        rule.setSelectionRange(before + refused.letters[0], before + refused.letters[1]);
      });
    }, { signal });
    return element;
  }
}
