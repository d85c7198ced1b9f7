/** What the forms are made of. */

import type { PageCatalogue } from "../i18n/page.en.ts";
import { h } from "../views/dom.ts";

export const field = (label: string, control: HTMLElement): HTMLElement => h("label", "dp-field", {}, h("span", "dp-label", {}, label), control);

export function select(name: string, options: readonly (readonly [string, string])[], chosen: string): HTMLSelectElement {
  return h("select", "dp-input", { name }, ...options.map(([value, label]) => h("option", "", { value, selected: value === chosen }, label)));
}

/** Universes as options. */
export const sized = (sizes: readonly string[], texts: PageCatalogue, lang: string): (readonly [string, string])[] =>
  sizes.map((size) => [size, sizeName(size, texts, lang)]);

function sizeName(size: string, texts: PageCatalogue, lang: string): string {
  const count = Number(size.split(":")[1]);
  return Number.isNaN(count) ? texts.universeSample : texts.universeSynthetic(new Intl.NumberFormat(lang).format(count));
}
