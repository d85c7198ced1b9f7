/** What other bundles draw with of the chart library: it is in a page once, as part of analysis.js. */

import { ColorType, createChart, CrosshairMode, LineSeries, LineStyle, PriceScaleMode } from "lightweight-charts";

export const charting = { ColorType, createChart, CrosshairMode, LineSeries, LineStyle, PriceScaleMode };
export type Charting = typeof charting;
