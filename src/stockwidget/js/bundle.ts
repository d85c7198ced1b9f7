/**
 * A bundle of views that widget.js does without until it is needed: loaded once a page, from the page's server, or else
 * from the kernel as text. Its digest names its content, so that a view never meets another version's widget.
 */

import type { Clock } from "./client/clock.ts";

/** Gives the module or rejects. */
export type Way<T> = () => Promise<T>;

export interface BundleState<T> {
  readonly module: T | null;
  /** It was asked for and did not come in time. It may still. */
  readonly failed: boolean;
}

export interface BundleOptions<T> {
  readonly name: string;
  readonly digest: string;
  readonly clock: Clock;
  /** Tried one after the other. */
  readonly ways: readonly Way<T>[];
}

/** Each widget model evaluates its own copy of widget.js: what it loads is kept where all copies find it. */
const KEY = Symbol.for("stockwidget.bundles.v1");
/** A kernel that is busy answers when it is free; until then the reader should know what is awaited. */
const LATE_MS = 8_000;

interface Shelf {
  readonly modules: Map<string, unknown>;
  readonly waiting: Set<() => void>;
}

function shelf(): Shelf {
  const page = globalThis as typeof globalThis & { [KEY]?: Shelf };
  page[KEY] ??= { modules: new Map(), waiting: new Set() };
  return page[KEY];
}

export class Bundle<T> {
  readonly #options: BundleOptions<T>;
  readonly #key: string;
  readonly #watchers = new Set<() => void>();
  readonly #arrived = (): void => this.#tell();
  #asked = false;
  #failed = false;

  constructor(options: BundleOptions<T>) {
    this.#options = options;
    this.#key = `${options.name}?v=${options.digest}`;
  }

  get state(): BundleState<T> {
    const module = (shelf().modules.get(this.#key) as T | undefined) ?? null;
    return { module, failed: module === null && this.#failed };
  }

  /** Ask for it unless it is here or has been asked for. */
  load(): void {
    if (this.#asked || this.state.module) return;
    this.#asked = true;
    void this.#load();
  }

  retry(): void {
    this.#asked = this.#failed = false;
    this.#tell();
    this.load();
  }

  /** Call `changed` when it has come or failed. */
  watch(changed: () => void): () => void {
    this.#watchers.add(changed);
    shelf().waiting.add(this.#arrived);
    return () => {
      this.#watchers.delete(changed);
      if (this.#watchers.size === 0) shelf().waiting.delete(this.#arrived);
    };
  }

  async #load(): Promise<void> {
    const { clock, ways } = this.#options;
    const late = clock.after(LATE_MS, () => this.#fail());
    for (const way of ways) {
      const module = await way().catch(() => null);
      if (module === null) continue;
      clock.cancel(late);
      const { modules, waiting } = shelf();
      if (!modules.has(this.#key)) modules.set(this.#key, module);
      for (const tell of [...waiting]) tell();
      return;
    }
    clock.cancel(late);
    this.#fail();
  }

  #fail(): void {
    this.#failed = true;
    this.#tell();
  }

  #tell(): void {
    for (const changed of [...this.#watchers]) changed();
  }
}

/** From the Jupyter server at `base`; a server of another version has no bundle of this digest and says 404. */
export function fromServer<T>(base: string, name: string, digest: string): Way<T> {
  let attempts = 0;
  return () => {
    // A browser may remember that an address failed.
    const again = attempts++ === 0 ? "" : `&again=${attempts}`;
    return import(new URL(`static/${name}?v=${digest}${again}`, base).href) as Promise<T>;
  };
}

/** From its text, as anywidget does it with widget.js. */
export async function fromText<T>(text: string): Promise<T> {
  const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  try {
    return (await import(address)) as T;
  } finally {
    URL.revokeObjectURL(address);
  }
}

export interface Channel {
  send(content: object): void;
  on(name: "msg:custom", callback: (content: unknown) => void): void;
  off(name: "msg:custom", callback: (content: unknown) => void): void;
}

/** From the kernel, through a widget model. A busy kernel answers late, and one that died never. */
export function fromKernel<T>(model: Channel, name: string, signal: AbortSignal): Way<T> {
  return () =>
    new Promise((resolve, reject) => {
      const heard = (content: unknown): void => {
        const { type, name: which, text } = (content ?? {}) as Record<string, unknown>;
        if (type !== "bundle" || which !== name) return;
        deaf();
        if (typeof text === "string") fromText<T>(text).then(resolve, reject);
        else reject(new Error("The kernel has no such bundle."));
      };
      const deaf = (): void => model.off("msg:custom", heard);
      model.on("msg:custom", heard);
      signal.addEventListener("abort", deaf);
      model.send({ type: "bundle", name });
    });
}
