/** The result page of an analysis: a bundle of its own, since the chart library is most of it. See bundle.ts. */

export { charting } from "./views/charting.ts";
export { resultView } from "./views/result.ts";
