/** The result of an analysis, opened on a page of its own, and ways to look at it and to use it. */

import { beforeAll, beforeEach } from "vitest";

import type { Bundle } from "../../src/stockwidget/js/bundle.ts";
import { en } from "../../src/stockwidget/js/i18n/en.ts";
import type { DetailsViews } from "../../src/stockwidget/js/views/details.ts";
import { type AnalysisDocument, documentOf } from "../../src/stockwidget/js/views/documents.ts";
import { Format } from "../../src/stockwidget/js/views/format.ts";
import { type Memory, resultView, type ResultView } from "../../src/stockwidget/js/views/result.ts";
import { completePage, viewing } from "./page.ts";
import { judged } from "./judged.ts";

export const CHOICES = Symbol.for("stockwidget.choices.v1");

/** Each test finds a page where nothing has been chosen. */
export function freshPages(): void {
  beforeAll(completePage);
  beforeEach(() => {
    localStorage.clear();
    Reflect.deleteProperty(globalThis, CHOICES);
    Element.prototype.scrollIntoView = () => undefined;
  });
}

/** What was opened last. */
export let view: ResultView;

export function open(changes: Record<string, unknown> = {}, memory: Memory = {}, catalogue = en, late?: Bundle<DetailsViews>): HTMLElement {
  const document_ = documentOf(judged(changes)) as AnalysisDocument;
  const root = document.createElement("section");
  document.body.replaceChildren(root);
  const signal = new AbortController().signal;
  const details = late ?? viewing(signal).parts.details;
  view = resultView({ document: document_, root, format: new Format(catalogue), signal, memory, details });
  root.append(view.element);
  return view.element;
}

export const one = (element: Element, selector: string): HTMLElement => {
  const found = element.querySelector<HTMLElement>(selector);
  if (!found) throw new Error(`No ${selector}.`);
  return found;
};
export const texts = (element: Element, selector: string): (string | null)[] => [...element.querySelectorAll(selector)].map((each) => each.textContent);
export const unfold = async (element: Element, name: string): Promise<HTMLElement> => {
  const part = one(element, `.sw-fold-${name}`) as HTMLDetailsElement;
  part.open = true;
  part.dispatchEvent(new Event("toggle"));
  return part;
};
export const press = (element: Element, key: string, rest: KeyboardEventInit = {}): void => {
  one(element, ".sw-chart-frame").dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...rest }));
};
export const date = (element: Element): string | null => one(element, ".sw-legend-date").textContent;
