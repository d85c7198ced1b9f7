/**
 * Build the anywidget bundle: one minified ES module, its stylesheet inlined.
 *
 * One file, because anywidget imports the text from a blob URL where relative imports fail; small, because
 * the text travels once per widget model. The build fails above the budget rather than warn about it.
 */

import { readFile, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { build } from "esbuild";

import { inlineCss } from "./inline-css.mjs";

const BUDGET = 300_000;
const here = dirname(fileURLToPath(import.meta.url));
const outfile = resolve(here, "..", "static", "widget.js");

await build({
  entryPoints: [join(here, "widget.ts")],
  outfile,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2021",
  charset: "utf8",
  // The charting library's licence asks for its notice wherever the code goes.
  legalComments: "inline",
  plugins: [inlineCss],
  logLevel: "warning",
});

const { size } = await stat(outfile);
const text = await readFile(outfile, "utf8");
const gzip = gzipSync(text).length;
console.log(`widget.js ${(size / 1000).toFixed(1)} kB, ${(gzip / 1000).toFixed(1)} kB gzip (budget ${BUDGET / 1000} kB)`);
if (!text.includes("TradingView Lightweight Charts")) {
  console.error("widget.js lacks the licence notice of lightweight-charts; keep legalComments inline.");
  process.exitCode = 1;
}
if (size > BUDGET) {
  console.error(`widget.js is ${size - BUDGET} bytes over its budget; see what grew with esbuild --analyze.`);
  process.exitCode = 1;
}
