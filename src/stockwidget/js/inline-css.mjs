/** esbuild plugin: `import css from "x.css?inline"` gives the minified text, as it does in Vite. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { transform } from "esbuild";

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
      return { contents: code, loader: "text", watchFiles: [args.path] };
    });
  },
};
