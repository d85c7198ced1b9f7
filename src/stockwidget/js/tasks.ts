/** The anywidget module of `sw.tasks()`: joins the server's list of tasks, or the kernel's, to its view. */

import type { AnyModel, RenderProps } from "@anywidget/types";

import { systemClock } from "./client/clock.ts";
import { pageClient } from "./client/page.ts";
import type { TaskState } from "./client/protocol.ts";
import { catalogueFor } from "./i18n/locale.ts";
import { errorsZh } from "./i18n/errors.zh.ts";
import { tasksEn } from "./i18n/tasks.en.ts";
import { tasksZh } from "./i18n/tasks.zh.ts";
import { whileSeen } from "./statsfeed.ts";
import { TasksFeed } from "./tasksfeed.ts";
import { Format } from "./views/format.ts";
import { addStyle } from "./views/style.ts";
import css from "./views/tasks.css?inline";
import { tasksView } from "./views/tasks.ts";
import table from "./views/table.css?inline";
import card from "./views/theme.css?inline";
import { followTheme } from "./views/theme.ts";

/** What Python's `TasksModel` syncs; see README.md here. */
export interface TasksTraits {
  epoch: string;
  mode: "server" | "kernel";
  query: Readonly<Record<string, string | number>>;
  /** The records as of the call: first paint. */
  tasks: readonly TaskState[];
  locale: string;
}

function render({ model, el, signal }: RenderProps<TasksTraits>): () => void {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  (signal as AbortSignal | undefined)?.addEventListener("abort", end);

  const t = catalogueFor(model.get("locale") ?? "", document, navigator);
  const view = tasksView({
    format: new Format(t, { state: { module: { errorsZh } } }),
    texts: t.lang === "en" ? tasksEn : tasksZh,
    clock: systemClock,
    signal: ending.signal,
    onAction: (action, task) => void feed.act(action, task),
  });
  const feed = new TasksFeed({ model: model as AnyModel<TasksTraits>, client: pageClient(), clock: systemClock, onModel: view.update, signal: ending.signal });
  addStyle(el, "card", card);
  addStyle(el, "table", table);
  addStyle(el, "tasks", css);
  followTheme(view.element, window, ending.signal, () => undefined);
  el.replaceChildren(view.element);
  whileSeen(view.element, window, ending.signal, (seen) => feed.look(seen));
  ending.signal.addEventListener("abort", () => view.element.remove());
  return end;
}

export default { render };
