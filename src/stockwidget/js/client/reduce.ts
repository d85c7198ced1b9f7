/** The one reducer of the browser; twin of `Snapshot.apply` in tasks/events.py. */

import type { Delta, EventFrame, PartialResult, Snapshot, TaskState } from "./protocol.ts";

/** As in tasks/events.py: a snapshot keeps this many log lines, the journal all of them. */
export const LOG_TAIL = 200;

/** Return the snapshot after `event`; the inputs stay as they are. */
export function apply(snapshot: Snapshot, event: EventFrame): Snapshot {
  const state = { ...snapshot.state, seq: event.s, q: event.q, epoch: event.e };
  switch (event.k) {
    case "partial":
      return { ...snapshot, state, partial: merge(snapshot.partial, event.d) };
    case "log": {
      const line = { ...event.d, ts: event.ts };
      return { ...snapshot, state, logs: [...snapshot.logs, line].slice(-LOG_TAIL) };
    }
    case "gone":
      return { state: { ...state, status: "expired" }, partial: {}, logs: [], gone: event.d };
    case "state": {
      // A task that is run again starts over: the partial result of the earlier attempt is void.
      const again = (event.d.attempt ?? 0) > snapshot.state.attempt;
      return { ...snapshot, state: withKnown(state, event.d), partial: again ? {} : snapshot.partial };
    }
    case "progress":
    case "end":
      return { ...snapshot, state: withKnown(state, event.d) };
  }
}

/** Apply `{set, append}` to a partial result. */
export function merge(partial: PartialResult, delta: Delta): PartialResult {
  const merged: Record<string, unknown> = { ...partial, ...delta.set };
  for (const [key, rows] of Object.entries(delta.append ?? {})) {
    const before = merged[key];
    merged[key] = Array.isArray(before) ? (before as unknown[]).concat(rows) : rows;
  }
  return merged;
}

/** A field that the record does not have is a newer server's, and is left out. */
function withKnown(state: TaskState, changes: Partial<TaskState>): TaskState {
  const known = Object.entries(changes).filter(([key]) => Object.hasOwn(state, key) && !PLACE.has(key));
  return { ...state, ...(Object.fromEntries(known) as Partial<TaskState>) };
}

/** The envelope alone says where an event stands. */
const PLACE = new Set(["id", "seq", "q", "epoch"]);
