/** The chart's colours, read from the stylesheet so that the host's theme decides. */

import { colour, css, type Rgb } from "./theme.ts";

export interface Palette {
  readonly text: string;
  readonly line: string;
  readonly cross: string;
  readonly label: string;
  readonly up: Rgb;
  readonly down: Rgb;
  readonly overlays: Readonly<Record<Overlay, string>>;
  readonly bollFill: string;
}

export const OVERLAYS = ["sma_20", "sma_50", "sma_200", "boll"] as const;
export type Overlay = (typeof OVERLAYS)[number];

const grey: Rgb = { r: 120, g: 123, b: 134 };

export function paletteOf(root: HTMLElement): Palette {
  const read = (name: string, fallback: Rgb = grey): Rgb => colour(root, name, fallback);
  return {
    text: css(read("--sw-fg2")),
    line: css(read("--sw-grid"), 0.5),
    cross: css(read("--sw-fg2"), 0.7),
    label: css(read("--sw-label-bg", { r: 76, g: 82, b: 94 })),
    up: read("--sw-up", { r: 8, g: 153, b: 129 }),
    down: read("--sw-down", { r: 242, g: 54, b: 69 }),
    overlays: {
      sma_20: css(read("--sw-sma-20", { r: 41, g: 98, b: 255 })),
      sma_50: css(read("--sw-sma-50", { r: 245, g: 124, b: 0 })),
      sma_200: css(read("--sw-sma-200", { r: 142, g: 36, b: 170 })),
      boll: css(read("--sw-boll", { r: 0, g: 137, b: 167 })),
    },
    bollFill: css(read("--sw-boll", { r: 0, g: 137, b: 167 }), 0.55),
  };
}
