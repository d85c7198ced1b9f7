/** The score at a glance: a dial, what each family gave, and what such a score was worth before. */

import type { AnalysisCatalogue } from "../i18n/analysis.en.ts";
import type { AnalysisDocument, Score, TrackRecord } from "./documents.ts";
import { h } from "./dom.ts";
import { type Format, isNumber, MISSING } from "./format.ts";
import { recordParts } from "./signalmarks.ts";
import { svg } from "./svg.ts";
import type { Terms } from "./terms.ts";

const RADIUS = 80;
/** Degrees between two bands. */
const GAP = 1.6;

export function scorecard(document: AnalysisDocument, score: Score, format: Format, texts: AnalysisCatalogue, terms: Terms): HTMLElement {
  const { value, band, coverage, reason, families } = score;
  const title = band === null ? texts.noScore : terms.title("bands", band);
  const rows = families.map((family) => {
    const name = terms.title("families", family.key);
    const judged = family.judged > 0;
    const fill = h("span", "sw-meter-fill");
    fill.style.width = `${judged ? (100 * family.points) / family.max : 0}%`;
    const unknown = h("span", "sw-meter-unknown", family.judged < family.max ? {} : { hidden: true });
    unknown.style.width = `${100 * (1 - family.judged / family.max)}%`;
    const points = judged ? `${format.decimal(family.points, 0)}` : MISSING;
    return h("li", "", { "aria-label": `${name}: ${judged ? texts.pointsOf(points, format.decimal(family.max, 0)) : texts.abstains}` },
      h("span", "", {}, name), h("span", "sw-meter", {}, fill, unknown),
      h("b", "", {}, points, h("small", "", {}, `/${format.decimal(family.max, 0)}`)));
  });
  const line = (each: TrackRecord): HTMLElement => {
    const [said, caution] = recordParts(each, format, texts);
    return h("p", "", {}, said, format.t.lang === "en" ? " " : null, h("span", "sw-caution", {}, caution)); // It moves to a line of its own as a whole.
  };
  const before = document.record?.score.filter((each) => each.key === band) ?? [];
  return h("section", "sw-score", { "aria-label": texts.score },
    h("div", "sw-verdict", {},
      dial(score, isNumber(value) ? texts.scoreOf(format.decimal(value, 0), title) : texts.noScore),
      h("div", "sw-verdict-words", {},
        h("strong", `sw-tone-${toneOf(value)}`, {}, title),
        h("span", "", {}, reason ? terms.sentence("reasons", reason) : texts.coverage(format.share(coverage, 0))),
        score.scaled ? h("span", "sw-scaled", {}, terms.sentence("reasons", score.scaled)) : null,
        h("span", "", {}, texts.noAdvice))),
    h("ol", "sw-families", {}, ...rows),
    before.length > 0
      ? h("div", "sw-before", {}, h("h4", "", {}, texts.heldBefore(title)), ...before.map(line))
      : null);
}

/** A half circle of the bands, low to high, and a hand at the value. */
function dial({ value, bands }: Score, label: string): Element {
  const rising = [...bands].reverse();
  const arcs = rising.map(({ least }, i) => {
    const end = rising[i + 1]?.least ?? 100;
    const held = isNumber(value) && value >= least && (value < end || end === 100);
    const [from, to] = [angle(least) - (i > 0 ? GAP / 2 : 0), angle(end) + (end < 100 ? GAP / 2 : 0)];
    return svg("path", { d: arc(from, to), class: `sw-arc sw-tone-${toneOf((least + end) / 2)}${held ? " sw-held" : ""}` });
  });
  const hand = isNumber(value) ? svg("line", { ...ends(angle(value)), class: "sw-hand" }) : null;
  const number = svg("text", { x: 100, y: 97, class: "sw-dial-number" });
  number.textContent = isNumber(value) ? String(Math.round(value)) : MISSING;
  return svg("svg", { viewBox: "8 8 184 94", class: "sw-dial", role: "img", "aria-label": label }, ...arcs, ...(hand ? [hand] : []), number);
}

/** From 180° for 0 to 0° for 100. */
const angle = (value: number): number => 180 - 1.8 * value;
const point = (degrees: number, radius: number): [string, string] => {
  const radians = (degrees * Math.PI) / 180;
  return [(100 + radius * Math.cos(radians)).toFixed(2), (98 - radius * Math.sin(radians)).toFixed(2)];
};
const arc = (from: number, to: number): string => `M${point(from, RADIUS).join(" ")}A${RADIUS} ${RADIUS} 0 0 1 ${point(to, RADIUS).join(" ")}`;
function ends(degrees: number): Record<string, string> {
  const [[x1, y1], [x2, y2]] = [point(degrees, RADIUS - 14), point(degrees, RADIUS + 8)];
  return { x1, y1, x2, y2 };
}

/** Which colour a score has: its band's side, however many bands there are. */
export const toneOf = (value: number | null): "up" | "down" | "flat" => (value === null ? "flat" : value >= 60 ? "up" : value < 40 ? "down" : "flat");
