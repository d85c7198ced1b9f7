/** The page's few drawings. */

import { svg } from "../views/svg.ts";
import type { ThemeChoice } from "./preferences.ts";

export const mark = (): SVGElement =>
  svg("svg", { viewBox: "0 0 32 32", "aria-hidden": "true" },
    svg("rect", { width: 32, height: 32, rx: 8, fill: "var(--dp-accent)" }),
    svg("path", { d: "M6 21l6-7 5 4 9-10", fill: "none", stroke: "var(--dp-on-accent)", "stroke-width": 3, "stroke-linecap": "round", "stroke-linejoin": "round" }));

const line = (...paths: string[]): SVGElement =>
  svg("svg", { viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", "stroke-width": 2, "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true" },
    ...paths.map((d) => svg("path", { d })));

export const themeIcon = (theme: ThemeChoice): SVGElement =>
  theme === "auto"
    ? line("M4 5h16v11H4z", "M9 20h6", "M12 16v4")
    : theme === "dark"
      ? line("M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z")
      : line("M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8z", "M12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.4M17.6 17.6L19 19M5 19l1.4-1.4M17.6 6.4L19 5");

/** A few candles for the empty list. */
export function candles(): SVGElement {
  const bars = [[14, 24, 9], [18, 20, 12], [10, 22, 6], [20, 12, 17], [12, 18, 8], [8, 16, 4], [14, 10, 11], [6, 18, 3], [4, 12, 1]] as const;
  return svg("svg", { viewBox: "0 0 132 44", fill: "none", stroke: "currentColor", "stroke-width": 1.5, "aria-hidden": "true" },
    ...bars.flatMap(([top, height, wick], i) => {
      const x = 8 + i * 14;
      const body = { x: x - 3, y: top, width: 6, height, rx: 1.5 };
      return [svg("path", { d: `M${x} ${wick}V${top}M${x} ${top + height}V${Math.min(43, top + height + 6)}` }), svg("rect", i % 3 === 1 ? { ...body, fill: "currentColor" } : body)];
    }));
}
