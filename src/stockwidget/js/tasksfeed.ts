/**
 * A list of tasks that stays true while somebody looks: read again every few seconds for what comes and goes, and each
 * unfinished task followed over the page's one connection. The kernel answers where the page's server is not its own.
 */

import type { AnyModel } from "@anywidget/types";

import type { Action } from "./client/actions.ts";
import type { Client } from "./client/client.ts";
import type { Clock, Timer } from "./client/clock.ts";
import { isTerminal, type TaskFailure, type TaskState } from "./client/protocol.ts";
import type { TasksTraits } from "./tasks.ts";

const EVERY_MS = 3_000;
const AT_MOST_MS = 30_000;
/** A kernel that runs a cell answers only once that has ended. */
const KERNEL_ANSWER_MS = 20_000;
/** So many unfinished tasks are followed one by one; of the others the list tells. */
const FOLLOWED = 50;

export interface TasksModel {
  readonly tasks: readonly TaskState[];
  /** Set while the last reading failed. */
  readonly failed: boolean;
  readonly refused: { readonly action: Action; readonly task: TaskState; readonly error: TaskFailure } | null;
}

export interface TasksFeedOptions {
  readonly model: AnyModel<TasksTraits>;
  readonly client: Client | null;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onModel: (model: TasksModel) => void;
}

export class TasksFeed {
  readonly #options: TasksFeedOptions;
  readonly #followed = new Map<string, () => void>();
  #shown: TasksModel;
  #fromKernel: boolean;
  #answered: (tasks: readonly TaskState[] | null) => void = () => undefined;
  #acting: { action: Action; task: TaskState } | null = null;
  #failures = 0;
  #looking = false;
  #reading = false;
  #timer: Timer | undefined;

  constructor(options: TasksFeedOptions) {
    this.#options = options;
    const { model, client, signal } = options;
    this.#fromKernel = model.get("mode") !== "server" || client === null;
    this.#shown = { tasks: model.get("tasks") ?? [], failed: false, refused: null };
    const heard = (content: unknown): void => this.#heard((content ?? {}) as Record<string, unknown>);
    model.on("msg:custom", heard);
    signal.addEventListener("abort", () => {
      model.off("msg:custom", heard);
      this.look(false);
    });
    options.onModel(this.#shown);
  }

  /** Somebody looks, or nobody does any more. */
  look(looking: boolean): void {
    if (looking === this.#looking) return;
    this.#looking = looking;
    this.#options.clock.cancel(this.#timer);
    if (looking) void this.#read();
    else this.#follow([]);
  }

  async act(action: Action, task: TaskState): Promise<void> {
    const { model, client } = this.#options;
    this.#tell({ refused: null });
    if (this.#fromKernel || !client) {
      this.#acting = { action, task };
      return model.send({ type: "do", verb: action, task: task.id });
    }
    const answer = await client.act(action, task);
    if (answer.is !== "ok") {
      const error = "error" in answer && answer.error ? answer.error : { code: "server_unreachable", message: "" };
      return this.#tell({ refused: { action, task, error } });
    }
    this.#put(answer.value);
    void this.#read();
  }

  async #read(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    const tasks = await this.#list();
    this.#reading = false;
    this.#failures = tasks ? 0 : this.#failures + 1;
    if (tasks) this.#follow(tasks);
    this.#tell({ failed: tasks === null, ...(tasks ? { tasks } : {}) });
    if (!this.#looking) return;
    this.#options.clock.cancel(this.#timer);
    const wait = Math.min(AT_MOST_MS, EVERY_MS * 2 ** Math.min(this.#failures, 4));
    this.#timer = this.#options.clock.after(wait, () => void this.#read());
  }

  async #list(): Promise<readonly TaskState[] | null> {
    const { model, client } = this.#options;
    if (this.#fromKernel || !client) return this.#askKernel();
    const answer = await client.list(model.get("query") ?? {});
    const wanted = model.get("epoch");
    const foreign = answer.is === "missing" || (answer.is === "ok" && answer.value.tasks.some(({ epoch }) => wanted !== "" && epoch !== wanted));
    if (!foreign) return answer.is === "ok" ? answer.value.tasks : null;
    this.#fromKernel = true;
    return this.#askKernel();
  }

  #askKernel(): Promise<readonly TaskState[] | null> {
    return new Promise((resolve) => {
      const late = this.#options.clock.after(KERNEL_ANSWER_MS, () => resolve(null));
      this.#answered = (tasks) => {
        this.#options.clock.cancel(late);
        resolve(tasks);
      };
      this.#options.model.send({ type: "tasks" });
    });
  }

  #heard({ type, tasks, error }: Record<string, unknown>): void {
    if (type === "tasks") this.#answered(tasks as readonly TaskState[]);
    if (type === "tasks" && this.#acting) this.#tell({ tasks: tasks as readonly TaskState[] });
    if (type === "error" && this.#acting) this.#tell({ refused: { ...this.#acting, error: error as TaskFailure } });
    if (type === "error") this.#answered(null);
    if (type === "tasks" || type === "error") this.#acting = null;
  }

  /** Follow the unfinished ones among `tasks`, and no others. */
  #follow(tasks: readonly TaskState[]): void {
    const { client } = this.#options;
    const live = new Set(tasks.filter(({ status }) => !isTerminal(status)).slice(0, FOLLOWED).map(({ id }) => id));
    for (const [id, leave] of [...this.#followed]) {
      if (live.has(id)) continue;
      this.#followed.delete(id);
      leave();
    }
    if (this.#fromKernel || !client || !this.#looking) return;
    for (const id of live) {
      if (this.#followed.has(id)) continue;
      this.#followed.set(id, () => undefined);
      this.#followed.set(id, client.subscribe(id, ({ snapshot }) => snapshot && this.#put(snapshot.state)));
    }
  }

  #put(state: TaskState): void {
    const known = this.#shown.tasks.find(({ id }) => id === state.id);
    if (known && known !== state && state.seq >= known.seq) this.#tell({ tasks: this.#shown.tasks.map((each) => (each === known ? state : each)) });
  }

  #tell(changes: Partial<TasksModel>): void {
    this.#shown = { ...this.#shown, ...changes };
    if (!this.#options.signal.aborted) this.#options.onModel(this.#shown);
  }
}
