/** Keeps one transport up: opens it, notices silence, waits, opens it again. Knows no task. */

import type { Backoff } from "./backoff.ts";
import type { Clock, Timer } from "./clock.ts";
import type { ClientMessage, Frame, UtcMillis } from "./protocol.ts";
import type { Ended, OpenTransport, Transport, TransportName } from "./transports/transport.ts";

/** Longer than the server's heartbeat of 15 s by the worst delay seen behind a buffering proxy. */
const SILENCE_MS = 25_000;
const PING_ANSWER_MS = 3_000;
/** A timer this late means that the machine slept: what it missed may still be in the socket's buffer. */
const LATE_MS = 1_000;
const STEADY_MS = 10_000;

export interface Link {
  readonly state: "idle" | "connecting" | "live" | "stale" | "backoff" | "auth" | "failed";
  /** The transport that carries events now; null while none does. */
  readonly transport: TransportName | null;
  readonly since: UtcMillis;
  /** When the last frame came. */
  readonly heard: UtcMillis | null;
  /** Why it is not live, as the transport said. */
  readonly why: string | null;
}

export interface ConnectionOptions {
  readonly open: OpenTransport;
  readonly clock: Clock;
  readonly backoff: Backoff;
  readonly onFrame: (frame: Frame) => void;
  readonly onLink: (link: Link) => void;
}

export class Connection {
  readonly #options: ConnectionOptions;
  #transport: Transport | null = null;
  #link: Link;
  #timer: Timer | undefined;
  #steady: Timer | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#link = { state: "idle", transport: null, since: options.clock.now(), heard: null, why: null };
  }

  get link(): Link {
    return this.#link;
  }

  /** Connect unless connected, waiting, or stopped by a refused login (that takes `retry`). */
  start(): void {
    if (this.#link.state === "idle") this.#connect();
  }

  /** Connect now, whatever was being waited for. */
  retry(): void {
    if (this.#transport === null && this.#link.state !== "idle") this.#connect();
  }

  stop(): void {
    this.#drop();
    this.#become({ state: "idle", transport: null, why: null });
  }

  /** The server does not know us any more; only the reader can change that. */
  authLost(): void {
    this.#drop();
    this.#become({ state: "auth", transport: null, why: null });
  }

  send(message: ClientMessage): void {
    this.#transport?.send(message);
  }

  #connect(): void {
    this.#drop();
    this.#become({ state: "connecting", transport: null, why: this.#link.why });
    this.#transport = this.#options.open({
      frame: (frame) => this.#frame(frame),
      ended: (end) => this.#ended(end),
    });
  }

  #frame(frame: Frame): void {
    const { clock, onFrame } = this.#options;
    this.#link = { ...this.#link, heard: clock.now() };
    if (frame.k === "hello") {
      this.#steady = clock.after(STEADY_MS, () => this.#options.backoff.reset());
      this.#become({ state: "live", transport: this.#transport?.name ?? null, why: null });
    } else if (this.#link.state === "stale") {
      this.#become({ state: "live", transport: this.#transport?.name ?? null, why: null });
    }
    this.#watch(SILENCE_MS, () => this.#silent());
    onFrame(frame);
  }

  #silent(): void {
    this.#become({ state: "stale", transport: this.#link.transport, why: "silent" });
    this.send({ op: "ping" });
    this.#watch(PING_ANSWER_MS, () => this.#ended({ restart: false, why: "silent" }));
  }

  #ended({ restart, why }: Ended): void {
    this.#drop();
    const { backoff, clock } = this.#options;
    this.#become({ state: "backoff", transport: null, why });
    this.#timer = clock.after(restart ? backoff.afterRestart() : backoff.next(), () => this.#connect());
  }

  #watch(ms: number, then: () => void): void {
    const { clock } = this.#options;
    clock.cancel(this.#timer);
    const due = clock.now() + ms;
    this.#timer = clock.after(ms, () => {
      if (clock.now() - due >= LATE_MS) this.#timer = clock.after(LATE_MS, then);
      else then();
    });
  }

  #drop(): void {
    this.#options.clock.cancel(this.#timer);
    this.#options.clock.cancel(this.#steady);
    const transport = this.#transport;
    this.#transport = null;
    transport?.close();
  }

  #become(next: Pick<Link, "state" | "transport" | "why">): void {
    const now = this.#options.clock.now();
    const since = next.state === this.#link.state ? this.#link.since : now;
    this.#link = { ...this.#link, ...next, since };
    this.#options.onLink(this.#link);
  }
}
