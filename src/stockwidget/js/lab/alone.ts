/** The view of an output whose kernel is gone, from the server's own bundle: nothing of it comes from the notebook. */

import { hostOf, type Host } from "../client/host.ts";

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
      const state = (await answer.json()) as { id: string; epoch: string };
      return { task_id: state.id, epoch: state.epoch, mode: "server", snapshot: { state, partial: {}, logs: [] } };
    }));
    const { default: module } = await load(new URL(`../../static/${view === "task" ? "widget" : "compare"}.js`, host.apiUrl).href);
    const traits: Record<string, unknown> =
      view === "task" ? { ...told[0], ...words } : { slots: told.map((slot, i) => ({ symbol: text(slots?.[i]?.symbol), ...slot })), ...words };
    const nothing = (): void => undefined;
    const model = { get: (name: string) => traits[name], set: nothing, save_changes: nothing, on: nothing, off: nothing, send: nothing };
    const element = document.createElement("div");
    const ends = [module.initialize({ model, signal }), module.render({ model, el: element, signal })];
    return { element, end: () => ends.forEach((end) => end()) };
  } catch {
    return null; // What was saved stays on display.
  }
}
