/** The days of a study: a bundle of its own. See bundle.ts. */

export { studyView as liveView } from "./views/study.ts";
