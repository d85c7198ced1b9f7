/**
 * Is a quiet stream only held back? A proxy that collects lets the greeting through on its padding, and keeps what follows
 * for itself. So a stream that has not been seen to pass small pieces, and is quiet, is compared with one poll: what that
 * knew, the stream should tell within a second.
 */

import type { Clock, Timer } from "./clock.ts";
import type { Line } from "./line.ts";
import type { Frame } from "./protocol.ts";

const QUIET_MS = 4_000;
const BEHIND_MS = 1_000;

export interface AuditOptions {
  readonly clock: Clock;
  readonly poll: () => Line;
  /** The poll knew what the stream has not told. */
  readonly heldBack: () => void;
}

export class Audit {
  readonly #options: AuditOptions;
  #line: Line | null = null;
  #asking: Timer | undefined;
  #comparing: Timer | undefined;

  constructor(options: AuditOptions) {
    this.#options = options;
  }

  /** Something has come over `stream`. */
  heard(stream: Line): void {
    this.#cancel();
    if (!stream.prompt) this.#asking = this.#options.clock.after(QUIET_MS, () => this.#ask());
  }

  /** Whether `line` is the poll that was asked for. */
  has(line: Line): boolean {
    return line === this.#line;
  }

  /** What the poll has answered. */
  told(frame: Frame): void {
    const { clock, heldBack } = this.#options;
    // The frames of an answer follow its hello at once.
    if (frame.k === "hello") clock.after(0, () => this.#dismiss());
    else if (!this.#comparing) this.#comparing = clock.after(BEHIND_MS, heldBack);
  }

  stop(): void {
    this.#cancel();
    this.#dismiss();
  }

  #ask(): void {
    this.#line ??= this.#options.poll();
  }

  #dismiss(): void {
    this.#line?.close();
    this.#line = null;
  }

  #cancel(): void {
    this.#options.clock.cancel(this.#asking);
    this.#options.clock.cancel(this.#comparing);
    this.#asking = this.#comparing = undefined;
  }
}
