/** Letters at the foot of the candles: days on which a company paid, split its shares or reported. */

import type { IChartApi, ISeriesPrimitive, PrimitiveHoveredItem, SeriesAttachedParameter, Time } from "lightweight-charts";

export interface Badge {
  readonly row: number;
  readonly time: string;
  readonly letter: string;
  /** Where two have no room beside each other, the heavier stays. */
  readonly weight: number;
}

/** Half of a badge's side, and the room between two; px. */
const HALF = 6.5;
const GAP = 2;

export class Badges implements ISeriesPrimitive<Time> {
  readonly #all: readonly Badge[];
  #placed: readonly { readonly badge: Badge; readonly x: number }[] = [];
  #chart: IChartApi | null = null;
  #y = 0;

  constructor(all: readonly Badge[]) {
    this.#all = [...all].sort((a, b) => b.weight - a.weight || b.row - a.row);
  }

  attached({ chart, requestUpdate }: SeriesAttachedParameter<Time>): void {
    this.#chart = chart as IChartApi;
    requestUpdate();
  }

  detached(): void {
    this.#chart = null;
    this.#placed = [];
  }

  updateAllViews(): void {
    const scale = this.#chart?.timeScale();
    const view = scale?.getVisibleLogicalRange();
    if (!scale || !view) return;
    const placed: { badge: Badge; x: number }[] = [];
    for (const badge of this.#all) {
      if (badge.row < view.from - 1 || badge.row > view.to + 1) continue;
      const x = scale.timeToCoordinate(badge.time);
      if (x !== null && placed.every((other) => Math.abs(other.x - x) >= 2 * HALF + GAP)) placed.push({ badge, x });
    }
    this.#placed = placed;
  }

  paneViews(): ReturnType<NonNullable<ISeriesPrimitive<Time>["paneViews"]>> {
    return [{
      renderer: () => ({
        draw: (target) => target.useMediaCoordinateSpace(({ context, mediaSize }) => {
          this.#y = mediaSize.height - HALF - GAP;
          // As the axes: the chart's own colours follow the theme.
          const colour = this.#chart?.options().layout.textColor ?? "";
          for (const { badge, x } of this.#placed) draw(context, badge.letter, x, this.#y, colour);
        }),
      }),
    }];
  }

  hitTest(x: number, y: number): PrimitiveHoveredItem | null {
    if (Math.abs(y - this.#y) > HALF + GAP) return null;
    const near = this.#placed.find((each) => Math.abs(each.x - x) <= HALF + GAP);
    return near ? { externalId: String(near.badge.row), zOrder: "top", cursorStyle: "help" } : null;
  }
}

function draw(context: CanvasRenderingContext2D, letter: string, x: number, y: number, colour: string): void {
  const left = Math.round(x - HALF) + 0.5;
  const top = Math.round(y - HALF) + 0.5;
  const side = 2 * HALF - 1;
  // Candles and lines must not run through a letter; what lies behind the canvas is the card.
  context.clearRect(left - 1, top - 1, side + 2, side + 2);
  context.strokeStyle = context.fillStyle = colour;
  context.lineWidth = 1;
  context.beginPath();
  context.roundRect(left, top, side, side, 3);
  context.stroke();
  context.font = "9px sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(letter, left + side / 2, top + side / 2 + 0.5);
}
