/** One open transport under watch: has it greeted, has it told its snapshots, has it fallen silent? */

import type { Clock, Timer } from "./clock.ts";
import type { Cursors, Frame, UtcMillis } from "./protocol.ts";
import type { Ended, OpenTransport, Transport, TransportName } from "./transports/transport.ts";

/** Longer than the server's heartbeat of 15 s by the worst delay seen behind a buffering proxy. */
const SILENCE_MS = 25_000;
const PING_ANSWER_MS = 3_000;
/** A timer this late means that the machine slept: what it missed may still be in the socket's buffer. */
const LATE_MS = 1_000;
/** From opening to hello. The kernel's comm may have to wait for a cell to end, so it has none. */
const HELLO_WITHIN_MS: Readonly<Record<TransportName, number | null>> = { ws: 5_000, sse: 6_000, poll: 10_000, comm: null };
/** A snapshot that does not come must not keep two connections open. */
const SNAPSHOTS_WITHIN_MS = 5_000;

export interface LineEvents {
  greeted(line: Line): void;
  /** Every task it was opened for has had its snapshot: it can carry alone. */
  proven(line: Line): void;
  frame(frame: Frame, line: Line): void;
  staleness(line: Line): void;
  ended(line: Line, end: Ended): void;
}

export class Line {
  readonly name: TransportName;
  readonly #clock: Clock;
  readonly #events: LineEvents;
  readonly #transport: Transport;
  #awaited = new Set<string>();
  #greetedAt: UtcMillis | null = null;
  #proven = false;
  #stale = false;
  #done = false;
  #timer: Timer | undefined;
  #proving: Timer | undefined;

  constructor(name: TransportName, open: OpenTransport, cursors: () => Cursors, clock: Clock, events: LineEvents) {
    this.name = name;
    this.#clock = clock;
    this.#events = events;
    const patience = HELLO_WITHIN_MS[name];
    if (patience !== null) this.#watch(patience, () => this.#end({ code: name === "sse" ? "buffered" : "timeout", why: "no hello" }));
    this.#transport = open(
      { frame: (frame) => this.#frame(frame), ended: (end) => this.#end(end) },
      () => {
        const tasks = cursors();
        this.#awaited = new Set(Object.keys(tasks));
        return tasks;
      },
    );
  }

  get greeted(): boolean {
    return this.#greetedAt !== null;
  }

  /** Whether what the server sends comes at once, as far as has been seen. */
  get prompt(): boolean {
    return this.#transport.prompt;
  }

  get stale(): boolean {
    return this.#stale;
  }

  /** Since the hello; null before it. */
  life(now: number): number | null {
    return this.#greetedAt === null ? null : now - this.#greetedAt;
  }

  send(message: Parameters<Transport["send"]>[0]): void {
    this.#transport.send(message);
  }

  /** Ask whether it still carries: any frame within 3 s says so. */
  check(): void {
    if (this.#done || !this.greeted || !this.#transport.beats) return;
    this.#setStale(true);
    this.send({ op: "ping" });
    this.#watch(PING_ANSWER_MS, () => this.#end({ code: "silent", why: "silent" }));
  }

  close(): void {
    this.#done = true;
    this.#clock.cancel(this.#timer);
    this.#clock.cancel(this.#proving);
    this.#transport.close();
  }

  #frame(frame: Frame): void {
    if (this.#done) return;
    const first = frame.k === "hello" && !this.greeted;
    if (first) this.#greetedAt = this.#clock.now();
    if (this.#transport.beats) this.#watch(SILENCE_MS, () => this.check());
    else if (this.greeted) this.#clock.cancel(this.#timer);
    if (this.#stale) this.#setStale(false);
    this.#events.frame(frame, this);
    if (first) {
      this.#events.greeted(this);
      this.#proving = this.#clock.after(SNAPSHOTS_WITHIN_MS, () => this.#prove());
    }
    if ((frame.k === "snapshot" || frame.k === "error") && frame.t !== undefined) this.#awaited.delete(frame.t);
    // A poll that brings nothing for a task says that there is nothing.
    if (this.greeted && (this.#awaited.size === 0 || this.name === "poll")) this.#prove();
  }

  #prove(): void {
    if (this.#proven || this.#done) return;
    this.#proven = true;
    this.#clock.cancel(this.#proving);
    this.#events.proven(this);
  }

  #setStale(stale: boolean): void {
    this.#stale = stale;
    this.#events.staleness(this);
  }

  #end(end: Ended): void {
    if (this.#done) return;
    this.close();
    this.#events.ended(this, end);
  }

  #watch(ms: number, then: () => void): void {
    const clock = this.#clock;
    clock.cancel(this.#timer);
    const due = clock.now() + ms;
    this.#timer = clock.after(ms, () => {
      if (clock.now() - due >= LATE_MS) this.#timer = clock.after(LATE_MS, then);
      else then();
    });
  }
}
