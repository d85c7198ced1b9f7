/** The page's frame: brand, state of the connection, language and theme; then the panels in two columns, or in one. */

import { h, say, set } from "../views/dom.ts";
import type { Format } from "../views/format.ts";
import type { PageCatalogue } from "../i18n/page.en.ts";
import { mark, themeIcon } from "./icons.ts";
import { type LinkModel, lookOf } from "./ladder.ts";
import { type Language, type ThemeChoice, THEMES } from "./preferences.ts";
import { segments } from "./segments.ts";

export interface FrameOptions {
  readonly format: Format;
  readonly texts: PageCatalogue;
  readonly language: Language;
  readonly theme: ThemeChoice;
  readonly signal: AbortSignal;
  readonly onLanguage: (language: Language) => void;
  readonly onTheme: (theme: ThemeChoice) => void;
  /** What one works with, and what one watches beside it. */
  readonly main: readonly HTMLElement[];
  readonly side: readonly HTMLElement[];
}

export interface FrameView {
  readonly element: HTMLElement;
  update(link: LinkModel): void;
}

export function frameView({ format, texts, language, theme, signal, onLanguage, onTheme, main, side }: FrameOptions): FrameView {
  const words = h("span", "");
  const pill = h("a", "dp-pill", { href: "#dp-connection" }, h("span", "dp-beacon", { "aria-hidden": "true" }), words);
  const languages = [{ value: "en", label: "EN" }, { value: "zh", label: "中文" }] as const;
  const themes = THEMES.map((value) => ({ value, label: texts.themes[value], icon: themeIcon(value) }));
  const element = h("div", "dp-page", {},
    h("header", "dp-top", {}, h("div", "dp-top-row", {},
      h("div", "dp-brand", {}, mark(), h("b", "", {}, "stockwidget"), h("i", "", {}, texts.title)),
      h("div", "dp-gap"), pill,
      segments(texts.language, languages, language, signal, onLanguage),
      segments(texts.theme, themes, theme, signal, onTheme))),
    h("main", "dp-main", {},
      h("div", "dp-lead", {}, h("h1", "", {}, texts.title), h("p", "", {}, texts.lead)),
      h("div", "dp-columns", {}, h("div", "dp-column", {}, ...main), h("div", "dp-column dp-side", {}, ...side)),
      h("footer", "dp-foot", {}, texts.footer)));
  return {
    element,
    update(link) {
      say(words, lookOf(link, format, texts));
      set(pill, { "data-state": link.state });
    },
  };
}
