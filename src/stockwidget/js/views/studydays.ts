/** Hits a day as bars; one day can be chosen, by mouse or arrow keys, and shows its hits. */

import type { StudyCatalogue } from "../i18n/study.en.ts";
import type { StudyDocument } from "./documents.ts";
import { h, say, set } from "./dom.ts";
import { direction, type Format, isNumber, MISSING } from "./format.ts";
import { svg } from "./svg.ts";

const SHOWN = 100;
/** Horizon whose returns the line below the bars names. */
const NAMED = "20";
const KEYS: Readonly<Record<string, (at: number, last: number) => number>> = {
  ArrowLeft: (at) => Math.max(0, at - 1),
  ArrowRight: (at, last) => Math.min(last, at + 1),
  Home: () => 0,
  End: (_, last) => last,
};

export interface DaysView {
  readonly element: HTMLElement;
  update(document: StudyDocument): void;
}

export function daysView(format: Format, t: StudyCatalogue, signal: AbortSignal, memory: { day?: number | null }): DaysView {
  const bars = svg("g");
  const picture = svg("svg", { preserveAspectRatio: "none", "aria-hidden": "true" }, bars);
  const plot = h("div", "sw-days-plot", { tabindex: 0, role: "slider", "aria-orientation": "horizontal", "aria-valuemin": 0 }, picture);
  const most = h("span", "sw-days-most");
  const axis = h("div", "sw-days-axis", { "aria-hidden": "true" });
  const line = h("p", "sw-days-line", { role: "status" });
  const list = h("div", "sw-days-hits", { hidden: true });
  const element = h("section", "sw-days", {}, h("h4", "", {}, t.days, most), plot, axis, line, list);
  let document: StudyDocument | null = null;
  let chosen = memory.day ?? null;
  let hovered: number | null = null;

  const at = (x: number): number | null => {
    const { left, width } = plot.getBoundingClientRect();
    const n = document?.dates.length ?? 0;
    return n > 0 && width > 0 ? Math.min(n - 1, Math.max(0, Math.floor(((x - left) / width) * n))) : null;
  };
  const draw = (): void => {
    if (!document) return;
    const { dates, days, after } = document;
    const top = Math.max(1, ...days.hits);
    picture.setAttribute("viewBox", `0 0 ${dates.length} 1`);
    const shown = hovered ?? chosen;
    bars.replaceChildren(...days.hits.map((hits, i) => svg("rect", {
      x: i + 0.1, width: 0.8, y: 1 - hits / top, height: hits / top, class: i === chosen ? "sw-day sw-day-chosen" : i === shown ? "sw-day sw-day-shown" : "sw-day",
    })));
    say(most, t.most(format.count(top)));
    const marks = [0, Math.floor((dates.length - 1) / 2), dates.length - 1];
    axis.replaceChildren(...[...new Set(marks)].map((i) => h("span", "", {}, dates[i] ?? "")));
    const words = shown === null ? overall(document) : dayWords(document, shown);
    say(line, words);
    set(plot, {
      "aria-label": t.daysLabel(format.count(dates.length), dates[0] ?? "", dates.at(-1) ?? ""),
      "aria-valuemax": dates.length - 1, "aria-valuenow": chosen ?? dates.length - 1, "aria-valuetext": words,
    });
    list.hidden = chosen === null || !after;
    element.classList.toggle("sw-days-done", after !== undefined);
  };
  const choose = (day: number | null): void => {
    chosen = memory.day = day;
    if (document && day !== null) list.replaceChildren(...hitsOf(document, day));
    draw();
  };
  const overall = ({ days: { hits, judged }, after }: StudyDocument): string => {
    const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
    const all = sum(judged);
    const words = t.average(format.decimal(sum(hits) / hits.length, 1), format.count(all / hits.length), all > 0 ? format.share(sum(hits) / all) : MISSING);
    return after && sum(hits) > 0 ? `${words} · ${t.choose}` : words;
  };
  const percent = (value: number | null | undefined): string => (isNumber(value) ? format.change(value) : MISSING);
  const dayWords = ({ dates, days, after }: StudyDocument, i: number): string => {
    const parts = [t.day(dates[i] ?? "", format.count(days.hits[i] ?? 0), format.count(days.judged[i] ?? 0))];
    const [entered, gone] = [days.new?.[i], days.gone?.[i]];
    if (isNumber(entered) && isNumber(gone)) parts.push(t.turnover(format.count(entered), format.count(gone)));
    const followed = after?.[NAMED];
    if (isNumber(followed?.hits[i])) parts.push(t.afterDay(NAMED, percent(followed?.hits[i]), percent(followed?.base[i])));
    return parts.join(" · ");
  };
  const hitsOf = ({ dates, events, horizons = [] }: StudyDocument, day: number): HTMLElement[] => {
    const title = h("h4", "", {}, t.dayHits(dates[day] ?? ""));
    if (!events) return [title, h("p", "", {}, t.noEvents)];
    const rows = [...events.day.keys()].filter((row) => events.day[row] === day);
    if (rows.length === 0) return [title, h("p", "", {}, t.noHits)];
    const cell = (horizon: number, row: number): HTMLElement => {
      const value = events.after[String(horizon)]?.[row];
      return h("td", `sw-num ${isNumber(value) ? `sw-${direction(value)}` : ""}`, {}, percent(value));
    };
    const table = h("table", "sw-study-table", { "aria-label": t.dayHits(dates[day] ?? "") },
      h("thead", "", {}, h("tr", "", {}, h("th", "", { scope: "col" }, t.symbol), ...horizons.map((n) => h("th", "sw-num", { scope: "col" }, t.bars(String(n)))))),
      h("tbody", "", {}, ...rows.slice(0, SHOWN).map((row) => h("tr", "", {}, h("th", "", { scope: "row" }, events.symbol[row] ?? ""), ...horizons.map((n) => cell(n, row))))));
    const more = rows.length - SHOWN;
    return [title, h("div", "sw-days-table", { tabindex: 0, role: "group", "aria-label": t.dayHits(dates[day] ?? "") }, table), ...(more > 0 ? [h("p", "", {}, t.andMore(format.count(more)))] : [])];
  };

  plot.addEventListener("pointermove", (event) => {
    const day = at(event.clientX);
    if (day === hovered) return;
    hovered = day;
    draw();
  }, { signal });
  plot.addEventListener("pointerleave", () => {
    hovered = null;
    draw();
  }, { signal });
  plot.addEventListener("click", (event) => {
    const day = at(event.clientX);
    choose(day === chosen ? null : day);
  }, { signal });
  plot.addEventListener("keydown", (event) => {
    const last = (document?.dates.length ?? 0) - 1;
    const move = KEYS[event.key];
    if (event.key === "Escape") choose(null);
    else if (move && last >= 0) choose(chosen === null && event.key !== "Home" ? last : move(chosen ?? last, last));
    else return;
    event.preventDefault();
  }, { signal });

  return {
    element,
    update(next) {
      if (next === document) return;
      document = next;
      if (chosen !== null) choose(chosen);
      else draw();
    },
  };
}
