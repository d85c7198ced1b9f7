/** The tables of a comparison: figures of each on its own days and on the common ones, correlation, families of the score. */

import type { CompareCatalogue } from "../i18n/compare.en.ts";
import { type Common, correlations, figuresOf, type Maybe } from "./comparison.ts";
import type { AnalysisDocument } from "./documents.ts";
import { button, h, set } from "./dom.ts";
import { arrow, direction, type Format, isNumber, MISSING } from "./format.ts";
import type { Terms } from "./terms.ts";

export interface Compared {
  readonly symbol: string;
  /** In the comparison; its colour goes by it. */
  readonly place: number;
  readonly document: AnalysisDocument;
  readonly terms: Terms;
}

export interface TablesOptions {
  readonly format: Format;
  readonly texts: CompareCatalogue;
  readonly signal: AbortSignal;
  readonly onOpen: (place: number) => void;
  readonly onPoint: (place: number | null) => void;
}

type Head = keyof CompareCatalogue["heads"];
interface Value {
  /** To sort by; null is missing. */
  readonly value: Maybe;
  readonly shown: Node | string;
  readonly why?: string;
}
export interface Sorted {
  by: Head | null;
  descending: boolean;
}
type Figures = Partial<Record<Head, (of: Compared) => Value>>;

const MINUS = "−";

export class Tables {
  readonly #options: TablesOptions;

  constructor(options: TablesOptions) {
    this.#options = options;
  }

  /** Figures of each analysis; `sorted` is changed by a press on a head, and then `again` is called. */
  own(all: readonly Compared[], sorted: Sorted, again: () => void): HTMLElement {
    const { format, texts } = this.#options;
    const summary = (key: string, show: (value: number) => Node | string) => ({ document }: Compared) => this.#value(document.summary[key], show, texts.missing.other);
    const share = (value: number): string => format.share(value);
    return this.#table("own", texts.own, all, {
      score: ({ document: { score } }) => this.#value(score?.value, (value) => scoreBar(value, format), texts.missing.score(format.share(score?.coverage ?? 0, 0))),
      band: ({ document: { score }, terms }) => ({
        value: score?.value ?? null,
        shown: score?.band ? terms.title("bands", score.band) : MISSING,
        why: score?.band ? "" : texts.missing.score(format.share(score?.coverage ?? 0, 0)),
      }),
      coverage: ({ document: { score } }) => this.#value(score?.coverage, (value) => format.share(value, 0), texts.missing.other),
      last_close: ({ document: { summary: { last_close }, currency } }) =>
        this.#value(last_close, (value) => `${format.price(value)}${currency ? ` ${currency}` : ""}`, texts.missing.other),
      return_20d: summary("return_20d", this.#change),
      return_1y: summary("return_1y", this.#change),
      volatility_1y: summary("volatility_1y", share),
      max_drawdown: summary("max_drawdown", (value) => format.change(value)),
      sharpe: ({ document }) => this.#value(document.risk?.sharpe, this.#two, texts.missing.other),
      beta: ({ document }) => this.#value(document.risk?.beta, this.#two, texts.missing.beta),
    }, { sorted, again });
  }

  common(all: readonly Compared[], { closes }: Common): HTMLElement {
    const { format, texts } = this.#options;
    const figures = new Map(all.map((each, i) => [each, figuresOf(closes[i] ?? [])]));
    return this.#table("common", texts.common, all, {
      change: (of) => this.#value(figures.get(of)?.change, this.#change, texts.missing.other),
      volatility: (of) => this.#value(figures.get(of)?.volatility, (value) => format.share(value), texts.missing.correlation),
      drawdown: (of) => this.#value(figures.get(of)?.drawdown, (value) => format.change(value), texts.missing.other),
    });
  }

  correlation(all: readonly Compared[], common: Common): HTMLElement {
    const { texts } = this.#options;
    const found = correlations(common);
    return this.#heat(texts.correlation, all.map(({ symbol }) => symbol), all.map(({ symbol }) => symbol),
      (i, j) => this.#value(found[i]?.[j], this.#two, texts.missing.correlation), (value) => value);
  }

  /** Share of the points of each family, a column a symbol. */
  families(all: readonly Compared[]): HTMLElement | null {
    const { format, texts } = this.#options;
    const keys = [...new Set(all.flatMap(({ document }) => document.score?.families.map(({ key }) => key) ?? []))];
    if (keys.length === 0) return null;
    const title = (key: string): string => all.find(({ document }) => document.score?.families.some((each) => each.key === key))?.terms.title("families", key) ?? key;
    return this.#heat(texts.families, keys.map(title), all.map(({ symbol }) => symbol), (i, j) => {
      const family = all[j]?.document.score?.families.find(({ key }) => key === keys[i]);
      return this.#value(family?.score, (value) => `${format.decimal(value, 0)}%`, texts.missing.family);
    }, (value) => value / 100);
  }

  readonly #two = (value: number): string => this.#options.format.decimal(value, 2).replace("-", MINUS);
  readonly #change = (value: number): HTMLElement =>
    h("span", `sw-${direction(value)}`, {}, `${arrow(value)} ${this.#options.format.change(value)}`.trim());

  #value(value: unknown, shown: (value: number) => Node | string, why: string): Value {
    return isNumber(value) ? { value, shown: shown(value) } : { value: null, shown: MISSING, why };
  }

  #table(name: string, label: string, all: readonly Compared[], figures: Figures, sorting?: { sorted: Sorted; again: () => void }): HTMLElement {
    const { texts, signal, onOpen, onPoint } = this.#options;
    const heads = Object.keys(figures) as Head[];
    const rows = all.map((each) => ({ each, values: heads.map((head) => (figures[head] as (of: Compared) => Value)(each)) }));
    const by = sorting?.sorted.by ? heads.indexOf(sorting.sorted.by) : -1;
    if (by >= 0) {
      const sign = sorting?.sorted.descending ? -1 : 1;
      rows.sort((a, b) => {
        const [x, y] = [a.values[by]?.value ?? null, b.values[by]?.value ?? null];
        return x === null || y === null ? Number(x === null) - Number(y === null) : sign * (x - y);
      });
    }
    const headCell = (head: Head): HTMLElement => {
      const tip = texts.tips[head];
      if (!sorting) return h("th", "sw-num", { scope: "col", title: tip }, texts.heads[head]);
      const { sorted, again } = sorting;
      const mine = sorted.by === head;
      const press = button("sw-compare-sort", texts.heads[head], signal, () => {
        [sorted.by, sorted.descending] = [head, mine ? !sorted.descending : true];
        again();
      });
      set(press, { title: [tip, texts.sort(texts.heads[head])].filter(Boolean).join(". "), "data-head": head });
      return h("th", head === "band" ? "" : "sw-num", { scope: "col", "aria-sort": mine ? (sorted.descending ? "descending" : "ascending") : null }, press);
    };
    return block(label, h("table", `sw-compare-table sw-compare-${name}`, { "aria-label": label },
      h("thead", "", {}, h("tr", "", {}, h("th", "", { scope: "col" }, texts.heads.symbol), ...heads.map(headCell))),
      h("tbody", "", {}, ...rows.map(({ each, values }) => {
        const open = button("sw-compare-open", each.symbol, signal, () => onOpen(each.place));
        set(open, { title: texts.open(each.symbol), "data-place": each.place });
        const row = h("tr", "", { "data-place": each.place }, h("th", "", { scope: "row" }, h("i", "sw-swatch"), open),
          ...values.map((value, i) => cell(value, heads[i] === "band" ? "" : "sw-num")));
        row.addEventListener("pointerenter", () => onPoint(each.place), { signal });
        row.addEventListener("pointerleave", () => onPoint(null), { signal });
        return row;
      }))));
  }

  /** Numbers on a tint as strong as they are; `tint` is −1 to 1. */
  #heat(label: string, rows: readonly string[], columns: readonly string[], at: (row: number, column: number) => Value, tint: (value: number) => number): HTMLElement {
    return block(label, h("table", "sw-compare-table sw-compare-heat", { "aria-label": label },
      h("thead", "", {}, h("tr", "", {}, h("td", ""), ...columns.map((name) => h("th", "sw-num", { scope: "col" }, name)))),
      h("tbody", "", {}, ...rows.map((name, i) => h("tr", "", {}, h("th", "", { scope: "row" }, name), ...columns.map((_, j) => {
        const found = at(i, j);
        const made = cell(found, "sw-num");
        if (found.value !== null) {
          const strength = tint(found.value);
          made.style.setProperty("--sw-heat", `${Math.round(Math.abs(strength) * 46)}%`);
          set(made, { "data-side": strength < 0 ? "below" : "above" });
        }
        return made;
      }))))));
  }
}

const block = (label: string, table: HTMLElement): HTMLElement => h("section", "sw-compare-block", {}, h("h4", "", {}, label), h("div", "sw-compare-scroll", { tabindex: 0, role: "group", "aria-label": label }, table));

function cell({ value, shown, why }: Value, className: string): HTMLElement {
  const missing = value === null;
  return h("td", [className, missing ? "sw-missing" : ""].filter(Boolean).join(" "), { title: missing ? why : null }, shown, missing && why ? h("span", "sw-hidden", {}, why) : null);
}

/** The number with a bar as long as it is. */
function scoreBar(value: number, format: Format): HTMLElement {
  const fill = h("span", "sw-compare-fill");
  fill.style.width = `${Math.min(100, Math.max(0, value))}%`;
  return h("span", "sw-compare-score", {}, h("b", "", {}, format.decimal(value, 0)), h("span", "sw-compare-meter", { "aria-hidden": "true" }, fill));
}
