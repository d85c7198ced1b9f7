/** A line of a few dozen numbers, without axes: only its shape is read. */

import { svg } from "./svg.ts";

const HEIGHT = 28;
const WIDTH = 120;
const MARGIN = 2;

export interface SparkView {
  readonly element: SVGElement;
  /** The newest value last; null breaks the line. */
  update(values: readonly (number | null)[]): void;
}

/** A spark of up to `room` values; fewer begin at the right, where the newest always is. */
export function sparkView(room: number): SparkView {
  const area = svg("path", { class: "sw-spark-area" });
  const line = svg("path", { class: "sw-spark-line" });
  const box = { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" };
  const element = svg("svg", { class: "sw-spark", ...box }, area, line);
  return {
    element,
    update(values) {
      const runs = runsOf(values.slice(-room), room);
      line.setAttribute("d", runs.map((run) => `M${run.map(at).join("L")}`).join(""));
      area.setAttribute("d", runs.map((run) => `M${(run[0] as Point).x} ${HEIGHT}L${run.map(at).join("L")}V${HEIGHT}Z`).join(""));
    },
  };
}

interface Point {
  readonly x: number;
  readonly y: number;
}

const at = ({ x, y }: Point): string => `${x} ${y}`;

/** Points of the unbroken runs; a lone value becomes a short dash so that it is seen. */
export function runsOf(values: readonly (number | null)[], room: number): Point[][] {
  const top = Math.max(...values.map((value) => value ?? 0), 0);
  const step = WIDTH / Math.max(1, room - 1);
  const round = (value: number): number => Math.round(value * 100) / 100;
  const runs: Point[][] = [];
  let run: Point[] = [];
  values.forEach((value, i) => {
    if (value === null) {
      if (run.length > 0) runs.push(run);
      run = [];
      return;
    }
    const x = round(WIDTH - (values.length - 1 - i) * step);
    const y = round(HEIGHT - MARGIN - (top > 0 ? value / top : 0) * (HEIGHT - 2 * MARGIN));
    run.push({ x, y });
  });
  if (run.length > 0) runs.push(run);
  return runs.map((each) => (each.length > 1 ? each : each.flatMap(({ x, y }) => [{ x: round(x - step / 2), y }, { x, y }])));
}
