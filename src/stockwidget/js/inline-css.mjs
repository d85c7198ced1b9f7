/** esbuild plugin: `import css from "x.css?inline"` gives the minified text, as it does in Vite. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { transform } from "esbuild";

const ROOT = ".stockwidget";

export const inlineCss = {
  name: "inline-css",
  setup(pipeline) {
    pipeline.onResolve({ filter: /\.css\?inline$/ }, (args) => ({
      path: join(args.resolveDir, args.path.replace(/\?inline$/, "")),
      namespace: "inline-css",
    }));
    pipeline.onLoad({ filter: /.*/, namespace: "inline-css" }, async (args) => {
      const source = await readFile(args.path, "utf8");
      const { code } = await transform(source, { loader: "css", minify: true });
      return { contents: nested(code), loader: "text", watchFiles: [args.path] };
    });
  },
};

/** A stylesheet whose every selector begins with the root says so once: a sixth of its size. Others stay as they are. */
export function nested(css) {
  const keyframes = css.match(/@keyframes [\w-]+\{(?:[^{}]*\{[^{}]*\})*\}/g) ?? [];
  const rest = keyframes.reduce((text, block) => text.replace(block, ""), css);
  const rules = [...rest.matchAll(/([^{};]+)\{/g)].map(([, selector]) => selector).filter((selector) => !selector.startsWith("@"));
  if (!rules.every((rule) => alternatives(rule).every((one) => one.startsWith(ROOT)))) return css;
  return `${ROOT}{${rest.replaceAll(`${ROOT} `, "").replaceAll(ROOT, "&").trim()}}${keyframes.join("")}`;
}

/** The selectors of a list; commas inside of brackets, however deep, separate none of them. */
function alternatives(rule) {
  let depth = 0;
  const found = [""];
  for (const letter of rule) {
    if (letter === "(") depth += 1;
    if (letter === ")") depth -= 1;
    if (letter === "," && depth === 0) found.push("");
    else found[found.length - 1] += letter;
  }
  return found;
}
