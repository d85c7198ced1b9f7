/** The cards of the tasks that were started here, newest first; each is the notebook's own card. */

import type { Client } from "../client/client.ts";
import { systemClock } from "../client/clock.ts";
import { isTerminal, type TaskState } from "../client/protocol.ts";
import { Follower } from "../follower.ts";
import { scanActions } from "../opening.ts";
import { partsFrom } from "../parts.ts";
import { modelOf } from "../servermodel.ts";
import { cardView } from "../views/card.ts";
import { button, h } from "../views/dom.ts";
import type { Format } from "../views/format.ts";
import type { PageCatalogue } from "../i18n/page.en.ts";
import { candles } from "./icons.ts";

export interface TasksOptions {
  readonly client: Client;
  /** `<base_url>stockwidget/`, absolute. */
  readonly server: string;
  readonly format: Format;
  readonly texts: PageCatalogue;
  readonly signal: AbortSignal;
  /** The tasks shown have changed. */
  readonly onChange: (shown: readonly string[]) => void;
}

export interface TasksView {
  readonly element: HTMLElement;
  add(task: TaskState): void;
}

interface Shown {
  readonly element: HTMLElement;
  readonly close: () => void;
  ended: boolean;
}

export function tasksView({ client, server, format, texts, signal, onChange }: TasksOptions): TasksView {
  const shown = new Map<string, Shown>();
  const parts = partsFrom({ server, kernel: null, signal });
  const clear = button("dp-button dp-small dp-ghost", texts.clearEnded, signal, () => {
    for (const [id, { ended, close }] of [...shown]) {
      if (!ended) continue;
      close();
      shown.delete(id);
    }
    changed();
  });
  const empty = h("div", "dp-empty", {}, candles(), h("strong", "", {}, texts.tasksEmpty), h("p", "", {}, texts.tasksEmptyText));
  const list = h("div", "dp-tasks-list dp-tasks");
  const element = h("section", "dp-tasks", { "aria-labelledby": "dp-tasks" },
    h("header", "dp-tasks-head", {}, h("h2", "", { id: "dp-tasks" }, texts.tasks), clear), list, empty);
  const changed = (): void => {
    empty.hidden = shown.size > 0;
    clear.hidden = ![...shown.values()].some(({ ended }) => ended);
    onChange([...shown.keys()]);
  };
  changed();

  return {
    element,
    add(task) {
      const known = shown.get(task.id);
      if (known) {
        // The same request again is the same task: show that it is there.
        list.prepend(known.element);
        known.element.scrollIntoView({ block: "nearest", behavior: "smooth" });
        return;
      }
      const ending = new AbortController();
      signal.addEventListener("abort", () => ending.abort(), { signal: ending.signal });
      const follower = new Follower(modelOf(task, format.t.lang), client, format.t);
      const card = cardView({
        format, clock: systemClock, signal: ending.signal,
        onAction: (action) => void follower.act(action),
        onRetry: () => follower.retry(),
        parts,
        memory: {},
        scans: scanActions({ client, format, parts, colors: "" }),
      });
      const entry: Shown = { element: card.element, ended: false, close: () => ending.abort() };
      ending.signal.addEventListener("abort", () => {
        follower.close();
        card.element.remove();
      });
      shown.set(task.id, entry);
      list.prepend(card.element);
      follower.watch((model) => {
        card.update(model);
        const ended = isTerminal(model.snapshot.state.status) || model.trouble !== null;
        if (ended === entry.ended) return;
        entry.ended = ended;
        changed();
      });
      changed();
    },
  };
}
