/** What is known of the company: figures with the day on which each came out, and events, the latest first. */

import type { Badge } from "./badges.ts";
import type { CompanyEvent, Figure } from "./documents.ts";
import { button, h } from "./dom.ts";
import type { Pen } from "./facts.ts";
import { type Format, isNumber, MISSING } from "./format.ts";
import { table } from "./table.ts";

const SIGNED = new Set(["revenue_growth", "earnings_growth"]);
/** Which badge stands on a bar that has several, the last first. */
const WEIGHTS = ["dividend", "earnings", "split"];
const FINE = new Set(["dividend_yield", "turnover_rate", "turnover_rate_20"]);

export function figureText({ key, value, unit, currency }: Figure, format: Format): string {
  if (!isNumber(value)) return MISSING;
  if (unit === "fraction") return SIGNED.has(key) ? format.change(value) : format.share(value, FINE.has(key) ? 2 : 1);
  const number = unit === "amount" || unit === "shares" ? format.volume(value) : unit === "per_share" ? format.price(value) : format.decimal(value, 2);
  return [number, currency].filter(Boolean).join(" ");
}

/** `4:1` gives four shares for one. */
function splitText(ratio: number, format: Format): string {
  const whole = (value: number): string => format.decimal(value, Number.isInteger(Math.round(value * 1e6) / 1e6) ? 0 : 2);
  return ratio >= 1 ? `${whole(ratio)}:1` : `1:${whole(1 / ratio)}`;
}

function eventText({ key, value, currency }: CompanyEvent, format: Format): string {
  if (!isNumber(value)) return MISSING;
  return key === "split" ? splitText(value, format) : [format.decimal(value, 4), currency].filter(Boolean).join(" ");
}

/** The bars on which something happened, each with its events, splits before earnings before dividends. */
export function eventDays({ document: { bars, fundamentals }, texts }: Pen): EventDay[] {
  const days = new Map<number, CompanyEvent[]>();
  for (const event of fundamentals?.events ?? []) {
    const row = bars.date.findIndex((day) => day >= event.date);
    if (row >= 0 && event.date >= (bars.date[0] ?? "")) days.set(row, [...(days.get(row) ?? []), event]);
  }
  const weight = ({ key }: CompanyEvent): number => WEIGHTS.indexOf(key);
  return [...days].map(([row, found]) => {
    const events = found.sort((a, b) => weight(b) - weight(a));
    return { row, time: bars.date[row] ?? "", letter: texts.badges[events[0]?.key ?? ""] ?? "•", weight: weight(events[0] as CompanyEvent), events };
  });
}

export interface EventDay extends Badge {
  readonly events: readonly CompanyEvent[];
}

/** What is said of a bar's events under the pointer. */
export function eventTip(events: readonly CompanyEvent[], { format, texts, terms }: Pen): HTMLElement[] {
  return events.map((event) => h("div", "sw-tip-signal", {},
    h("b", "", {}, terms.title("facts", event.key)),
    h("span", "", {}, [eventText(event, format), isNumber(event.fraction) ? format.share(event.fraction, 2) : ""].filter(Boolean).join(" · ")),
    h("span", "sw-tip-record", {}, publication(event, texts))));
}

const publication = ({ source, published }: CompanyEvent, texts: Pen["texts"]): string =>
  source === null ? texts.adjustedCloses : published ? `${texts.published} ${published}` : texts.undated;

export function companyTables(pen: Pen, show: (row: number) => void): HTMLElement[] {
  const { document: { fundamentals }, format, texts, terms } = pen;
  const { figures = [], abstained = [], events = [], lacking = [], notes = [], reason } = fundamentals ?? {};
  const said = [
    terms.sentence("reasons", reason),
    ...abstained.map((each) => format.pair(terms.title("facts", each.key), terms.sentence("reasons", each.reason))),
    lacking.length > 0 ? texts.lacking(lacking.map((key) => terms.title("facts", key)).join(texts.listed)) : "",
    ...notes.map((note) => terms.sentence("reasons", note)),
  ].filter(Boolean);
  return [
    ...(figures.length > 0 ? [figureTable(figures, pen)] : []),
    ...(events.length > 0 ? [eventTable(events, pen, show)] : []),
    ...(said.length > 0 ? [h("ul", "sw-note sw-plain", {}, ...said.map((line) => h("li", "", {}, line)))] : []),
  ];
}

function figureTable(figures: readonly Figure[], { format, texts, terms }: Pen): HTMLElement {
  const columns = [{ label: texts.figure }, { label: texts.value, number: true }, { label: texts.published }, { label: texts.periodEnd, priority: 3 as const }, { label: format.t.source, priority: 3 as const }];
  const rows = figures.map((figure) => {
    const { key, of, date, published, period_end, source, stale } = figure;
    const made = of.length > 0 && date ? texts.madeOf(of.map((name) => terms.title("facts", name)).join(texts.listed), date) : "";
    const out = published ?? texts.undated;
    return [
      h("span", "", { title: [terms.rule("facts", key), made].filter(Boolean).join("\n") }, terms.title("facts", key), date ? h("small", "", {}, ` ${date}`) : null),
      figureText(figure, format),
      h("span", stale || !published ? "sw-warn" : "", {}, stale ? `${out} · ${texts.old}` : out),
      period_end ?? MISSING,
      source ?? texts.adjustedCloses,
    ];
  });
  return table("figures", texts.sections.fundamentals, columns, rows);
}

function eventTable(events: readonly CompanyEvent[], { document, format, texts, terms, signal }: Pen, show: (row: number) => void): HTMLElement {
  const last = document.bars.date.at(-1) ?? "";
  const columns = [{ label: texts.date }, { label: texts.event }, { label: texts.amount, number: true }, { label: texts.ofPrice, number: true, priority: 2 as const }, { label: texts.published, priority: 3 as const }];
  const rows = [...events].reverse().map((event) => {
    const row = document.bars.date.findIndex((day) => day >= event.date);
    return [
      event.date > last || row < 0 ? h("span", "", {}, event.date, h("small", "", {}, ` ${texts.ahead}`)) : button("sw-link", event.date, signal, () => show(row)),
      terms.title("facts", event.key),
      eventText(event, format),
      isNumber(event.fraction) ? format.share(event.fraction, 2) : "",
      event.source === null ? texts.adjustedCloses : (event.published ?? texts.undated),
    ];
  });
  const made = table("events", texts.event, columns, rows);
  made.classList.add("sw-scroll");
  return made;
}
