/** How news arrives, as views and pages see it. */

import type { UtcMillis } from "./protocol.ts";
import type { TransportName } from "./transports/transport.ts";

/**
 * Why the link is as it is; the view has words for each. As in delivery/meter.py, with `limited` (429) and `suspended` (the
 * Hub has stopped the server) for what only a client meets.
 */
export type ReasonCode =
  | "refused"
  | "timeout"
  | "silent"
  | "buffered"
  | "closed"
  | "slow_reader"
  | "restarting"
  | "server_error"
  | "not_authorized"
  | "offline"
  | "disabled"
  | "resumed"
  | "probe"
  | "other"
  | "limited"
  | "suspended";

export interface Reason {
  readonly code: ReasonCode;
  /** What the transport said, in English; may be empty. */
  readonly words: string;
}

export interface Link {
  readonly state: "idle" | "connecting" | "live" | "stale" | "backoff" | "auth" | "suspended" | "failed";
  /** The transport that carries events now; null while none does. */
  readonly transport: TransportName | null;
  readonly since: UtcMillis;
  /** When the last frame came. */
  readonly heard: UtcMillis | null;
  /** What the transport said when it ended, if that is why we are not live. */
  readonly why: string | null;
  /** Why it is not live, or not on the best transport; null while all is well. */
  readonly reason: Reason | null;
  /** Counted since the page was opened. */
  readonly downgrades: number;
  readonly upgrades: number;
  /** Times that it was live again after a loss, on whatever transport. */
  readonly recoveries: number;
  /** When a better transport is tried; null while there is none or nothing carries. */
  readonly climbAt: UtcMillis | null;
  /** What the server offers; null before it has said. */
  readonly offered: readonly string[] | null;
}
