/** The last closes of a hit as a small picture: read by docs/protocol.md, drawn as one line that breaks where bars are missing. */

import type { ScanCatalogue } from "../i18n/scan.en.ts";
import { set } from "./dom.ts";
import { direction, type Format } from "./format.ts";
import { svg } from "./svg.ts";

/** As BARS and LEVELS in scan/sparks.py. */
const BARS = 60;
const LEVELS = 127;
const GAP = 0x80;
const HEAD = 8;

export interface Spark {
  readonly first: number;
  readonly last: number;
  /** 0 to 127 a bar, oldest first. */
  readonly levels: readonly number[];
  /** Whether bars are missing before it. */
  readonly broken: readonly boolean[];
}

/** What a row carries; null if it is nothing that can be drawn. */
export function readSpark(text: string | undefined): Spark | null {
  if (!text) return null;
  try {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    if (bytes.length <= HEAD) return null;
    const ends = new DataView(bytes.buffer);
    const codes = [...bytes.subarray(HEAD)].slice(-BARS);
    return { first: ends.getFloat32(0, true), last: ends.getFloat32(4, true), levels: codes.map((code) => code & LEVELS), broken: codes.map((code) => (code & GAP) !== 0) };
  } catch {
    return null; // No base64.
  }
}

/** A bar is one unit wide; the newest is always at the right. */
export function linePath({ levels, broken }: Spark): string {
  const start = BARS - levels.length;
  const alone = (i: number): boolean => (i === 0 || broken[i] === true) && (i === levels.length - 1 || broken[i + 1] === true);
  return levels.map((level, i) => `${i === 0 || broken[i] ? "M" : "L"}${start + i} ${LEVELS - level}${alone(i) ? "h.5" : ""}`).join("");
}

export function sparkWords({ first, last, levels }: Spark, t: ScanCatalogue, format: Format): string {
  return t.sparkWords(String(levels.length), format.price(first), format.price(last), format.change(last / first - 1));
}

export function sparkline(spark: Spark, words: string): SVGElement {
  const line = svg("path", { d: linePath(spark) });
  const element = svg("svg", { viewBox: `0 -6 ${BARS - 1} ${LEVELS + 12}`, preserveAspectRatio: "none", role: "img" }, line);
  set(element, { class: `sw-sparkline sw-sparkline-${direction(spark.last - spark.first)}`, "aria-label": words });
  return element;
}
