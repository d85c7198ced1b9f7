/** How late the newest events were at this page. */

import type { Frame } from "../client/protocol.ts";

const KEPT = 500;

export interface Spread {
  readonly p50: number;
  readonly p99: number;
}

/** Only these tell of something that happened a moment ago; a snapshot is about the past. */
const LIVE: ReadonlySet<string> = new Set(["state", "progress", "partial", "log", "end"]);

export class Latency {
  #values: number[] = [];
  /** Below this `s` a task's frames are a replay: they happened before we asked. */
  readonly #replayed = new Map<string, number>();

  /** Milliseconds from event to `now`, or null if `frame` does not count. */
  add(frame: Frame, now: number): number | null {
    if (frame.k === "snapshot") {
      const { seq } = frame.d.state ?? {};
      this.#replayed.set(frame.t, frame.d.recovered ? Number.POSITIVE_INFINITY : (seq ?? frame.s));
      return null;
    }
    if (!LIVE.has(frame.k) || !("ts" in frame)) return null;
    const late = now - frame.ts;
    if (this.#replay(frame.t, frame.s, late)) return null;
    const counted = Math.max(0, late); // Two clocks: the server's may be ahead.
    this.#values.push(counted);
    if (this.#values.length > KEPT) this.#values.shift();
    return counted;
  }

  get recent(): readonly number[] {
    return this.#values;
  }

  spread(): Spread | null {
    if (this.#values.length === 0) return null;
    const sorted = [...this.#values].sort((a, b) => a - b);
    const rank = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] as number;
    return { p50: rank(0.5), p99: rank(0.99) };
  }

  clear(): void {
    this.#values = [];
  }

  /** After `recovered` the missed events follow at once; the first one that is fresh ends that. */
  #replay(task: string, s: number, late: number): boolean {
    const bound = this.#replayed.get(task);
    if (bound === undefined) return false;
    if (bound === Number.POSITIVE_INFINITY && late < FRESH_MS) this.#replayed.delete(task);
    return bound === Number.POSITIVE_INFINITY ? late >= FRESH_MS : s <= bound;
  }
}

const FRESH_MS = 1_000;
