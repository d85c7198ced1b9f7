/** What a reader may ask of a task as it stands; the server has the last word. */

import type { Status, TaskState } from "./protocol.ts";

export type Action = "cancel" | "resume" | "retry_failed" | "rerun" | "pin" | "unpin" | "keep";

/** `keep` asks for so long. */
export const KEEP_S = 86_400;

const LIVE: ReadonlySet<Status> = new Set(["queued", "running", "cancelling"]);

/** Best first: the first one is what most readers want then, if anything. */
export function actionsOf(state: TaskState, status: Status = state.status): Action[] {
  if (LIVE.has(status)) return ["cancel", state.pinned ? "unpin" : "pin"];
  if (status === "interrupted") return ["resume", "cancel"];
  if (status === "expired") return ["rerun"];
  const keep: Action[] = state.pinned ? ["unpin"] : ["pin", "keep"];
  const scan = state.kind !== "analysis";
  if (status === "completed") return scan && (state.counters.failed ?? 0) > 0 ? ["retry_failed", "rerun", ...keep] : ["rerun", ...keep];
  return scan ? ["resume", "rerun", ...keep] : ["rerun", ...keep];
}

/** The request that asks for it. A `rerun` is a new submission, which needs no task any more. */
export function requestFor(action: Action, state: TaskState): { method: "POST" | "DELETE"; path: string; body?: object } {
  const at = `tasks/${encodeURIComponent(state.id)}`;
  if (action === "rerun") {
    const { kind, params, name, tags, notes } = state;
    return { method: "POST", path: "tasks", body: { kind, params, name, tags, notes, force: true } };
  }
  if (action === "unpin") return { method: "DELETE", path: `${at}/pin` };
  if (action === "keep") return { method: "POST", path: `${at}/pin`, body: { keep_for_s: KEEP_S } };
  return { method: "POST", path: `${at}/${action}` };
}

/** What may change without an event: protections and labels. */
export const amended = (state: TaskState, { pinned, retain_until, name, tags, notes }: TaskState): TaskState =>
  ({ ...state, pinned, retain_until, name, tags, notes });
