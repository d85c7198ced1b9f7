/** Build the harness into a folder: `node src/stockwidget/js/dev/build.mjs FOLDER`. Not part of the wheel. */

import { copyFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import { inlineCss } from "../inline-css.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const folder = process.argv[2];
if (!folder) throw new Error("Name the folder to build into.");
await build({
  entryPoints: [join(here, "harness.ts")],
  outfile: join(folder, "harness.js"),
  bundle: true,
  format: "esm",
  target: "es2022",
  plugins: [inlineCss],
});
await copyFile(join(here, "harness.html"), join(folder, "harness.html"));
