/**
 * One task as the kernel tells it: frames over the comm, once the kernel has heard that this page is there; before that,
 * and for what a saved notebook holds, the `snapshot` trait.
 */

import { amended } from "./client/actions.ts";
import type { Frame, Snapshot, TaskFailure, TaskState } from "./client/protocol.ts";
import { type Command, Session } from "./client/session.ts";
import { type Channel, openComm } from "./client/transports/comm.ts";
import type { Transport } from "./client/transports/transport.ts";

export interface KernelFeedEvents {
  changed(): void;
  /** The kernel cannot tell of the task any more. */
  refused(error: TaskFailure): void;
}

export class KernelFeed {
  readonly #task: string;
  readonly #events: KernelFeedEvents;
  readonly #session = new Session();
  readonly #transport: Transport;
  #trait: Snapshot;

  constructor(task: string, trait: Snapshot, channel: Channel, events: KernelFeedEvents) {
    this.#task = task;
    this.#trait = trait;
    this.#events = events;
    this.#session.follow(task);
    const sink = { frame: (frame: Frame) => this.#perform(this.#session.receive(frame)), ended: () => undefined };
    this.#transport = openComm({ channel }, sink, () => this.#session.cursors());
  }

  /** Whichever knows more. */
  get snapshot(): Snapshot {
    const told = this.#session.view(this.#task);
    if (!told) return this.#trait;
    const { epoch, seq } = this.#trait.state;
    return epoch === told.state.epoch && seq > told.state.seq ? this.#trait : told;
  }

  set trait(snapshot: Snapshot) {
    this.#trait = snapshot;
  }

  amend(state: TaskState): void {
    this.#session.amend(state);
    this.#trait = { ...this.#trait, state: amended(this.#trait.state, state) };
    this.#events.changed();
  }

  close(): void {
    this.#transport.close();
  }

  #perform(commands: readonly Command[]): void {
    for (const command of commands) {
      if (command.do === "send") this.#transport.send(command.message);
      else if (command.do === "refused") this.#events.refused(command.error);
      else this.#events.changed();
    }
  }
}
