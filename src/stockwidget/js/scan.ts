/** The table of a scan: a bundle of its own. See bundle.ts. */

export { scanView } from "./views/scan.ts";
