/** Tells the server when this page changed its transport, for its statistics. Best effort: nothing waits for it. */

import type { Clock, Timer } from "./clock.ts";
import type { Answer } from "./http.ts";
import type { Link, ReasonCode } from "./link.ts";
import type { TransportName } from "./transports/transport.ts";

const AT_MOST_EVERY_MS = 10_000;
const KEEP = 50;

type End = TransportName | "none";

/** As `POST report` takes it; delivery/meter.py counts them. */
export interface Change {
  readonly kind: "downgrade" | "upgrade" | "recovery";
  readonly from: End;
  readonly to: End;
  readonly reason: ReasonCode;
  /** From the loss (a recovery) or the last change to this one. */
  readonly after_ms: number;
}

const COUNTS = [["downgrade", "downgrades"], ["upgrade", "upgrades"], ["recovery", "recoveries"]] as const;

export interface ReporterOptions {
  readonly clock: Clock;
  readonly send: (body: { readonly changes: readonly Change[] }) => Promise<Answer<unknown>>;
}

export class Reporter {
  readonly #options: ReporterOptions;
  #changes: Change[] = [];
  #open: Pick<Change, "kind" | "from" | "reason">[] = [];
  #before: Link | null = null;
  #carried: End = "none";
  /** When something last carried; then, when it was lost. */
  #at = 0;
  #timer: Timer | undefined;
  /** A server without the route is not asked again. */
  #deaf = false;

  constructor(options: ReporterOptions) {
    this.#options = options;
  }

  link(link: Link): void {
    const now = this.#options.clock.now();
    const [before, from] = [this.#before, this.#carried];
    if (before && !this.#deaf) {
      for (const [kind, count] of COUNTS) {
        if (link[count] > before[count]) this.#open.push({ kind, from, reason: (link.reason ?? before.reason)?.code ?? "probe" });
      }
    }
    this.#before = link;
    if (link.transport === before?.transport) return;
    const after_ms = Math.max(0, now - this.#at);
    this.#at = now;
    if (link.transport === null) return;
    // Where a downgrade leads is known once that carries.
    this.#changes.push(...this.#open.map((change) => ({ ...change, to: link.transport ?? "none", after_ms }) as const));
    this.#open = [];
    this.#carried = link.transport;
    this.#changes = this.#changes.slice(-KEEP);
    if (this.#changes.length > 0) this.#timer ??= this.#options.clock.after(AT_MOST_EVERY_MS, () => void this.#send());
  }

  async #send(): Promise<void> {
    this.#timer = undefined;
    const changes = this.#changes;
    this.#changes = [];
    const { is } = await this.#options.send({ changes });
    this.#deaf ||= is === "missing" || is === "refused";
  }
}
