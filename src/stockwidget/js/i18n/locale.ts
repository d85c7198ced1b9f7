/** Which language a card speaks. */

import { type Catalogue, en } from "./en.ts";
import { zh } from "./zh.ts";

/** The catalogue for `wanted` (a trait), else the page's language, else the browser's. */
export function catalogueFor(wanted: string, document: Document, navigator: Navigator): Catalogue {
  const candidates = [wanted, document.documentElement.lang, navigator.language];
  const first = candidates.find((candidate) => candidate !== "") ?? "en";
  return first.toLowerCase().startsWith("zh") ? zh : en;
}
