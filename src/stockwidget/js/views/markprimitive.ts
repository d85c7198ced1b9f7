/** The signals' marks on the candles: small arrows and dots, drawn crisply and found under the pointer. */

import type { IChartApi, ISeriesApi, ISeriesPrimitive, PrimitiveHoveredItem, SeriesAttachedParameter, Time } from "lightweight-charts";

export interface Mark {
  readonly row: number;
  readonly time: string;
  /** Of the bar: its low for a mark below it, its high for one above. */
  readonly price: number;
  readonly direction: number;
  readonly colour: string;
  /** Signals that it stands for. */
  readonly count: number;
}

interface Point {
  readonly x: number;
  readonly y: number;
}
type Placed = Mark & Point;

/** From the bar to the middle of the mark, and half the mark's width; px. */
const AWAY = 11;
const HALF = 4.5;
const REACH = 9;
/** Nearer than this, in both directions, two marks run into each other; with room for the number beside one. */
const CLEAR = 10;
const CLEAR_DOWN = 16;

export class Marks implements ISeriesPrimitive<Time> {
  #marks: readonly Mark[] = [];
  #placed: readonly Placed[] = [];
  #chart: IChartApi | null = null;
  #series: ISeriesApi<"Candlestick"> | null = null;
  #redraw: () => void = () => undefined;
  readonly #told: (shown: number, all: number) => void;

  /** `told` hears how many of the marks in view have room. */
  constructor(told: (shown: number, all: number) => void) {
    this.#told = told;
  }

  /** The most important first: where there is no room for all, these are shown. */
  set(marks: readonly Mark[]): void {
    this.#marks = marks;
    this.#redraw();
  }

  attached({ chart, series, requestUpdate }: SeriesAttachedParameter<Time>): void {
    this.#chart = chart as IChartApi;
    this.#series = series as ISeriesApi<"Candlestick">;
    this.#redraw = requestUpdate;
  }

  updateAllViews(): void {
    const [scale, series] = [this.#chart?.timeScale(), this.#series];
    if (!scale || !series) return;
    const view = scale.getVisibleLogicalRange();
    const seen = view ? this.#marks.filter(({ row }) => row >= view.from - 1 && row <= view.to + 1) : [];
    const all = seen.flatMap((mark) => {
      const x = scale.timeToCoordinate(mark.time);
      const y = series.priceToCoordinate(mark.price);
      return x === null || y === null ? [] : [{ ...mark, x, y: y + (mark.direction > 0 ? AWAY : -AWAY) }];
    });
    this.#placed = roomy(all);
    this.#told(this.#placed.length, all.length);
  }

  paneViews(): ReturnType<NonNullable<ISeriesPrimitive<Time>["paneViews"]>> {
    return [{
      renderer: () => ({
        draw: (target) => target.useMediaCoordinateSpace(({ context }) => {
          for (const mark of this.#placed) draw(context, mark);
        }),
      }),
    }];
  }

  hitTest(x: number, y: number): PrimitiveHoveredItem | null {
    const near = this.#placed.find((mark) => Math.abs(mark.x - x) <= REACH && Math.abs(mark.y - y) <= REACH);
    return near ? { externalId: String(near.row), zOrder: "top", cursorStyle: "help" } : null;
  }
}

/** Those that do not run into one before them. Looks into columns of the width that must be clear, since this is done at each frame. */
export function roomy<T extends Point>(all: readonly T[]): T[] {
  const columns = new Map<number, T[]>();
  return all.filter((mark) => {
    const at = Math.floor(mark.x / CLEAR);
    const near = [at - 1, at, at + 1].flatMap((column) => columns.get(column) ?? []);
    if (near.some(({ x, y }) => Math.abs(x - mark.x) < CLEAR && Math.abs(y - mark.y) < CLEAR_DOWN)) return false;
    columns.set(at, [...(columns.get(at) ?? []), mark]);
    return true;
  });
}

function draw(context: CanvasRenderingContext2D, { x, y, direction, colour, count }: Placed): void {
  context.fillStyle = colour;
  context.beginPath();
  if (direction === 0) context.arc(x, y, HALF * 0.62, 0, 2 * Math.PI);
  else {
    const up = direction > 0 ? -1 : 1;
    context.moveTo(x, y + up * HALF);
    context.lineTo(x + HALF, y - up * HALF * 0.8);
    context.lineTo(x - HALF, y - up * HALF * 0.8);
  }
  context.fill();
  if (count < 2) return;
  context.font = "10px sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(String(count), x, y + (direction > 0 ? AWAY : -AWAY));
}
