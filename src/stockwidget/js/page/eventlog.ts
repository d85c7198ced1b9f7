/** What the page has seen, newest last, as far back as anybody would read. */

import type { Frame } from "../client/protocol.ts";

const KEPT = 1_000;

export interface Entry {
  readonly at: number;
  /** A frame's kind, or `link` or `request`. */
  readonly kind: string;
  /** The task's title, or its id while that is unknown. */
  readonly task: string;
  readonly s: number | null;
  readonly q: number | null;
  readonly transport: string;
  readonly text: string;
  /** Milliseconds from the event to here; null for what is not about now. */
  readonly late: number | null;
}

export class EventLog {
  #entries: Entry[] = [];
  #paused = false;
  #held: Entry[] = [];

  get paused(): boolean {
    return this.#paused;
  }

  /** Entries that came since the pause began. */
  get held(): number {
    return this.#held.length;
  }

  get size(): number {
    return this.#entries.length;
  }

  add(entry: Entry): void {
    const list = this.#paused ? this.#held : this.#entries;
    list.push(entry);
    if (list.length > KEPT) list.splice(0, list.length - KEPT);
  }

  pause(paused: boolean): void {
    this.#paused = paused;
    if (paused) return;
    this.#entries = [...this.#entries, ...this.#held].slice(-KEPT);
    this.#held = [];
  }

  clear(): void {
    this.#entries = [];
    this.#held = [];
  }

  /** Entries that have every word of `filter` somewhere, newest first. */
  matching(filter: string): Entry[] {
    const words = filter.toLowerCase().split(/\s+/).filter((word) => word !== "");
    const fits = (entry: Entry): boolean => {
      const text = `${entry.kind} ${entry.task} ${entry.transport} ${entry.text}`.toLowerCase();
      return words.every((word) => text.includes(word));
    };
    return this.#entries.filter(fits).reverse();
  }
}

/** One line a piece, oldest first, for a bug report. */
export const textOf = (entries: readonly Entry[]): string =>
  [...entries]
    .reverse()
    .map(({ at, kind, task, s, q, transport, text }) =>
      [new Date(at).toISOString(), kind, task, s === null ? "" : `s=${s} q=${q}`, transport, text].filter(Boolean).join("\t"))
    .join("\n");

/** The gist of a frame in a few words of no language. */
export function gist(frame: Frame): string {
  switch (frame.k) {
    case "hello":
      return frame.d.server_id?.slice(0, 8) ?? "";
    case "hb":
      return "";
    case "error":
      return frame.d.code;
    case "gone":
      return frame.d.code;
    case "log":
      return frame.d.message;
    case "partial":
      return [
        ...Object.keys(frame.d.set ?? {}),
        ...Object.entries(frame.d.append ?? {}).map(([key, rows]) => `${key} +${rows.length}`),
      ].join(", ");
    case "snapshot":
      return frame.d.recovered ? "recovered" : (frame.d.state?.status ?? "");
    default: {
      const { status, progress, stage } = frame.d;
      const parts = [status, progress === undefined ? "" : `${Math.floor(progress)}%`, frame.k === "end" ? "" : stage];
      return parts.filter(Boolean).join(" ");
    }
  }
}
