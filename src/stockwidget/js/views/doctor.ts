/** The doctor's report: what the kernel found, and below it what this page reaches by itself. */

import type { PageFinding, WayFinding } from "../client/examine.ts";
import type { DoctorCatalogue } from "../i18n/doctor.en.ts";
import type { Reasons } from "../i18n/reasons.ts";
import { button, h, set } from "./dom.ts";
import type { Format } from "./format.ts";

export type CheckState = "ok" | "warn" | "fail" | "skip";

/** As doctor/report.py has it; `title` is `name` in the reader's language. */
export interface Check {
  readonly name: string;
  readonly title: string;
  readonly state: CheckState;
  readonly found: string;
  readonly advice: string;
}

const MARKS: Readonly<Record<CheckState, string>> = { ok: "✓", warn: "!", fail: "✗", skip: "·" };

export interface Words {
  readonly format: Format;
  readonly texts: DoctorCatalogue;
  readonly reasons: Reasons;
}

/** What the page found, in words. A way that fails hinders only where no other works. */
export function pageChecks({ server, ms, ways }: PageFinding, { format, texts, reasons }: Words): Check[] {
  const check = (name: keyof DoctorCatalogue["way"], state: CheckState, found: string, advice = ""): Check =>
    ({ name, title: texts.way[name], state, found, advice });
  if (server !== "ok") return [check("server", "fail", texts.server[server])];
  const works = ways.some((way) => way.ms !== null);
  const way = ({ name, offered, ms: took, reason }: WayFinding): Check => {
    if (!offered) return check(name, "skip", texts.notOffered);
    if (took !== null) return check(name, "ok", texts.works(format.count(Math.round(took))));
    return check(name, works ? "warn" : "fail", texts.fails(reasons[reason?.code ?? "other"]), texts.advice[name]);
  };
  return [check("server", "ok", texts.answers(format.count(Math.round(ms)))), ...ways.map(way)];
}

export function checkList(checks: readonly Check[], texts: DoctorCatalogue): HTMLElement {
  return h("ul", "sw-checks", {}, ...checks.map(({ name, title, state, found, advice }) =>
    h("li", "sw-check", { "data-state": state, "data-name": name },
      h("span", "sw-check-mark", { role: "img", "aria-label": texts.state[state] ?? state }, MARKS[state]),
      h("b", "", {}, title),
      h("div", "", {}, h("p", "", {}, found), advice ? h("p", "sw-check-advice", {}, `→ ${advice}`) : null))));
}

export interface PageListOptions extends Words {
  readonly signal: AbortSignal;
  /** Null where the page has no server. */
  readonly look: (() => Promise<PageFinding>) | null;
}

/** The page's own list; it looks when it is first asked to, and again by its button. */
export function pageList({ look, signal, ...words }: PageListOptions): { readonly element: HTMLElement; run(): void } {
  const { texts } = words;
  const place = h("div", "", { "aria-live": "polite" });
  const again = button("sw-check-again", texts.again, signal, () => run());
  const element = h("section", "sw-checks-page", { "aria-label": texts.page }, h("header", "", {}, h("h4", "", {}, texts.page), look ? again : null), place);
  function run(): void {
    if (!look) return place.replaceChildren(h("p", "sw-note", {}, texts.noServer));
    set(element, { "aria-busy": "true" });
    again.disabled = true;
    if (place.childNodes.length === 0) place.replaceChildren(h("p", "sw-note", {}, texts.looking));
    void look().then((found) => {
      if (signal.aborted) return;
      set(element, { "aria-busy": null });
      again.disabled = false;
      place.replaceChildren(checkList(pageChecks(found, words), texts));
    });
  }
  return { element, run };
}

export function doctorView(verdict: string, checks: readonly Check[], page: HTMLElement, texts: DoctorCatalogue): HTMLElement {
  const worst = (["fail", "warn"] as const).find((state) => checks.some((check) => check.state === state)) ?? "ok";
  return h("section", "stockwidget sw-doctor", { "aria-label": texts.title },
    h("header", "sw-doctor-head", { "data-state": worst }, h("span", "sw-check-mark", { "aria-hidden": "true" }, MARKS[worst]), h("strong", "", {}, verdict)),
    checkList(checks, texts), page);
}
