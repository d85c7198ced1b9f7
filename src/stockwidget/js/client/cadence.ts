/** How long a polling reader waits before it asks again, where the server has not said. Twin of delivery/cadence.py. */

/** After news. */
export const MOVING_MS = 500;
export const QUIET_MS = 1_000;
const GROWTH = 1.5;
export const IDLE_MS = 10_000;
/** Nobody looks. */
export const HIDDEN_MS = 60_000;
/** A poll that waits less is no long poll: its pauses must grow, or it would ask without end. */
const LONG_S = 5;

export interface Polled {
  /** This one brought news. */
  readonly moved: boolean;
  /** A followed task has not ended. */
  readonly live: boolean;
  /** How long this one was allowed to wait. */
  readonly waitS: number;
  /** The pause before it. */
  readonly lastMs: number;
  readonly visible: boolean;
}

/** The pause before the next poll, in milliseconds. */
export function nextMs({ moved, live, waitS, lastMs, visible }: Polled): number {
  if (!visible) return HIDDEN_MS;
  if (moved) return MOVING_MS;
  if (live && waitS >= LONG_S) return QUIET_MS;
  return Math.min(IDLE_MS, Math.round(Math.max(QUIET_MS, lastMs * GROWTH)));
}
