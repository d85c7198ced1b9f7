/** The place below a table for the analysis that a row was opened for: one at a time. */

import { button, h, set } from "./dom.ts";
import type { Format } from "./format.ts";
import { type Opened, wordsOf } from "./scanactions.ts";

export interface OpenedView {
  readonly element: HTMLElement;
  show(symbol: string): Promise<void>;
}

/** The words it needs. */
export interface OpenedTexts {
  opening(symbol: string): string;
  close(symbol: string): string;
  openFromKernel(code: string): string;
}

export interface Opener {
  open(symbol: string, signal: AbortSignal): Promise<Opened>;
  /** What to type in a cell instead. */
  code(symbol: string): string;
}

/** `back` gives the focus to where it was before; `memory` has the symbol for a view that takes this one's place. */
export function openedView(
  format: Format,
  t: OpenedTexts,
  signal: AbortSignal,
  memory: { opened?: string | null },
  { open, code }: Opener,
  back: () => void,
): OpenedView {
  const element = h("div", "sw-opened", { hidden: true });
  let ending = new AbortController();
  let shown: string | null = null;
  signal.addEventListener("abort", () => ending.abort());
  const close = (): void => {
    ending.abort();
    shown = memory.opened = null;
    element.hidden = true;
    element.replaceChildren();
    back();
  };
  element.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  }, { signal });
  const place = (symbol: string, content: HTMLElement): void => {
    const shut = button("sw-close", "×", signal, close);
    set(shut, { "aria-label": t.close(symbol), title: t.close(symbol) });
    element.replaceChildren(h("div", "sw-opened-head", {}, shut), content);
  };

  return {
    element,
    async show(symbol) {
      if (shown === symbol) return element.scrollIntoView({ block: "nearest" });
      ending.abort();
      const mine = (ending = new AbortController());
      shown = memory.opened = symbol;
      element.hidden = false;
      place(symbol, h("p", "sw-hint", { role: "status" }, t.opening(symbol)));
      const opened = await open(symbol, mine.signal);
      if (mine.signal.aborted) return;
      if (opened?.is !== "card") shown = memory.opened = null;
      // 404: the page of another server, or of none that has us.
      const words = opened === null || opened.is === "missing" ? t.openFromKernel(code(symbol)) : opened.is === "card" ? "" : wordsOf(opened, format);
      place(symbol, opened?.is === "card" ? opened.card : h("p", "sw-hint", { role: "alert" }, words));
      element.scrollIntoView?.({ block: "nearest" });
    },
  };
}
