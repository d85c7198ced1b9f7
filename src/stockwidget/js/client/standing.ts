/** How the connection stands, as its page may see it: made anew at every change. */

import type { Line } from "./line.ts";
import type { Link, Reason } from "./link.ts";
import type { UtcMillis } from "./protocol.ts";

/** What a connection that carries nothing is doing. */
export type Phase = "idle" | "connecting" | "backoff" | "auth" | "suspended";

export class Standing {
  #link: Link;
  /** Live before, and not since. */
  #lost = false;

  constructor(now: UtcMillis) {
    this.#link = {
      state: "idle", transport: null, since: now, heard: null, why: null, reason: null,
      downgrades: 0, upgrades: 0, recoveries: 0, climbAt: null, offered: null,
    };
  }

  get link(): Link {
    return this.#link;
  }

  note(changes: Partial<Link>): void {
    this.#link = { ...this.#link, ...changes };
  }

  count(move: "downgrades" | "upgrades"): void {
    this.note({ [move]: this.#link[move] + 1 });
  }

  /** Not by a loss: what comes next is no recovery. */
  stopped(): void {
    this.#lost = false;
  }

  /** `carrier` brings news, or else nothing does and `phase` says why. */
  change(carrier: Line | null, phase: Phase, reason: Reason | null, climbAt: UtcMillis | null, now: UtcMillis): Link {
    const state = carrier ? (carrier.stale ? "stale" : "live") : phase;
    const transport = carrier?.name ?? null;
    const before = this.#link;
    const recovered = state === "live" && this.#lost;
    if (state === "live") this.#lost = false;
    else if (before.state === "live" || before.state === "stale") this.#lost = state !== "stale" && state !== "idle";
    const same = state === before.state && transport === before.transport;
    this.note({
      state, transport, reason, climbAt,
      since: same ? before.since : now,
      why: state === "live" || state === "idle" || state === "auth" ? null : state === "stale" ? "silent" : before.why,
      recoveries: before.recoveries + (recovered ? 1 : 0),
    });
    return this.#link;
  }
}
