/** A part of the result that folds: its title, the gist of it while it is folded, and the whole. */

import { choose } from "./choices.ts";
import { h } from "./dom.ts";

export interface FoldOptions {
  readonly name: string;
  readonly title: string;
  readonly gist: string;
  /** Made when it is first unfolded. */
  readonly body: () => (Node | null)[];
  readonly signal: AbortSignal;
  /** Names that are unfolded in this view; outlives it. */
  readonly open: Set<string>;
}

export function fold({ name, title, gist, body, signal, open }: FoldOptions): HTMLElement {
  const inner = h("div", "sw-fold-body");
  const element = h("details", `sw-fold sw-fold-${name}`, { open: open.has(name) },
    h("summary", "", {}, h("h3", "", {}, title), h("span", "sw-gist", {}, gist)), inner);
  const fill = (): void => {
    if (inner.childNodes.length === 0) inner.append(...body().filter((part) => part !== null));
  };
  if (element.open) fill();
  element.addEventListener("toggle", () => {
    if (element.open === open.has(name)) return; // The event of its own making.
    if (element.open) open.add(name);
    else open.delete(name);
    if (element.open) fill();
    choose({ open: [...open] });
  }, { signal });
  return element;
}
