/**
 * What the reader did to a view, by the id of its task, and where all copies of a module find it: anywidget wraps the
 * model anew for each view, and a view that JupyterLab builds again should be as it was left.
 */
export function memoryOf<T extends object>(id: string): T {
  const page = globalThis as unknown as Record<symbol, Record<string, object> | undefined>;
  const all = (page[Symbol.for("stockwidget.memory.v1")] ??= {});
  return (all[id] ??= {}) as T;
}
