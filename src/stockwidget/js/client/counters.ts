/** What this page has asked and received, by way; for the demo page, the doctor and the benchmarks. */

export interface Count {
  /** Sockets and streams opened, polls or calls made. */
  requests: number;
  /** Polls answered by nothing new. */
  useless: number;
  frames: number;
  /** Characters received in frames, decompressed. */
  bytes: number;
}

/** `http` are the REST calls. */
export type Way = "ws" | "sse" | "poll" | "comm" | "http";

export class Counters {
  readonly #counts = new Map<Way, Count>();

  of(way: Way): Count {
    let count = this.#counts.get(way);
    if (!count) {
      count = { requests: 0, useless: 0, frames: 0, bytes: 0 };
      this.#counts.set(way, count);
    }
    return count;
  }

  /** A copy, for the page. */
  read(): Record<string, Count> {
    return Object.fromEntries([...this.#counts].map(([way, count]) => [way, { ...count }]));
  }
}
