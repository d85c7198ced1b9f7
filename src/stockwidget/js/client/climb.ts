/** Tries the better rungs now and then, one line at a time; one that has told its snapshots may take over. */

import type { Clock, Timer } from "./clock.ts";
import type { Ladder } from "./ladder.ts";
import type { Line } from "./line.ts";
import type { TransportName } from "./transports/transport.ts";

export interface ClimbOptions {
  readonly ladder: Ladder;
  readonly clock: Clock;
  /** Whether the page has a way to open it. */
  readonly can: (name: TransportName) => boolean;
  readonly open: (name: TransportName) => Line;
  /** Whether something carries: without that, the ladder's own rung comes first. */
  readonly standing: () => boolean;
}

const ORDER: readonly TransportName[] = ["ws", "sse", "poll"];

export class Climb {
  readonly #options: ClimbOptions;
  #line: Line | null = null;
  #timer: Timer | undefined;

  constructor(options: ClimbOptions) {
    this.#options = options;
  }

  /** The better one being tried. */
  get line(): Line | null {
    return this.#line;
  }

  /** Try when the ladder says so. */
  arm(): void {
    const { clock, ladder, standing } = this.#options;
    clock.cancel(this.#timer);
    const due = ladder.climbAt;
    if (due === null || !standing() || this.#line) return;
    this.#timer = clock.after(Math.max(0, due - clock.now()), () => this.now());
  }

  now(): void {
    const { clock, ladder, standing } = this.#options;
    clock.cancel(this.#timer);
    if (ladder.better.length === 0) return;
    if (this.#line || !standing()) return this.arm();
    this.#try(ladder.better);
  }

  /** Let go of the line: it carries from now on, or has ended. */
  release(): void {
    this.#line = null;
  }

  /** After `name`, try those between it and the one that carries. */
  below(name: TransportName): void {
    this.#try(this.#options.ladder.better.filter((other) => ORDER.indexOf(other) > ORDER.indexOf(name)));
  }

  /** Nothing is to be tried. */
  rest(): void {
    this.#options.clock.cancel(this.#timer);
  }

  #try(names: readonly TransportName[]): void {
    const { clock, ladder, can, open } = this.#options;
    const name = names.find(can);
    if (name === undefined) {
      ladder.climbFailed(clock.now());
      return this.arm();
    }
    this.#line = open(name);
  }
}
