/**
 * Which events of which task have been seen, and what to ask for next. Knows no socket and no clock:
 * frames go in, commands come out. Twin of delivery/session.py.
 *
 * Three rules keep a view true:
 * - within an epoch `s` only rises, so a frame at or below the last one is a repetition;
 * - `q` counts events that are never dropped, so a hole in it means that the partial result is incomplete:
 *   nothing more is applied to that task until a whole snapshot has come;
 * - a record read over HTTP may be ahead of the stream. It is shown, but the cursor stays, since the record
 *   lacks the partial result and the log lines of the events it is ahead by.
 *
 * Several connections may feed one session at once (one takes over from another; polling bridges a gap): each tells
 * its events in order from a cursor at or before ours, so the first rule makes one whole out of them.
 */

import { amended } from "./actions.ts";
import {
  type ClientMessage, type Cursor, type Cursors, type EventFrame, type Frame, isTerminal, type Snapshot, type SnapshotFrame,
  type TaskFailure, type TaskState,
} from "./protocol.ts";
import { apply } from "./reduce.ts";

export type Command =
  | { readonly do: "send"; readonly message: ClientMessage }
  | { readonly do: "changed"; readonly task: string }
  | { readonly do: "refused"; readonly task: string; readonly error: TaskFailure };

interface Followed {
  /** What the stream has told, whole as of `cursor`; null before the first snapshot. */
  base: Snapshot | null;
  cursor: Cursor | null;
  /** A newer record without its partial result, from HTTP or from an earlier page. */
  ahead: TaskState | null;
  /** A whole snapshot was asked for; events are useless until it comes. */
  awaiting: boolean;
}

export class Session {
  readonly #tasks = new Map<string, Followed>();

  get tasks(): string[] {
    return [...this.#tasks.keys()];
  }

  /** Follow `task`, showing `seed` (if any) until the server has answered. */
  follow(task: string, seed: Snapshot | null = null): Command[] {
    const known = this.#tasks.get(task);
    if (known) {
      if (known.base === null && seed) known.base = seed;
      return [];
    }
    // The seed gives no cursor: it may have been shortened on its way, and a hole would never be noticed.
    this.#tasks.set(task, { base: seed, cursor: null, ahead: null, awaiting: true });
    return [subscribe({ [task]: null })];
  }

  unfollow(task: string): Command[] {
    return this.#tasks.delete(task) ? [{ do: "send", message: { op: "unsubscribe", tasks: [task] } }] : [];
  }

  /** Where a transport that opens now has to begin: every task of which there may be news. */
  cursors(): Cursors {
    return Object.fromEntries([...this.#tasks].filter(([task]) => !this.settled(task)).map(([task, { cursor }]) => [task, cursor]));
  }

  /** Whether the stream has told all there will be: a terminal state never changes again. */
  settled(task: string): boolean {
    const followed = this.#tasks.get(task);
    return !!followed?.base && followed.cursor !== null && isTerminal(followed.base.state.status);
  }

  /** What to show of `task`. */
  view(task: string): Snapshot | null {
    const followed = this.#tasks.get(task);
    if (!followed) return null;
    const { base, ahead } = followed;
    if (!ahead) return base;
    if (base && base.state.epoch === ahead.epoch && base.state.seq >= ahead.seq) return base;
    const shown = { partial: {}, logs: [], ...base, state: ahead };
    return ahead.attempt > (base?.state.attempt ?? 0) ? { ...shown, partial: {} } : shown;
  }

  /** Ask once more for a task that the server refused to follow for the time being. */
  again(task: string): Command[] {
    const followed = this.#tasks.get(task);
    return followed ? [subscribe({ [task]: followed.cursor })] : [];
  }

  /** A record read over HTTP. */
  record(state: TaskState): Command[] {
    const followed = this.#tasks.get(state.id);
    const shown = this.view(state.id);
    if (!followed || (shown && shown.state.epoch === state.epoch && shown.state.seq >= state.seq)) return [];
    followed.ahead = state;
    return [{ do: "changed", task: state.id }];
  }

  /** A record's protections and labels, which change without an event. */
  amend(state: TaskState): Command[] {
    const followed = this.#tasks.get(state.id);
    if (!followed) return [];
    if (followed.base) followed.base = { ...followed.base, state: amended(followed.base.state, state) };
    if (followed.ahead) followed.ahead = amended(followed.ahead, state);
    return [{ do: "changed", task: state.id }];
  }

  receive(frame: Frame): Command[] {
    switch (frame.k) {
      case "hello":
        return []; // The transport asks for what `cursors` says.
      case "hb":
        return this.#heartbeat(frame.d.tasks ?? {});
      case "error":
        return frame.t !== undefined && this.#tasks.has(frame.t)
          ? [{ do: "refused", task: frame.t, error: frame.d }]
          : [];
      case "snapshot":
        return this.#snapshot(frame);
      default:
        return this.#event(frame);
    }
  }

  #snapshot(frame: SnapshotFrame): Command[] {
    const followed = this.#tasks.get(frame.t);
    if (!followed) return [];
    if (frame.d.recovered) {
      // What was missed follows, event by event. Of no use, and of no harm, where a whole one was asked for since:
      // two connections may answer at once while one takes over from the other.
      if (followed.base && followed.cursor) followed.awaiting = false;
      return [];
    }
    followed.awaiting = false;
    const older = followed.cursor?.e === frame.e && frame.s < followed.cursor.s;
    if (older) return [];
    const { state, partial = {}, logs = [] } = frame.d;
    const placed = { ...state, epoch: frame.e, seq: frame.s, q: frame.q };
    followed.base = { state: placed, partial, logs };
    followed.cursor = { e: frame.e, s: frame.s, q: frame.q };
    if (followed.ahead?.epoch !== frame.e) followed.ahead = null;
    return [{ do: "changed", task: frame.t }];
  }

  #event(frame: EventFrame): Command[] {
    const followed = this.#tasks.get(frame.t);
    if (!followed) return [];
    if (followed.awaiting || !followed.base || !followed.cursor) {
      return frame.k === "gone" ? [{ do: "refused", task: frame.t, error: { message: "", ...frame.d } }] : [];
    }
    const { cursor } = followed;
    if (frame.e !== cursor.e) return this.#resync(frame.t, followed);
    if (frame.s <= cursor.s) return [];
    if (frame.q !== (frame.k === "progress" ? cursor.q : cursor.q + 1)) return this.#resync(frame.t, followed);
    followed.base = apply(followed.base, frame);
    followed.cursor = { e: frame.e, s: frame.s, q: frame.q };
    return [{ do: "changed", task: frame.t }];
  }

  /** The server's newest `q` of a task is above ours: something was lost without a trace. */
  #heartbeat(tops: Readonly<Record<string, readonly [number, number]>>): Command[] {
    const behind = Object.entries(tops).flatMap(([task, [, q]]) => {
      const followed = this.#tasks.get(task);
      return followed && q > (followed.cursor?.q ?? -1) ? [[task, followed.cursor] as const] : [];
    });
    return behind.length > 0 ? [subscribe(Object.fromEntries(behind))] : [];
  }

  #resync(task: string, followed: Followed): Command[] {
    followed.awaiting = true;
    followed.cursor = null;
    return [subscribe({ [task]: null })];
  }
}

const subscribe = (tasks: Cursors): Command => ({
  do: "send",
  message: { op: "subscribe", tasks },
});
