/** The parts below an analysis' chart: a bundle of its own, which the chart does not wait for. See bundle.ts. */

export { detailsView } from "./views/details.ts";
export { liveView } from "./views/speech.ts";
