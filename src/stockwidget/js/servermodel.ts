/** What a kernel's model would say of a task that no kernel is behind: this page's server runs it. */

import type { AnyModel } from "@anywidget/types";

import type { TaskState } from "./client/protocol.ts";
import type { Traits } from "./follower.ts";

export function modelOf(task: TaskState, locale: string, colors = ""): AnyModel<Traits> {
  const traits: Traits = { task_id: task.id, epoch: task.epoch, mode: "server", snapshot: { state: task, partial: {}, logs: [] }, locale, colors };
  const nothing = (): void => undefined;
  const model = { get: (name: keyof Traits) => traits[name], set: nothing, save_changes: nothing, on: nothing, off: nothing, send: nothing };
  return model as unknown as AnyModel<Traits>;
}
