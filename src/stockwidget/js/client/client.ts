/**
 * One client per page: follows any number of tasks over one connection, for any number of cards.
 *
 * A card never hangs on a handshake: the record is read over HTTP at the same moment as the connection is opened,
 * and again every 2 s for as long as no connection stands.
 */

import { Backoff } from "./backoff.ts";
import { type Clock, systemClock, type Timer } from "./clock.ts";
import { Connection, type Link } from "./connection.ts";
import type { Answer, Api, Refusal, ServerInfo } from "./http.ts";
import { isTerminal, type Snapshot, type TaskFailure, type TaskState } from "./protocol.ts";
import { type Command, Session } from "./session.ts";
import type { OpenTransport } from "./transports/transport.ts";

const FALLBACK_MS = 2_000;
const MISSING_TRIES = 3;
/** Lab takes a card away and brings it back while scrolling; that should cost no new subscription. */
const LINGER_MS = 30_000;

/** Why the page's server will tell no more about a task. */
export type Trouble =
  /** Another server than the one that runs the task, or one without stockwidget. */
  | { readonly is: "foreign" }
  | { readonly is: "unknown"; readonly error: TaskFailure }
  | { readonly is: "forbidden"; readonly error: TaskFailure }
  | { readonly is: "expired"; readonly error: TaskFailure };

export interface Update {
  readonly snapshot: Snapshot | null;
  readonly link: Link;
  readonly trouble: Trouble | null;
}

export type Callback = (update: Update) => void;

export interface SubscribeOptions {
  /** Shown until the server has answered. */
  readonly seed?: Snapshot | null;
  /** The journal the task is in; a server with another one is not asked further. */
  readonly epoch?: string;
}

/** The last records, kept over a reload of the page so that a bar never steps back. */
export interface Memory {
  load(task: string): TaskState | null;
  save(state: TaskState): void;
}

export interface ClientOptions {
  readonly api: Api;
  readonly open: OpenTransport;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly memory?: Memory;
}

interface Watched {
  readonly epoch: string;
  readonly callbacks: Set<Callback>;
  trouble: Trouble | null;
  missing: number;
  asking: boolean;
  askAt: number;
  linger: Timer | undefined;
}

export class Client {
  readonly #api: Api;
  readonly #clock: Clock;
  readonly #memory: Memory | undefined;
  readonly #session = new Session();
  readonly #connection: Connection;
  readonly #watched = new Map<string, Watched>();
  readonly #results = new Map<string, Promise<Answer<unknown>>>();
  #info: Promise<Answer<ServerInfo>> | null = null;
  #fallback: Timer | undefined;
  #authRetried = false;

  constructor({ api, open, clock = systemClock, random = Math.random, memory }: ClientOptions) {
    this.#api = api;
    this.#clock = clock;
    this.#memory = memory;
    this.#connection = new Connection({
      open,
      clock,
      backoff: new Backoff(random),
      onFrame: (frame) => this.#perform(this.#session.receive(frame)),
      onLink: (link) => this.#linkChanged(link),
    });
  }

  get link(): Link {
    return this.#connection.link;
  }

  /** Call `callback` now with what is known, then once a change. Returns what ends that. */
  subscribe(task: string, callback: Callback, { seed = null, epoch = "" }: SubscribeOptions = {}): () => void {
    let watched = this.#watched.get(task);
    const fresh = watched === undefined;
    if (!watched) {
      const asking = { missing: 0, asking: false, askAt: 0, linger: undefined };
      watched = { epoch, callbacks: new Set(), trouble: null, ...asking };
      this.#watched.set(task, watched);
    }
    this.#clock.cancel(watched.linger);
    this.#perform(this.#session.follow(task, seed));
    if (fresh) {
      const remembered = this.#memory?.load(task);
      if (remembered && (epoch === "" || remembered.epoch === epoch)) this.#session.record(remembered);
    }
    watched.callbacks.add(callback);
    call(callback, this.#update(task));
    if (fresh) {
      this.#connection.start();
      void this.#ask(task);
      this.#arm();
    }
    return () => this.#leave(task, callback);
  }

  /** Ask the server to cancel. A refusal is for the caller to show. */
  async cancel(task: string): Promise<Answer<unknown>> {
    const answer = await this.#api.cancel(task);
    if (answer.is === "ok" && isRecord(answer.value)) this.#perform(this.#session.record(answer.value));
    return answer;
  }

  /** The result document of a completed task; fetched once, whatever number of cards ask. */
  result(task: string): Promise<Answer<unknown>> {
    const known = this.#results.get(task);
    if (known) return known;
    const asked = this.#api.result(task);
    this.#results.set(task, asked);
    void asked.then((answer) => {
      if (answer.is !== "ok") this.#results.delete(task);
    });
    return asked;
  }

  /** Try again now: the network came back, or the reader logged in. */
  retry(): void {
    this.#authRetried = false;
    this.#info = null;
    this.#connection.retry();
    for (const task of this.#live()) void this.#ask(task);
  }

  visible(visible: boolean): void {
    this.#connection.send({ op: "visible", visible });
    if (visible && this.link.state !== "live") this.retry();
  }

  /** The page goes away or into the back-forward cache: remember where each task stood. */
  suspend(): void {
    for (const task of this.#watched.keys()) {
      const snapshot = this.#session.view(task);
      if (snapshot) this.#memory?.save(snapshot.state);
    }
    this.#clock.cancel(this.#fallback);
    this.#fallback = undefined;
    this.#connection.stop();
  }

  resume(): void {
    if (this.#live().length === 0) return;
    this.#connection.start();
    this.#arm();
  }

  #leave(task: string, callback: Callback): void {
    const watched = this.#watched.get(task);
    if (!watched?.callbacks.delete(callback) || watched.callbacks.size > 0) return;
    watched.linger = this.#clock.after(LINGER_MS, () => {
      this.#watched.delete(task);
      this.#results.delete(task);
      this.#forget(task);
    });
  }

  /** Stop asking the server about `task`; the connection goes with the last one. */
  #forget(task: string): void {
    this.#perform(this.#session.unfollow(task));
    if (this.#session.tasks.length === 0) this.#connection.stop();
  }

  #update(task: string): Update {
    const trouble = this.#watched.get(task)?.trouble ?? null;
    return { snapshot: this.#session.view(task), link: this.link, trouble };
  }

  #notify(task: string): void {
    const watched = this.#watched.get(task);
    if (!watched) return;
    const update = this.#update(task);
    for (const callback of [...watched.callbacks]) call(callback, update);
  }

  #perform(commands: readonly Command[]): void {
    for (const command of commands) {
      if (command.do === "send") this.#connection.send(command.message);
      else if (command.do === "changed") this.#notify(command.task);
      else void this.#turnedAway(command.task);
    }
  }

  /** The stream will not carry `task`: REST says whether for good, and else it is asked for again. */
  async #turnedAway(task: string): Promise<void> {
    await this.#ask(task);
    this.#clock.after(FALLBACK_MS, () => this.#perform(this.#session.again(task)));
  }

  #linkChanged(link: Link): void {
    if (link.state !== "live" && link.state !== "stale") this.#session.closed();
    if (link.state === "live") this.#authRetried = false;
    for (const task of this.#watched.keys()) this.#notify(task);
    if (link.state !== "live" && link.state !== "idle") this.#arm();
  }

  /** Tasks of which the server may have news. */
  #live(): string[] {
    return [...this.#watched].filter(([, { trouble }]) => trouble === null).map(([task]) => task);
  }

  /** Read records over HTTP until a connection stands; the timer is armed at most once. */
  #arm(): void {
    if (this.#fallback !== undefined) return;
    this.#fallback = this.#clock.after(FALLBACK_MS, () => {
      this.#fallback = undefined;
      const { state } = this.link;
      if (state === "live" || state === "idle" || state === "auth") return;
      const open = this.#live().filter((task) => {
        const shown = this.#session.view(task);
        return !shown || !isTerminal(shown.state.status);
      });
      for (const task of open) void this.#ask(task);
      if (open.length > 0) this.#arm();
    });
  }

  async #ask(task: string): Promise<void> {
    const watched = this.#watched.get(task);
    if (!watched || watched.trouble || watched.asking || this.#clock.now() < watched.askAt) return;
    watched.asking = true;
    const answer = await this.#api.task(task);
    watched.asking = false;
    if (this.#watched.get(task) !== watched) return;
    if (answer.is !== "ok") return this.#refused(task, watched, answer);
    watched.missing = 0;
    if (watched.epoch !== "" && answer.value.epoch !== watched.epoch) this.#giveUp(task, watched, { is: "foreign" });
    else this.#perform(this.#session.record(answer.value));
  }

  async #refused(task: string, watched: Watched, answer: Refusal): Promise<void> {
    switch (answer.is) {
      case "auth":
        if (this.#authRetried) return this.#connection.authLost();
        this.#authRetried = true; // The host may just have renewed its cookie.
        return this.#ask(task);
      case "forbidden":
      case "refused":
        return this.#giveUp(task, watched, { is: "forbidden", error: answer.error });
      case "gone":
        return this.#giveUp(task, watched, { is: "expired", error: answer.error });
      case "missing":
        return this.#missing(task, watched, answer.error);
      case "unreachable":
        if (answer.retryMs !== null) watched.askAt = this.#clock.now() + answer.retryMs;
        this.#arm();
    }
  }

  /** 404: another server's task is foreign at once; our own may be a moment ahead of its journal. */
  async #missing(task: string, watched: Watched, error: TaskFailure | null): Promise<void> {
    this.#info ??= this.#api.info();
    const info = await this.#info;
    if (info.is !== "ok") this.#info = null;
    const noExtension = error === null && info.is === "missing";
    const otherJournal = info.is === "ok" && watched.epoch !== "" && info.value.epoch !== watched.epoch;
    if (noExtension || otherJournal) return this.#giveUp(task, watched, { is: "foreign" });
    watched.missing += 1;
    if (watched.missing >= MISSING_TRIES) {
      const unnamed = { code: "unknown_task", message: `Task ${task} is unknown to this server.` };
      return this.#giveUp(task, watched, { is: "unknown", error: error ?? unnamed });
    }
    this.#clock.after(FALLBACK_MS, () => void this.#ask(task));
  }

  #giveUp(task: string, watched: Watched, trouble: Trouble): void {
    watched.trouble = trouble;
    this.#notify(task);
    this.#forget(task);
  }
}

function call(callback: Callback, update: Update): void {
  try {
    callback(update);
  } catch (error) {
    // One broken card must not silence the others; the page's error reporting still sees it.
    queueMicrotask(() => {
      throw error;
    });
  }
}

const isRecord = (value: unknown): value is TaskState =>
  typeof value === "object" && value !== null && "id" in value && "status" in value && "seq" in value;
