/**
 * One task as a widget model shows it: fed by the page's client where this page's server runs the task, else by the
 * kernel through the model. Makes the card's model; draws nothing.
 */

import type { AnyModel } from "@anywidget/types";

import { type Action, amended } from "./client/actions.ts";
import type { Client, Trouble, Update } from "./client/client.ts";
import { isTerminal, type Snapshot, type TaskFailure, type TaskState } from "./client/protocol.ts";
import type { CardModel, Outcome } from "./views/card.ts";
import { KernelFeed } from "./kernelfeed.ts";
import { documentOf } from "./views/documents.ts";
import type { Feed } from "./views/dot.ts";
import type { Catalogue } from "./i18n/en.ts";

/** What Python's `TaskCard` syncs; see README.md here. */
export interface Traits {
  task_id: string;
  epoch: string;
  mode: "server" | "kernel";
  snapshot: Partial<Snapshot>;
  locale: string;
  colors: string;
  /** Name → text of a part of the bundle that the kernel may be too busy to send later. */
  parts?: Readonly<Record<string, string>>;
}

const UNREACHABLE = "server_unreachable";
/** How often a page that only the kernel hears says that it still shows its task, which keeps the result. */
const PRESENT_MS = 60_000;

type Texts = Pick<Catalogue, "resultUnreachable" | "noAnswer" | "badResult" | "badResultHint">;

export class Follower {
  readonly #model: AnyModel<Traits>;
  readonly #client: Client | null;
  #task: string;
  readonly #views = new Set<(model: CardModel) => void>();
  readonly #undo: (() => void)[] = [];
  readonly #texts: Texts;
  #unsubscribe: () => void = () => undefined;
  #kernel: KernelFeed | null = null;
  #snapshot: Snapshot;
  #feed: Feed = { via: "kernel", why: "kernel-run" };
  #trouble: Trouble | null = null;
  #outcome: Outcome = { is: "none" };
  #acting: Action = "cancel";
  #refused: CardModel["refused"] = null;

  constructor(model: AnyModel<Traits>, client: Client | null, texts: Texts) {
    this.#model = model;
    this.#client = client;
    this.#texts = texts;
    this.#task = model.get("task_id");
    this.#snapshot = this.#traitSnapshot();
    const changed = (): void => this.#kernelSnapshot();
    const message = (content: unknown): void => this.#kernelMessage(content);
    const recolour = (): void => this.#tell();
    const moved = (): void => this.#moved();
    model.on("change:snapshot", changed);
    model.on("change:colors", recolour);
    model.on("change:task_id", moved);
    model.on("msg:custom", message);
    const present = setInterval(() => this.#feed.via === "kernel" && model.send({ type: "present" }), PRESENT_MS);
    this.#undo.push(
      () => clearInterval(present),
      () => model.off("change:snapshot", changed),
      () => model.off("change:colors", recolour),
      () => model.off("change:task_id", moved),
      () => model.off("msg:custom", message),
    );
    this.#follow();
  }

  /** Call `view` now and after each change. */
  watch(view: (model: CardModel) => void): () => void {
    this.#views.add(view);
    view(this.#card());
    return () => this.#views.delete(view);
  }

  async act(action: Action): Promise<void> {
    this.#refused = null;
    if (this.#feed.via === "kernel") {
      this.#acting = action;
      return this.#model.send(action === "cancel" ? { type: "cancel" } : { type: "do", verb: action });
    }
    const task = this.#task;
    const answer = await this.#client?.act(action, rerunnable(this.#snapshot, this.#trouble));
    if (!answer || this.#task !== task) return;
    if (answer.is === "ok") return answer.value.id === task ? this.#tell() : this.#become(answer.value);
    // 409: it ended before the wish arrived. The card shows its end already or is about to.
    if (action === "cancel" && answer.is === "refused" && answer.error.code === "wrong_state") return;
    if (answer.is === "gone") this.#trouble = { is: "expired", error: answer.error };
    this.#refused = { action, error: "error" in answer && answer.error ? answer.error : this.#unanswered() };
    this.#tell();
  }

  retry(): void {
    void this.#client?.retry();
    if (this.#outcome.is === "failed") {
      this.#outcome = { is: "none" };
      this.#settle();
    }
  }

  close(): void {
    this.#unsubscribe();
    this.#kernel?.close();
    for (const undo of this.#undo) undo();
    this.#views.clear();
  }

  #follow(): void {
    if (this.#model.get("mode") !== "server") this.#followKernel("kernel-run");
    else if (this.#client) this.#followServer(this.#client);
    else this.#followKernel("foreign");
  }

  /** Go on with another task: the one that resumed this one, or ran it again. The kernel's handle hears of it. */
  #become(state: TaskState): void {
    this.#model.set("task_id", state.id);
    this.#model.set("snapshot", { state, partial: {}, logs: [] });
    this.#leap({ state, partial: {}, logs: [] });
    this.#model.save_changes();
  }

  /** The kernel's handle went on with another task. */
  #moved(): void {
    if (this.#model.get("task_id") !== this.#task) this.#leap(this.#traitSnapshot(this.#model.get("task_id")));
  }

  #leap(snapshot: Snapshot): void {
    this.#unsubscribe();
    this.#kernel?.close();
    this.#kernel = this.#trouble = this.#refused = null;
    this.#outcome = { is: "none" };
    this.#snapshot = snapshot;
    this.#task = snapshot.state.id;
    this.#follow();
    this.#tell();
  }

  #followServer(client: Client): void {
    this.#feed = { via: "server", link: client.link };
    const seed = this.#snapshot.state.status ? this.#snapshot : null;
    this.#unsubscribe = client.subscribe(this.#task, (update) => this.#updated(update), { seed, epoch: this.#model.get("epoch") });
  }

  #updated({ snapshot, link, trouble }: Update): void {
    if (trouble?.is === "foreign") return this.#followKernel("foreign");
    this.#feed = { via: "server", link };
    this.#trouble = trouble;
    if (snapshot) this.#snapshot = snapshot;
    const unanswered = this.#outcome.is === "failed" && this.#outcome.error.code === UNREACHABLE;
    if (unanswered && link.state === "live") this.#outcome = { is: "none" }; // The server is back: ask again.
    this.#settle();
  }

  #followKernel(why: "kernel-run" | "foreign"): void {
    this.#feed = { via: "kernel", why };
    this.#trouble = null;
    this.#snapshot = this.#traitSnapshot();
    // A saved notebook, or a task that ended before this page came: the kernel has no more to tell than the trait.
    if (!isTerminal(this.#snapshot.state.status)) this.#kernel = this.#openKernel();
    this.#settle();
  }

  #openKernel(): KernelFeed {
    const model = this.#model;
    const channel = {
      send: (content: object) => model.send(content),
      onMessage: (callback: (content: unknown) => void) => {
        model.on("msg:custom", callback);
        return () => model.off("msg:custom", callback);
      },
    };
    const feed = new KernelFeed(this.#task, this.#snapshot, channel, {
      changed: () => {
        this.#snapshot = feed.snapshot;
        this.#settle();
      },
      refused: (error) => {
        this.#trouble = { is: error.code === "expired" ? "expired" : "unknown", error };
        this.#tell();
      },
    });
    return feed;
  }

  #traitSnapshot(task = this.#task): Snapshot {
    const { state, partial = {}, logs = [] } = this.#model.get("snapshot") ?? {};
    return { state: { ...blank(task), ...state }, partial, logs };
  }

  #kernelSnapshot(): void {
    if (this.#feed.via !== "kernel") return;
    this.#snapshot = this.#traitSnapshot();
    if (this.#kernel) {
      this.#kernel.trait = this.#snapshot;
      this.#snapshot = this.#kernel.snapshot;
    }
    this.#settle();
  }

  #kernelMessage(content: unknown): void {
    if (typeof content !== "object" || content === null) return;
    const { type, result, error, state } = content as Record<string, unknown>;
    if (type === "amended") this.#amend(state as TaskState);
    if (this.#feed.via !== "kernel") return;
    if (type === "result") this.#take(result);
    else if (type === "error" && this.#outcome.is === "fetching") this.#outcome = { is: "failed", error: error as TaskFailure };
    else if (type === "error") this.#refused = { action: this.#acting, error: error as TaskFailure };
    this.#tell();
  }

  /** The kernel's handle was pinned or renamed. */
  #amend(state: TaskState): void {
    if (state.id !== this.#task) return;
    if (this.#feed.via === "server") return this.#client?.amend(state);
    this.#snapshot = { ...this.#snapshot, state: amended(this.#snapshot.state, state) };
    this.#kernel?.amend(state);
  }

  /** Tell the views, and ask for the result once there is one. */
  #settle(): void {
    if (this.#refused?.action === "cancel" && isTerminal(this.#snapshot.state.status)) this.#refused = null;
    if (this.#snapshot.state.status === "completed" && this.#outcome.is === "none" && !this.#trouble) {
      this.#outcome = { is: "fetching" };
      void this.#fetchResult();
    }
    this.#tell();
  }

  async #fetchResult(): Promise<void> {
    if (this.#feed.via === "kernel") return this.#model.send({ type: "result" });
    const answer = await this.#client?.result(this.#task);
    await new Promise((later) => setTimeout(later)); // To read 20 000 rows was work enough for one task of the page.
    if (answer?.is === "ok") this.#take(answer.value);
    else if (answer?.is === "gone") {
      this.#trouble = { is: "expired", error: answer.error };
      this.#outcome = { is: "none" };
    } else {
      const error = answer && "error" in answer && answer.error ? answer.error : this.#unreachable();
      this.#outcome = { is: "failed", error };
    }
    this.#tell();
  }

  #take(value: unknown): void {
    const document = documentOf(value);
    const { badResult: message, badResultHint: hint } = this.#texts;
    this.#outcome = document ? { is: "here", document } : { is: "failed", error: { code: "bad_result", message, hint } };
  }

  #unreachable(): TaskFailure {
    return { code: UNREACHABLE, message: this.#texts.resultUnreachable };
  }

  #unanswered(): TaskFailure {
    return { code: UNREACHABLE, message: this.#texts.noAnswer };
  }

  #card(): CardModel {
    return {
      snapshot: this.#snapshot,
      feed: this.#feed,
      trouble: this.#trouble,
      outcome: this.#outcome,
      refused: this.#refused,
      colors: this.#model.get("colors") ?? "",
    };
  }

  #tell(): void {
    const card = this.#card();
    for (const view of this.#views) view(card);
  }
}

/** The record to ask about; that of a task this page never saw may be had from its tombstone. */
function rerunnable({ state, gone }: Snapshot, trouble: Trouble | null): TaskState {
  const how = gone?.how_to_rerun ?? (trouble?.is === "expired" ? trouble.error.how_to_rerun : null);
  return typeof how === "object" && how !== null && "params" in how ? { ...state, ...(how as Pick<TaskState, "kind" | "params">) } : state;
}

/** A record before anything is known, should a kernel have sent none. */
const blank = (id: string): TaskState =>
  ({
    id, kind: "analysis", name: null, tags: [], notes: null, title: "", pinned: false, predecessor: null, params: {}, status: "queued", progress: 0, stage: null, stages: [],
    counters: {}, eta_s: null, created_at: 0, started_at: null, ended_at: null, retain_until: null, attempt: 0,
    reason: null, epoch: "", seq: 0, q: 0, error: null, summary: null,
  }) as unknown as TaskState;
