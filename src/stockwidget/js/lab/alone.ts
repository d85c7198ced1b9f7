/** The view of an output whose kernel is gone, from the server's own bundle: nothing of it comes from the notebook. */

import { hostOf, type Host } from "../client/host.ts";
import type { TaskState } from "../client/protocol.ts";
import { stillModel, traitsOf } from "../servermodel.ts";

/** What Python's `notebook/outputs.py` writes beside an output. */
interface Mark {
  readonly view: string;
  readonly task_id?: string;
  /** Of a comparison. */
  readonly slots?: readonly { readonly symbol: string; readonly task_id: string }[];
  readonly locale?: string;
  readonly colors?: string;
}

export interface Mounted {
  readonly element: HTMLElement;
  end(): void;
}

interface Module {
  default: { initialize(props: object): () => void; render(props: object): () => void };
}

export interface Options {
  readonly signal: AbortSignal;
  readonly host?: Host | null;
  readonly load?: (url: string) => Promise<Module>;
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** Resolves with null where nothing can be shown live: no such view, no server of ours, or the task is no longer kept. */
export async function mountAlone(mark: unknown, { signal, host = hostOf(document, location), load = (url) => import(url) }: Options): Promise<Mounted | null> {
  if (!host || typeof mark !== "object" || mark === null) return null;
  const { view, task_id, slots, locale, colors } = mark as Mark;
  const wanted = view === "task" && task_id ? [task_id] : view === "compare" && Array.isArray(slots) ? slots.map((slot) => slot.task_id) : [];
  if (wanted.length === 0) return null;
  const words = { locale: text(locale), colors: text(colors) };
  try {
    const headers = host.token ? { Authorization: `token ${host.token}` } : undefined;
    const told = await Promise.all(wanted.map(async (id) => {
      const answer = await fetch(new URL(`tasks/${encodeURIComponent(id)}`, host.apiUrl), { signal, ...(headers && { headers }) });
      if (!answer.ok) throw new Error(`The server has no task ${id}.`);
      return traitsOf((await answer.json()) as TaskState);
    }));
    const { default: module } = await load(new URL(`../../static/${view === "task" ? "widget" : "compare"}.js`, host.apiUrl).href);
    const subject = view === "task" ? told[0] : { slots: told.map((slot, i) => ({ symbol: text(slots?.[i]?.symbol), ...slot })) };
    const model = stillModel({ ...subject, ...words });
    const element = document.createElement("div");
    const ends = [module.initialize({ model, signal }), module.render({ model, el: element, signal })];
    return { element, end: () => ends.forEach((end) => end()) };
  } catch {
    return null; // What was saved stays on display.
  }
}
