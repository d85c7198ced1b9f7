/**
 * One client per page: follows any number of tasks over one connection, for any number of cards.
 *
 * A card never hangs on a handshake: the record is read over HTTP at the same moment as the connection is opened.
 * From then on all news comes through the connection, which polls while nothing better stands. With nothing left to
 * follow it is closed.
 */

import type { Action } from "./actions.ts";
import { Backoff } from "./backoff.ts";
import { type Clock, systemClock, type Timer } from "./clock.ts";
import { Connection, type Openers } from "./connection.ts";
import { type Count, Counters } from "./counters.ts";
import { examine, type PageFinding } from "./examine.ts";
import type { Answer, Api, ServerInfo, Submission } from "./http.ts";
import { Faults } from "./faults.ts";
import { Ladder } from "./ladder.ts";
import type { Link } from "./link.ts";
import type { Frame, Snapshot, TaskState } from "./protocol.ts";
import { AGAIN_MS, Records, type Trouble } from "./records.ts";
import { Reporter } from "./report.ts";
import { type Command, Session } from "./session.ts";
import { type TransportName, TRANSPORTS } from "./transports/transport.ts";

export type { Trouble } from "./records.ts";

/** Lab takes a card away and brings it back while scrolling; that should cost no new subscription. */
const LINGER_MS = 30_000;
const REST_MS = 300_000;

export interface Update {
  readonly snapshot: Snapshot | null;
  readonly link: Link;
  readonly trouble: Trouble | null;
  /** The stream has told all there will be; what was read over plain HTTP lacks pieces and log lines. */
  readonly whole: boolean;
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

/** The connection as a page may show it. */
export interface ConnectionStatus extends Link {
  /** What was asked and received, by transport; `http` are the REST calls. */
  readonly counters: Readonly<Record<string, Count>>;
}

export interface ClientOptions {
  readonly api: Api;
  /** The transports that this page can use. */
  readonly openers: Openers;
  readonly counters?: Counters;
  /** Switches that break the transports on purpose; already wired into `api` and `openers`. */
  readonly faults?: Faults;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly memory?: Memory;
  /** How long a socket without tasks is kept: the next cell often starts another, whose card then has its first news at once. */
  readonly restMs?: number;
}

interface Watched {
  readonly callbacks: Set<Callback>;
  linger: Timer | undefined;
}

export class Client {
  readonly #api: Api;
  readonly #openers: Openers;
  readonly #clock: Clock;
  readonly #memory: Memory | undefined;
  readonly #session = new Session();
  readonly #connection: Connection;
  readonly #watched = new Map<string, Watched>();
  readonly #results = new Map<string, Promise<Answer<unknown>>>();
  readonly #counters: Counters;
  readonly #reporter: Reporter;
  readonly #onConnection = new Set<(status: ConnectionStatus) => void>();
  readonly #records: Records;
  /** For tests and the demo page. */
  readonly faults: Faults;
  readonly #restMs: number;
  #info: Promise<Answer<ServerInfo>> | null = null;
  #resting: Timer | undefined;
  #tap: ((frame: Frame, transport: TransportName) => void) | null = null;

  constructor({ api, openers, clock = systemClock, random = Math.random, memory, counters = new Counters(), faults = new Faults(), restMs = REST_MS }: ClientOptions) {
    this.faults = faults;
    this.#restMs = restMs;
    this.#api = api;
    this.#openers = openers;
    this.#clock = clock;
    this.#memory = memory;
    this.#counters = counters;
    this.#records = new Records({
      api,
      clock,
      patience: new Backoff(random),
      info: () => this.#info ?? api.info(),
      reachable: () => this.#reachable(),
      told: (state) => this.#perform(this.#session.record(state)),
      troubled: (task) => {
        this.#notify(task);
        this.#forget(task);
      },
      authLost: () => this.#connection.authLost(),
      suspended: () => this.#connection.suspended(),
    });
    this.#reporter = new Reporter({ clock, send: (body) => api.report(body) });
    this.#connection = new Connection({
      openers,
      ladder: new Ladder({ rungs: TRANSPORTS.filter((name) => openers[name]), random }),
      clock,
      backoff: new Backoff(random),
      probe: () => api.info(),
      cursors: () => this.#session.cursors(),
      onFrame: (frame, transport) => {
        this.#tap?.(frame, transport);
        this.#perform(this.#session.receive(frame));
      },
      onLink: (link) => this.#linkChanged(link),
    });
  }

  get link(): Link {
    return this.#connection.link;
  }

  /** How news arrives now, and what it has cost. */
  connection(): ConnectionStatus {
    return { ...this.link, counters: this.#counters.read() };
  }

  /** Call `callback` now and at each change of the connection. Returns what ends that. */
  onConnection(callback: (status: ConnectionStatus) => void): () => void {
    this.#onConnection.add(callback);
    call(callback, this.connection());
    return () => this.#onConnection.delete(callback);
  }

  /** Show `callback` every frame as it arrives, repetitions too: for a page that watches the delivery itself. */
  tap(callback: (frame: Frame, transport: TransportName) => void): void {
    this.#tap = callback;
  }

  /** What this page reaches of its server; beside the connection, which goes on. */
  examine(): Promise<PageFinding> {
    return examine({ openers: this.#openers, clock: this.#clock, info: () => this.#api.info() });
  }

  /** The server's statistics document. */
  stats(): Promise<Answer<unknown>> {
    return this.#api.stats();
  }

  /** The result of a task as a file of this media type. */
  file(task: string, type: string): Promise<Answer<Blob>> {
    return this.#api.file(task, type);
  }

  /** Start a task; the answer is its record. Subscribe to it next. */
  submit(task: Submission): Promise<Answer<TaskState>> {
    return this.#api.submit(task);
  }

  /** Call `callback` now with what is known, then once a change. Returns what ends that. */
  subscribe(task: string, callback: Callback, { seed = null, epoch = "" }: SubscribeOptions = {}): () => void {
    let watched = this.#watched.get(task);
    const fresh = watched === undefined;
    if (!watched) {
      watched = { callbacks: new Set(), linger: undefined };
      this.#watched.set(task, watched);
      this.#records.seek(task, epoch);
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
      void this.#records.ask(task);
      void this.#learn();
    }
    return () => this.#leave(task, callback);
  }

  /** Ask the server to cancel. A refusal is for the caller to show. */
  async cancel(task: string): Promise<Answer<unknown>> {
    const answer = await this.#api.cancel(task);
    if (answer.is === "ok" && isRecord(answer.value)) this.#perform(this.#session.record(answer.value));
    return answer;
  }

  /** Ask something of a task; the answer may be another one that goes on for it. */
  async act(action: Action, state: TaskState): Promise<Answer<TaskState>> {
    const answer = await this.#api.act(action, state);
    if (answer.is === "ok") this.amend(answer.value);
    return answer;
  }

  /** Protections and labels of a task have changed, as this record says. */
  amend(state: TaskState): void {
    this.#perform(this.#session.amend(state));
    this.#perform(this.#session.record(state));
  }

  /** Tasks, newest first, read once. */
  list(query: Readonly<Record<string, string | number>>): Promise<Answer<{ readonly tasks: readonly TaskState[] }>> {
    return this.#api.list(query);
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
  async retry(): Promise<void> {
    // A reader who comes back to the page without having logged in must not be sent round in circles.
    if (this.link.state === "auth" && (await this.#api.info()).is === "auth") return;
    this.#records.trustAgain();
    this.#connection.retry();
    void this.#learn();
    this.#records.askAll();
  }

  visible(visible: boolean): void {
    this.#connection.send({ op: "visible", visible });
    if (visible) void this.retry();
  }

  /** The reader is back at this window, perhaps from logging in at another. */
  focused(): void {
    if (this.link.state === "auth") void this.retry();
  }

  online(): void {
    this.#connection.online();
  }

  offline(): void {
    this.#connection.offline();
  }

  /** The page goes away or into the back-forward cache: remember where each task stood. */
  suspend(): void {
    for (const task of this.#watched.keys()) {
      const snapshot = this.#session.view(task);
      if (snapshot) this.#memory?.save(snapshot.state);
    }
    this.#records.rest();
    this.#clock.cancel(this.#resting);
    this.#resting = undefined;
    this.#connection.stop();
  }

  resume(): void {
    if (!this.#needed()) return;
    this.#connection.start();
    this.#records.arm();
  }

  #leave(task: string, callback: Callback): void {
    const watched = this.#watched.get(task);
    if (!watched?.callbacks.delete(callback) || watched.callbacks.size > 0) return;
    watched.linger = this.#clock.after(LINGER_MS, () => {
      this.#watched.delete(task);
      this.#records.forget(task);
      this.#results.delete(task);
      this.#forget(task);
    });
  }

  /** Stop asking the server about `task`; the connection goes with the last one. */
  #forget(task: string): void {
    this.#perform(this.#session.unfollow(task));
    if (!this.#needed()) this.#connection.stop();
  }

  /** The last task has ended: let go of the connection. Only a socket can take up other tasks later. */
  #rest(): void {
    if (this.#needed() || this.link.state === "idle" || this.#resting !== undefined) return;
    if (this.link.state !== "live" || this.link.transport !== "ws") return this.#connection.stop();
    this.#resting = this.#clock.after(this.#restMs, () => {
      this.#resting = undefined;
      if (!this.#needed()) this.#connection.stop();
    });
  }

  /** Whether any task may still have news. */
  #needed(): boolean {
    return Object.keys(this.#session.cursors()).length > 0;
  }

  /** Ask what the server offers, once; the connection does not wait for it. */
  async #learn(): Promise<void> {
    if (this.#info) return;
    const asked = this.#api.info();
    this.#info = asked;
    const info = await asked;
    if (info.is !== "ok") this.#info = null;
    else if (info.value.transports) this.#connection.offered(info.value.transports);
  }

  #update(task: string): Update {
    return { snapshot: this.#session.view(task), link: this.link, trouble: this.#records.trouble(task), whole: this.#session.settled(task) };
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
      else if (command.do === "refused") void this.#turnedAway(command.task);
      else {
        this.#notify(command.task);
        this.#rest();
      }
    }
  }

  /** The stream will not carry `task`: REST says whether for good, and else it is asked for again. */
  async #turnedAway(task: string): Promise<void> {
    await this.#records.ask(task);
    this.#clock.after(AGAIN_MS, () => this.#perform(this.#session.again(task)));
  }

  #linkChanged(link: Link): void {
    if (link.state === "live") {
      this.#records.trustAgain();
      void this.#learn();
    }
    this.#reporter.link(link);
    for (const task of this.#watched.keys()) this.#notify(task);
    const status = this.connection();
    for (const callback of [...this.#onConnection]) call(callback, status);
    if (this.#reachable()) this.#records.arm();
  }

  #reachable(): boolean {
    const { state } = this.link;
    return state !== "idle" && state !== "auth";
  }
}

export function call<T>(callback: (value: T) => void, update: T): void {
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
