/**
 * What may be asked of a task: the likeliest wish as a button in the head, the others in a row that "more" unfolds, and
 * how long the result is kept. A row in the flow, since a menu over the card would be cut off by the output's edge.
 */

import { type Action, actionsOf } from "../client/actions.ts";
import { isTerminal, type Status, type TaskFailure, type TaskState } from "../client/protocol.ts";
import { button, h, say, set } from "./dom.ts";
import type { Format } from "./format.ts";

export interface Refused {
  readonly action: Action;
  readonly error: TaskFailure;
}

export interface ActionsView {
  /** For the head. */
  readonly main: HTMLElement;
  /** Below the head, folded. */
  readonly more: HTMLElement;
  /** For the foot: until when the result is kept, and the wish to keep it longer. */
  readonly keeping: HTMLElement;
  update(state: TaskState, status: Status | "unknown", refused: Refused | null, now: number): void;
}

/** None of these is done by a second click on what stood in its place a moment ago: each has a button of its own. */
const MAIN: readonly Action[] = ["cancel", "resume", "rerun"];
const MORE: readonly Action[] = ["retry_failed", "resume", "rerun", "cancel", "keep", "pin", "unpin"];
const KEEPING: readonly Action[] = ["pin", "unpin"];

let instances = 0;

export function actionsView(format: Format, signal: AbortSignal, onAction: (action: Action) => void): ActionsView {
  const { t } = format;
  const id = `sw-more-${(instances += 1)}`;
  let busy: Action | null = null;
  let seen = "";

  const ask = (action: Action): void => {
    busy = action;
    for (const each of all) if (each.action === action) each.element.disabled = true;
    onAction(action);
  };
  const buttons = (actions: readonly Action[]): { action: Action; element: HTMLButtonElement }[] =>
    actions.map((action) => ({ action, element: button(`sw-action sw-${action.replace("_", "-")}`, t.action[action], signal, () => ask(action)) }));
  const [main, more, keep] = [buttons(MAIN), buttons(MORE), buttons(KEEPING)];
  const all = [...main, ...more, ...keep];
  const until = h("span", "sw-until");
  const keeping = h("div", "sw-keeping", { hidden: true }, until, ...keep.map(({ element }) => element));
  const row = h("div", "sw-more", { id, role: "group", "aria-label": t.more, hidden: true }, ...more.map(({ element }) => element));
  const unfold = button("sw-unfold", "⋯", signal, () => unfolded(Boolean(row.hidden)));
  set(unfold, { "aria-controls": id, "aria-expanded": "false", "aria-label": t.more, title: t.more });
  const unfolded = (wanted: boolean): void => {
    row.hidden = !wanted;
    set(unfold, { "aria-expanded": String(wanted) });
  };
  row.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    unfolded(false);
    unfold.focus();
  }, { signal });

  return {
    main: h("span", "sw-actions", {}, ...main.map(({ element }) => element), unfold),
    more: row,
    keeping,
    update(state, status, refused, now) {
      const key = JSON.stringify([state.id, state.seq, status, state.pinned, state.retain_until, refused]);
      if (key !== seen) busy = null;
      seen = key;
      const possible = status === "unknown" ? [] : actionsOf(state, status);
      const best = status === "completed" ? undefined : possible[0];
      const kept = state.ended_at !== null && (possible.includes("pin") || possible.includes("unpin"));
      const rest = possible.filter((action) => action !== best && !(kept && KEEPING.includes(action)));
      const show = (each: typeof all, shown: (action: Action) => boolean): void => {
        for (const { action, element } of each) {
          element.hidden = !shown(action);
          element.disabled = element.hidden || action === busy || (action === "cancel" && status === "cancelling");
        }
      };
      show(main, (action) => action === best);
      show(more, (action) => rest.includes(action));
      show(keep, (action) => kept && possible.includes(action));
      for (const { action, element } of more) if (action === "retry_failed") say(element, t.retryFailed(format.count(state.counters.failed ?? 0)));
      unfold.hidden = rest.length === 0;
      if (rest.length === 0) unfolded(false);
      keeping.hidden = !kept && (isTerminal(state.status) || status === "interrupted" || status === "unknown");
      set(keeping, { "data-room": !kept }); // Kept free, so that the line's arrival moves nothing.
      const { retain_until } = state;
      const past = retain_until !== null && retain_until < now;
      // As long as it will be, so that a narrow card breaks the line there already.
      say(until, state.pinned ? t.pinned : kept && retain_until === null ? "" : (past ? t.keptPast : t.keptUntil)(format.until(retain_until ?? now, now)));
    },
  };
}
