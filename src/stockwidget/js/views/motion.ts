/** Rows that slide from where they were to where they are, so that the eye can follow a change of rank. */

const SLIDE_MS = 160;

const still = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** `before`: key of a row → its place at the last drawing. Rows that were not there fade in. */
export function slide(rows: readonly { element: HTMLElement; key: string; index: number }[], before: ReadonlyMap<string, number>, rowPx: number): void {
  if (before.size === 0 || still()) return;
  for (const { element, key, index } of rows) {
    const was = before.get(key);
    if (was === index || typeof element.animate !== "function") continue;
    const from = was === undefined ? { opacity: 0.2 } : { transform: `translateY(${(was - index) * rowPx}px)` };
    const to = was === undefined ? { opacity: 1 } : { transform: "none" };
    element.animate([from, to], { duration: SLIDE_MS, easing: "ease-out" });
  }
}
