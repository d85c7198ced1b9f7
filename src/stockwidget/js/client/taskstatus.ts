/** `subscribeTaskStatus`: a task's progress and result as plain values, for any web page. */

import { call, type Client, type Trouble, type Update } from "./client.ts";
import { Backoff } from "./backoff.ts";
import { type Clock, systemClock, type Timer } from "./clock.ts";
import { isTerminal, type LogLine, type PartialResult, type Status, type TaskFailure, type UtcMillis } from "./protocol.ts";
import type { TransportName } from "./transports/transport.ts";

export interface TaskStatus {
  readonly taskId: string;
  readonly kind: string;
  readonly title: string;
  /** `unknown`: this server does not know the task, or may not tell about it; `error` says which. */
  readonly status: Status | "unknown";
  /** 0 to 100; does not decrease within an attempt. */
  readonly progress: number;
  readonly attempt: number;
  readonly stage: string | null;
  /** Seconds left, as the server estimates; null if it cannot. */
  readonly eta: number | null;
  readonly counters: Readonly<Record<string, number>>;
  /** What a running task has found so far. */
  readonly partial: PartialResult;
  readonly logs: readonly LogLine[];
  readonly startedAt: UtcMillis | null;
  readonly endedAt: UtcMillis | null;
  /** Why it failed, expired or is unknown. */
  readonly error: TaskFailure | null;
  /** The whole document, once `status` is `completed`. */
  readonly result?: unknown;
  /** `completed`, and yet the document could not be had. */
  readonly resultError?: TaskFailure;
  /** What carried this news; null if it was read over plain HTTP. */
  readonly transport: TransportName | null;
}

export type TaskStatusCallback = (status: TaskStatus) => void;

/** Tries to fetch the result while the server cannot be reached: 8 to 15 s. */
const RESULT_TRIES = 5;
/** An end that was read over HTTP waits so long for the pieces and log lines before it: a half-open line takes 28 s to show. */
const PIECES_MS = 30_000;

/**
 * Call `callback` once for each change of the task, the last time with its result. Returns what ends that.
 *
 * Works at any moment, before a connection stands as after the task has ended. A lost connection is no change of the task;
 * `Client.onConnection` tells of it.
 */
export function subscribeTaskStatus(client: Client, taskId: string, callback: TaskStatusCallback, clock: Clock = systemClock): () => void {
  let told: TaskStatus | null = null;
  let done = false;
  let unsubscribe: () => void = () => undefined;

  let waiting: Timer | undefined;
  let waited = false;

  const stop = (): void => {
    done = true;
    clock.cancel(waiting);
    unsubscribe();
  };
  const tell = (status: TaskStatus): void => {
    if (done || (told && same(told, status))) return;
    told = status;
    const last = isLast(status);
    done = last;
    call(callback, status);
    if (last) stop();
  };
  let settling = false;
  const settle = async (status: TaskStatus): Promise<void> => {
    settling = true;
    const patience = new Backoff();
    for (let tries = 1; ; tries += 1) {
      const answer = await client.result(taskId);
      if (done) return;
      if (answer.is === "ok") return tell({ ...status, result: answer.value });
      if (answer.is === "gone") return tell({ ...status, status: "expired", error: answer.error });
      if (answer.is !== "unreachable" || tries === RESULT_TRIES) {
        const error = "error" in answer ? answer.error : null;
        return tell({ ...status, resultError: error ?? unreachable(answer.is) });
      }
      await new Promise<void>((later) => clock.after(answer.retryMs ?? patience.next(), later));
    }
  };

  let latest: Update;
  const take = (update: Update): void => {
    latest = update;
    if (done || settling) return;
    const status = statusOf(taskId, update, told);
    if (!status) return;
    if (!update.trouble && !update.whole && !waited && isLast(status)) {
      waiting ??= clock.after(PIECES_MS, () => {
        waited = true;
        take(latest);
      });
    } else if (status.status === "completed") void settle(status);
    else tell(status);
  };
  unsubscribe = client.subscribe(taskId, take);
  if (done) unsubscribe();
  return stop;
}

function statusOf(taskId: string, { snapshot, trouble, link }: Update, before: TaskStatus | null): TaskStatus | null {
  if (!snapshot && !trouble) return null;
  const state = snapshot?.state;
  const attempt = state?.attempt ?? 0;
  const progress = state?.progress ?? 0;
  const kept = before && before.attempt === attempt ? Math.max(before.progress, progress) : progress;
  const gone = snapshot?.gone;
  return {
    taskId,
    kind: state?.kind ?? "",
    title: state?.title ?? "",
    status: trouble ? (trouble.is === "expired" ? "expired" : "unknown") : (state?.status ?? "unknown"),
    progress: kept,
    attempt,
    stage: state?.stage ?? null,
    eta: state?.eta_s ?? null,
    counters: state?.counters ?? {},
    partial: snapshot?.partial ?? {},
    logs: snapshot?.logs ?? [],
    startedAt: state?.started_at ?? null,
    endedAt: state?.ended_at ?? null,
    error: trouble ? troubleError(trouble, taskId) : (state?.error ?? (gone ? { message: "The result was removed.", ...gone } : null)),
    transport: link.transport,
  };
}

function troubleError(trouble: Trouble, taskId: string): TaskFailure {
  return trouble.is === "foreign"
    ? { code: "unknown_task", message: `This server does not run task ${taskId}.` }
    : trouble.error;
}

const unreachable = (why: string): TaskFailure => ({
  code: "result_unreachable",
  message: `The task has completed, but its result could not be fetched (${why}).`,
  hint: "Reload the page once the server can be reached and you are logged in; the result is kept there.",
});

/** Nothing follows `expired`, `unknown` and the terminal ones; `completed` comes with its result. */
const isLast = ({ status }: TaskStatus): boolean => status === "unknown" || isTerminal(status);

const PLAIN = ["status", "progress", "attempt", "stage", "eta", "startedAt", "endedAt", "result", "resultError"] as const;
/** A snapshot brings new objects that say the same. */
const DEEP = ["counters", "error", "partial", "logs"] as const;

function same(a: TaskStatus, b: TaskStatus): boolean {
  return (
    PLAIN.every((key) => a[key] === b[key]) &&
    DEEP.every((key) => alike(a[key], b[key]))
  );
}

/** Whether two JSON values say the same; as a rule a longer list or the same object answers it at once. */
function alike(a: unknown, b: unknown): boolean {
  if (a === b || !isObject(a) || !isObject(b)) return a === b;
  if (Array.isArray(a) || Array.isArray(b)) return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((each, i) => alike(each, b[i]));
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => alike(a[name], b[name]));
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
