/** What a browser has and jsdom has not, and the result documents that cards draw. */

import * as analysisViews from "../../src/stockwidget/js/analysis.ts";
import * as detailsViews from "../../src/stockwidget/js/details.ts";
import { partsFrom } from "../../src/stockwidget/js/parts.ts";
import * as errorViews from "../../src/stockwidget/js/errors.ts";
import * as scanViews from "../../src/stockwidget/js/scan.ts";
import * as studyViews from "../../src/stockwidget/js/study.ts";
import type { CardOptions } from "../../src/stockwidget/js/views/card.ts";

/** As if the page had loaded the parts of the bundle before. */
export function shelve(): void {
  const modules = new Map<string, unknown>([
    ["analysis.js?v=unbuilt", analysisViews], ["details.js?v=unbuilt", detailsViews], ["scan.js?v=unbuilt", scanViews], ["study.js?v=unbuilt", studyViews], ["errors.js?v=unbuilt", errorViews],
  ]);
  Object.assign(globalThis, { [Symbol.for("stockwidget.bundles.v1")]: { modules, waiting: new Set() } });
}

/** What a card needs to draw results; the parts are on the shelf. */
export function viewing(signal: AbortSignal): Pick<CardOptions, "parts" | "memory"> {
  return { parts: partsFrom({ server: null, kernel: null, signal }), memory: {} };
}

/** jsdom lays nothing out: every element has the size that its observer is told here. */
export function completePage(): void {
  shelve();
  globalThis.ResizeObserver = class {
    readonly #callback: ResizeObserverCallback;
    constructor(callback: ResizeObserverCallback) {
      this.#callback = callback;
    }
    observe(): void {
      this.#callback([{ contentRect: { width: 600, height: 300 } } as ResizeObserverEntry], this);
    }
    unobserve(): void {}
    disconnect(): void {}
  };
  window.matchMedia = ((query: string) => ({
    matches: false, media: query, addEventListener: () => undefined, removeEventListener: () => undefined,
    addListener: () => undefined, removeListener: () => undefined,
  })) as unknown as typeof window.matchMedia;
  // Takes any drawing and measures any text as 6 px a letter.
  const drawing = new Proxy({}, {
    get: (_target, name) => (name === "measureText" ? (text: string) => ({ width: text.length * 6 }) : () => undefined),
    set: () => true,
  });
  HTMLCanvasElement.prototype.getContext = (() => drawing) as never;
}

const DATES = ["2024-12-26", "2024-12-27", "2024-12-30"];
const NONE = [null, null, null];

export function analysis(changes: Record<string, unknown> = {}, summary: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    schema: 1, kind: "analysis", symbol: "AAPL", name: "Apple Inc.", market: "US", currency: "USD",
    provenance: { source: "sample", synthetic: false, adjust: "adjusted", first: DATES[0], last: DATES[2], bars: 3, origin: "a package", licence: "MIT" },
    bars: { date: DATES, open: [10, 11, 12], high: [11, 12, 13], low: [9, 10, 11], close: [10.5, 11.5, 11], volume: [100, 200, 150] },
    indicators: { sma_20: NONE, sma_50: NONE, sma_200: NONE, boll_upper: NONE, boll_mid: NONE, boll_lower: NONE },
    summary: {
      last_close: 11, last_date: DATES[2], return_1d: -0.0435, return_20d: 0.1, return_1y: null, volatility_1y: null, max_drawdown: -0.0435,
      max_drawdown_peak: DATES[1], max_drawdown_trough: DATES[2], high_52w: 13, low_52w: 9, position_52w: 0.5, ...summary,
    },
    ...changes,
  };
}

export function scan(rows: unknown[][], changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    schema: 1, kind: "scan", universe: "sample", params: {}, provenance: { source: "sample", synthetic: false },
    columns: ["symbol", "name", "ret_20"], sort: "ret_20", descending: true, rows, failures: [],
    counters: { total: rows.length, processed: rows.length, found: rows.length, failed: 0 }, ...changes,
  };
}
