/** Reads a server's statistics every 2 s while somebody looks, and not at all while nobody does. */

import type { Clock, Timer } from "./client/clock.ts";
import { HISTORY, type MonitorModel } from "./views/monitor.ts";
import { type Stats, statsOf } from "./views/stats.ts";

const EVERY_MS = 2_000;
/** An unreachable server is asked ever less often, up to this. */
const AT_MOST_MS = 30_000;

export interface StatsFeedOptions {
  readonly clock: Clock;
  readonly feed: MonitorModel["feed"];
  /** Shown until the first reading. */
  readonly first?: Stats | null;
  /** The statistics document, or null if there was no answer. */
  readonly read: () => Promise<unknown>;
  readonly onModel: (model: MonitorModel) => void;
}

export class StatsFeed {
  readonly #options: StatsFeedOptions;
  #history: readonly Stats[] = [];
  #at: number | null = null;
  #failures = 0;
  #timer: Timer | undefined;
  #looking = false;
  #reading = false;

  constructor(options: StatsFeedOptions) {
    this.#options = options;
    const { first = null, onModel, feed } = options;
    if (first) this.#history = [first];
    onModel({ stats: first, history: this.#history, at: null, failed: false, feed });
  }

  /** Somebody looks, or nobody does any more. */
  look(looking: boolean): void {
    if (looking === this.#looking) return;
    this.#looking = looking;
    this.#options.clock.cancel(this.#timer);
    if (looking) void this.#read();
  }

  async #read(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    const { clock, read, onModel, feed } = this.#options;
    const stats = statsOf(await read().catch(() => null));
    this.#reading = false;
    if (stats) {
      const before = this.#history[this.#history.length - 1];
      const same = before === undefined || before.server_id === stats.server_id;
      this.#history = [...(same ? this.#history : []), stats].slice(-HISTORY);
      this.#at = clock.now();
    }
    this.#failures = stats ? 0 : this.#failures + 1;
    const newest = this.#history[this.#history.length - 1] ?? null;
    onModel({ stats: newest, history: this.#history, at: this.#at, failed: stats === null, feed });
    if (!this.#looking) return;
    const wait = Math.min(AT_MOST_MS, EVERY_MS * 2 ** Math.min(this.#failures, 5));
    this.#timer = clock.after(wait, () => void this.#read());
  }
}

/** Call `look` with whether `element` can be seen: on screen, in a page that is not hidden. Until `signal` aborts. */
export function whileSeen(element: HTMLElement, page: Window & typeof globalThis, signal: AbortSignal, look: (seen: boolean) => void): void {
  let onScreen = false;
  const tell = (): void => look(onScreen && !page.document.hidden && !signal.aborted);
  const observer = new page.IntersectionObserver((entries) => {
    onScreen = entries[entries.length - 1]?.isIntersecting ?? false;
    tell();
  });
  observer.observe(element);
  page.document.addEventListener("visibilitychange", tell, { signal });
  signal.addEventListener("abort", () => {
    observer.disconnect();
    tell();
  });
}
