/**
 * JupyterLab's way in, and Notebook's: a prebuilt extension with one renderer, for the outputs of this package.
 *
 * Lab's own builder would bring webpack and some hundred packages to share one class. What it makes is a script that puts
 * a container under a name; the two methods below are all that Lab asks of it (module federation).
 */

import { MIME, outputClass, type PanelClass } from "./output.ts";

/** Packages that Lab shares: name → version → how to get it. */
type Scope = Record<string, Record<string, { get(): Promise<() => unknown> }>>;

let scope: Scope = {};

async function renderer(): Promise<unknown> {
  const versions = Object.values(scope["@lumino/widgets"] ?? {});
  const last = versions.at(-1);
  if (!last) throw new Error("This page shares no @lumino/widgets: stockwidget's outputs need JupyterLab 4 or Notebook 7.");
  const { Panel } = (await last.get())() as { Panel: PanelClass };
  const Output = outputClass(Panel);
  return {
    id: "stockwidget:output",
    // Before the widget's own (-10): it decides when that one is of use.
    rank: -20,
    dataType: "json",
    rendererFactory: { safe: true, mimeTypes: [MIME], createRenderer: () => new Output() },
  };
}

const page = window as unknown as { _JUPYTERLAB?: Record<string, unknown> };
(page._JUPYTERLAB ??= {}).stockwidget = {
  init(shared: Scope): void {
    scope = shared;
  },
  async get(_module: string): Promise<() => unknown> {
    const made = await renderer();
    return () => ({ __esModule: true, default: made });
  },
};
