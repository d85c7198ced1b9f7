/** Models that stand still: what a kernel's would say where no kernel is behind, and this page's server runs the task. */

import type { AnyModel } from "@anywidget/types";

import type { TaskState } from "./client/protocol.ts";
import type { Traits } from "./follower.ts";

export const traitsOf = (task: TaskState): Pick<Traits, "task_id" | "epoch" | "mode" | "snapshot"> => ({
  task_id: task.id, epoch: task.epoch, mode: "server", snapshot: { state: task, partial: {}, logs: [] },
});

export function stillModel<T extends object>(traits: T): AnyModel<T> {
  const nothing = (): void => undefined;
  const model = { get: (name: keyof T) => traits[name], set: nothing, save_changes: nothing, on: nothing, off: nothing, send: nothing };
  return model as unknown as AnyModel<T>;
}

export const modelOf = (task: TaskState, locale: string, colors = ""): AnyModel<Traits> => stillModel({ ...traitsOf(task), locale, colors });
