/**
 * Build the bundles: minified ES modules, their stylesheets inlined, each within a budget.
 *
 * - widget.js: the anywidget module of a task's card. One file, because anywidget imports the text from a blob URL where
 *   relative imports fail; small, because the text travels once per widget model.
 * - analysis.js, details.js, scan.js, study.js: its parts, the result of an analysis with the chart library, what lies below the
 *   chart, the table of a scan, and the days of a study. widget.js and demo.js load them when they are needed, by the digest of their content, so they are
 *   built first. What shows a card, its chart and its score, widget.js and analysis.js, has a budget together.
 * - errors.js: what errors say in Chinese, a part that only a Chinese card in trouble loads.
 * - monitor.js: the anywidget module of the monitor.
 * - compare.js: the anywidget module of a comparison, with the card of an analysis and without a chart library: it draws with that
 *   of analysis.js, which it loads as widget.js does.
 * - doctor.js: the anywidget module of the doctor's report.
 * - client.js: what any web page loads to follow tasks; no view, no chart.
 * - demo.js: the demo page's views; it uses the client that client.js has put there.
 * - labextension/: how JupyterLab and Notebook show our outputs, as a prebuilt extension (lab/container.ts).
 *
 * The build fails above a budget rather than warn about it.
 */

import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { build } from "esbuild";

import { inlineCss } from "./inline-css.mjs";

/** Budgets in bytes. The charting library's licence asks for its notice wherever its code goes. */
const BUNDLES = [
  { name: "analysis.js", entry: "analysis.ts", budget: 210_000, notice: "TradingView Lightweight Charts" },
  { name: "details.js", entry: "details.ts", budget: 60_000 },
  { name: "scan.js", entry: "scan.ts", budget: 60_000 },
  { name: "study.js", entry: "study.ts", budget: 40_000 },
  { name: "errors.js", entry: "errors.ts", budget: 15_000 },
  { name: "widget.js", entry: "widget.ts", budget: 90_000 },
  { name: "monitor.js", entry: "monitor.ts", budget: 90_000 },
  { name: "tasks.js", entry: "tasks.ts", budget: 90_000 },
  { name: "compare.js", entry: "compare.ts", budget: 130_000 },
  { name: "doctor.js", entry: "doctor.ts", budget: 90_000 },
  { name: "client.js", entry: "page.ts", gzipBudget: 25_000 },
  { name: "demo.js", entry: "page/demo.ts", budget: 150_000 },
];

const here = dirname(fileURLToPath(import.meta.url));
const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
const fail = (sentence) => {
  console.error(sentence);
  process.exitCode = 1;
};

/** Bytes of a card with its chart and score, the chart library included. */
const CARD = { names: ["widget.js", "analysis.js"], budget: 300_000 };

/** Every page of Lab loads it, whether it shows our outputs or not. */
const LAB_BUDGET = 10_000;

const digests = {};
const sizes = {};
const PARTS = ["analysis.js", "details.js", "scan.js", "study.js", "errors.js"];
for (const { name, entry, budget = Infinity, gzipBudget = Infinity, notice = "" } of BUNDLES) {
  const outfile = resolve(here, "..", "static", name);
  await build({
    entryPoints: [join(here, entry)],
    outfile,
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    charset: "utf8",
    legalComments: "inline",
    plugins: [inlineCss],
    define: { PART_DIGESTS: JSON.stringify(digests) },
    logLevel: "warning",
  });
  const text = await readFile(outfile);
  // As bundles.py of the server names it.
  if (PARTS.includes(name)) digests[name] = createHash("sha256").update(text).digest("hex").slice(0, 20);
  const gzip = gzipSync(text).length;
  sizes[name] = text.length;
  const allowed = budget < Infinity ? kB(budget) : `${kB(gzipBudget)} gzip`;
  console.log(`${name} ${kB(text.length)}, ${kB(gzip)} gzip (budget ${allowed})`);
  if (!text.includes(notice)) fail(`${name} lacks the licence notice of ${notice}; keep legalComments inline.`);
  if (text.length > budget || gzip > gzipBudget) fail(`${name} is over its budget; see what grew with esbuild --analyze.`);
}
await labExtension();
const card = CARD.names.reduce((sum, name) => sum + sizes[name], 0);
console.log(`${CARD.names.join(" + ")} ${kB(card)} (budget ${kB(CARD.budget)})`);
if (card > CARD.budget) fail("A card with its chart is over its budget: move what it can do without into details.js.");

/** Lab finds the script by a name that its content gives it, so that no browser keeps an old one. */
async function labExtension() {
  const folder = resolve(here, "..", "labextension");
  const { outputFiles } = await build({
    entryPoints: [join(here, "lab/container.ts")],
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    charset: "utf8",
    write: false,
    logLevel: "warning",
  });
  const [{ contents }] = outputFiles;
  const load = `static/remoteEntry.${createHash("sha256").update(contents).digest("hex").slice(0, 20)}.js`;
  const project = await readFile(resolve(here, "..", "..", "..", "pyproject.toml"), "utf8");
  const description = {
    name: "stockwidget",
    version: /^version = "(.+)"$/m.exec(project)[1],
    license: "BSD-3-Clause",
    jupyterlab: { mimeExtension: true, _build: { load, mimeExtension: "./mimeExtension" } },
  };
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, "static"), { recursive: true });
  await writeFile(join(folder, load), contents);
  await writeFile(join(folder, "package.json"), `${JSON.stringify(description, null, 2)}\n`);
  await writeFile(join(folder, "install.json"), `${JSON.stringify({ packageManager: "python", packageName: "stockwidget" })}\n`);
  console.log(`labextension/${load} ${kB(contents.length)} (budget ${kB(LAB_BUDGET)})`);
  if (contents.length > LAB_BUDGET) fail("The extension is over its budget: what views need belongs into their bundles.");
}
