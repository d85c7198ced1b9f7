/** The chart's colours, read from the stylesheet so that the host's theme decides. */

import { colour, css, type Rgb } from "./theme.ts";

export interface Palette {
  readonly text: string;
  readonly line: string;
  readonly border: string;
  readonly cross: string;
  readonly label: string;
  readonly up: Rgb;
  readonly down: Rgb;
  /** Of what takes no side. */
  readonly neutral: string;
  readonly lines: Readonly<Record<"a" | "b" | "c" | "d", string>>;
  readonly bands: string;
}

export const OVERLAYS = ["sma_20", "sma_50", "sma_200", "boll"] as const;
export type Overlay = (typeof OVERLAYS)[number];
export const TONE: Readonly<Record<Overlay, keyof Palette["lines"]>> = { sma_20: "a", sma_50: "b", sma_200: "c", boll: "d" };

const grey: Rgb = { r: 120, g: 123, b: 134 };

export function paletteOf(root: HTMLElement): Palette {
  const read = (name: string): Rgb => colour(root, name, grey);
  const boll = read("--sw-boll");
  return {
    text: css(read("--sw-fg2")),
    line: css(read("--sw-grid"), 0.5),
    border: css(read("--sw-line")),
    cross: css(read("--sw-fg2"), 0.7),
    label: css(read("--sw-label-bg")),
    up: read("--sw-up"),
    down: read("--sw-down"),
    neutral: css(read("--sw-amber")),
    lines: { a: css(read("--sw-sma-20")), b: css(read("--sw-sma-50")), c: css(read("--sw-sma-200")), d: css(boll) },
    bands: css(boll, 0.55),
  };
}
