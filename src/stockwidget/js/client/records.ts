/**
 * The records of tasks as REST tells them: asked for at once beside the connection, again while no way has told anything yet,
 * and never again once it is clear that nothing will be told.
 */

import type { Backoff } from "./backoff.ts";
import type { Clock, Timer } from "./clock.ts";
import type { Answer, Api, Refusal, ServerInfo } from "./http.ts";
import type { TaskFailure, TaskState } from "./protocol.ts";

export const AGAIN_MS = 2_000;
const MISSING_TRIES = 3;

/** Why the page's server will tell no more about a task. */
export type Trouble =
  /** Another server than the one that runs the task, or one without stockwidget. */
  | { readonly is: "foreign" }
  | { readonly is: "unknown"; readonly error: TaskFailure }
  | { readonly is: "forbidden"; readonly error: TaskFailure }
  | { readonly is: "expired"; readonly error: TaskFailure };

export interface RecordsOptions {
  readonly api: Api;
  readonly clock: Clock;
  readonly patience: Backoff;
  /** What the server says of itself. */
  readonly info: () => Promise<Answer<ServerInfo>>;
  /** Whether asking again can be of use. */
  readonly reachable: () => boolean;
  readonly told: (state: TaskState) => void;
  readonly troubled: (task: string) => void;
  readonly authLost: () => void;
  readonly suspended: () => void;
}

interface Sought {
  /** The journal the task is in; "" if that is not known. */
  readonly epoch: string;
  trouble: Trouble | null;
  missing: number;
  /** REST has said what it knows; the stream tells the rest. */
  answered: boolean;
  asking: boolean;
  askAt: number;
}

export class Records {
  readonly #options: RecordsOptions;
  readonly #sought = new Map<string, Sought>();
  #again: Timer | undefined;
  #authRetried = false;

  constructor(options: RecordsOptions) {
    this.#options = options;
  }

  seek(task: string, epoch: string): void {
    this.#sought.set(task, { epoch, trouble: null, missing: 0, answered: false, asking: false, askAt: 0 });
  }

  forget(task: string): void {
    this.#sought.delete(task);
  }

  trouble(task: string): Trouble | null {
    return this.#sought.get(task)?.trouble ?? null;
  }

  /** A login that is refused now may be a new matter. */
  trustAgain(): void {
    this.#authRetried = false;
  }

  askAll(): void {
    for (const task of this.#unanswered()) void this.ask(task);
  }

  /** Read the missing records again, ever more patiently; the timer is armed at most once. */
  arm(): void {
    const { clock, patience, reachable } = this.#options;
    if (this.#again !== undefined || this.#unanswered().length === 0) return;
    this.#again = clock.after(AGAIN_MS + patience.next(), () => {
      this.#again = undefined;
      if (!reachable()) return;
      this.askAll();
      this.arm();
    });
  }

  rest(): void {
    this.#options.clock.cancel(this.#again);
    this.#again = undefined;
  }

  async ask(task: string): Promise<void> {
    const { api, clock, patience, told } = this.#options;
    const sought = this.#sought.get(task);
    if (!sought || sought.trouble || sought.asking || clock.now() < sought.askAt) return;
    sought.asking = true;
    const answer = await api.task(task);
    sought.asking = false;
    if (this.#sought.get(task) !== sought) return;
    if (answer.is !== "ok") return this.#refused(task, sought, answer);
    sought.missing = 0;
    sought.answered = true;
    if (this.#unanswered().length === 0) patience.reset();
    if (sought.epoch !== "" && answer.value.epoch !== sought.epoch) this.#giveUp(task, sought, { is: "foreign" });
    else told(answer.value);
  }

  /** Tasks that the server has told nothing about yet, by whatever way. */
  #unanswered(): string[] {
    return [...this.#sought].filter(([, { trouble, answered }]) => trouble === null && !answered).map(([task]) => task);
  }

  async #refused(task: string, sought: Sought, answer: Refusal): Promise<void> {
    const { clock, authLost, suspended } = this.#options;
    switch (answer.is) {
      case "auth":
        if (this.#authRetried) return authLost();
        this.#authRetried = true; // The host may just have renewed its cookie.
        return this.ask(task);
      case "forbidden":
      case "refused":
        return this.#giveUp(task, sought, { is: "forbidden", error: answer.error });
      case "gone":
        return this.#giveUp(task, sought, { is: "expired", error: answer.error });
      case "missing":
        return this.#missing(task, sought, answer.error);
      case "suspended":
        return suspended();
      case "unreachable":
        if (answer.retryMs !== null) sought.askAt = clock.now() + answer.retryMs;
        this.arm();
    }
  }

  /** 404: another server's task is foreign at once; our own may be a moment ahead of its journal. */
  async #missing(task: string, sought: Sought, error: TaskFailure | null): Promise<void> {
    const info = await this.#options.info();
    const noExtension = error === null && info.is === "missing";
    const otherJournal = info.is === "ok" && sought.epoch !== "" && info.value.epoch !== sought.epoch;
    if (noExtension || otherJournal) return this.#giveUp(task, sought, { is: "foreign" });
    sought.missing += 1;
    if (sought.missing >= MISSING_TRIES) {
      const unnamed = { code: "unknown_task", message: `Task ${task} is unknown to this server.` };
      return this.#giveUp(task, sought, { is: "unknown", error: error ?? unnamed });
    }
    this.#options.clock.after(AGAIN_MS, () => void this.ask(task));
  }

  #giveUp(task: string, sought: Sought, trouble: Trouble): void {
    sought.trouble = trouble;
    this.#options.troubled(task);
  }
}
