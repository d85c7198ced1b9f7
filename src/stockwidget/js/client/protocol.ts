/** What travels, as types: docs/protocol.md is the contract, this file its reading. */

declare const brand: unique symbol;
type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** Milliseconds since 1970, UTC. */
export type UtcMillis = Branded<number, "UtcMillis">;
/** Per-task count of events: of all of them as `s`, of those never dropped as `q`. */
export type Seq = Branded<number, "Seq">;

export const STATUSES = [
  "queued",
  "running",
  "cancelling",
  "completed",
  "failed",
  "cancelled",
  "interrupted",
  "expired",
] as const;
export type Status = (typeof STATUSES)[number];

const TERMINAL: ReadonlySet<Status> = new Set(["completed", "failed", "cancelled", "expired"]);
export const isTerminal = (status: Status): boolean => TERMINAL.has(status);

/** `{code, message, hint}` and the error's own data, as errors.py writes it. */
export interface TaskFailure {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly [data: string]: unknown;
}

/** The public record of a task: the answer of `GET tasks/<id>` and `d.state` of a snapshot. */
export interface TaskState {
  readonly id: string;
  readonly kind: string;
  readonly name: string | null;
  readonly title: string;
  readonly tags: readonly string[];
  readonly notes: string | null;
  readonly params: Readonly<Record<string, unknown>>;
  readonly status: Status;
  /** 0 to 100, never decreasing within an attempt. */
  readonly progress: number;
  readonly stage: string | null;
  readonly stages: readonly string[];
  readonly counters: Readonly<Record<string, number>>;
  readonly eta_s: number | null;
  readonly created_at: UtcMillis;
  readonly started_at: UtcMillis | null;
  readonly ended_at: UtcMillis | null;
  /** When the last of its protections ends; null while it lives or is pinned. */
  readonly retain_until: UtcMillis | null;
  readonly pinned: boolean;
  readonly predecessor: string | null;
  readonly attempt: number;
  readonly reason: string | null;
  readonly epoch: string;
  readonly seq: Seq;
  readonly q: Seq;
  readonly error: TaskFailure | null;
  readonly summary: Readonly<Record<string, unknown>> | null;
}

/** A partial result: whatever keys the job has set or appended so far. */
export type PartialResult = Readonly<Record<string, unknown>>;

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly ts: UtcMillis;
}

/** What remains of a task whose result was removed. */
export interface Tombstone {
  readonly code: "expired";
  readonly expired_at?: UtcMillis;
  readonly how_to_rerun?: string | { readonly kind: string; readonly params: Readonly<Record<string, unknown>> };
}

/** A task as of `state.seq`: all that a view needs to be drawn from nothing. */
export interface Snapshot {
  readonly state: TaskState;
  readonly partial: PartialResult;
  readonly logs: readonly LogLine[];
  readonly gone?: Tombstone;
}

/** Where a reader stands in one task. */
export interface Cursor {
  readonly e: string;
  readonly s: Seq;
  readonly q: Seq;
}

/** What a subscription names: where to begin in each task, null for the whole of it. */
export type Cursors = Readonly<Record<string, Cursor | null>>;

interface TaskFrame<K extends string, D> {
  readonly k: K;
  readonly t: string;
  readonly e: string;
  readonly s: Seq;
  readonly q: Seq;
  readonly ts: UtcMillis;
  readonly d: D;
}

export interface SnapshotBody {
  readonly state: TaskState;
  readonly recovered: boolean;
  readonly retain_until?: UtcMillis | null;
  readonly partial?: PartialResult;
  readonly logs?: readonly LogLine[];
}

export interface Delta {
  readonly set?: Readonly<Record<string, unknown>>;
  readonly append?: Readonly<Record<string, readonly unknown[]>>;
}

export type EventFrame =
  | TaskFrame<"state", Partial<TaskState>>
  | TaskFrame<"progress", Partial<TaskState>>
  | TaskFrame<"end", Partial<TaskState>>
  | TaskFrame<"partial", Delta>
  | TaskFrame<"log", { readonly level: string; readonly message: string }>
  | TaskFrame<"gone", Tombstone>;

export type SnapshotFrame = TaskFrame<"snapshot", SnapshotBody>;

export interface HelloFrame {
  readonly k: "hello";
  readonly e?: string;
  readonly d: { readonly server_id?: string; readonly heartbeat_ms?: number };
}

export interface HeartbeatFrame {
  readonly k: "hb";
  readonly d: { readonly tasks?: Readonly<Record<string, readonly [Seq, Seq]>> };
}

export interface ErrorFrame {
  readonly k: "error";
  readonly t?: string;
  readonly d: TaskFailure;
}

export type Frame = HelloFrame | HeartbeatFrame | ErrorFrame | SnapshotFrame | EventFrame;

/** What a page may say to the server over a transport; everything that changes a task is an HTTP POST. */
export type ClientMessage =
  | { readonly op: "subscribe"; readonly tasks: Cursors }
  | { readonly op: "unsubscribe"; readonly tasks: readonly string[] }
  | { readonly op: "visible"; readonly visible: boolean }
  | { readonly op: "ping" };

const ABOUT_A_TASK = new Set(["snapshot", "state", "progress", "partial", "log", "end", "gone"]);
const ABOUT_THE_LINK = new Set(["hello", "hb", "error"]);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The frame in `text`, or null if it is none that this version knows (those are skipped, never an error). */
export function parseFrame(text: string): Frame | null {
  try {
    return readFrame(JSON.parse(text));
  } catch {
    return null;
  }
}

/** As `parseFrame`, of a parsed value. */
export function readFrame(value: unknown): Frame | null {
  if (!isObject(value) || !isObject(value.d) || typeof value.k !== "string") return null;
  if (ABOUT_THE_LINK.has(value.k)) return value as unknown as Frame;
  const placed = typeof value.t === "string" && typeof value.s === "number" && typeof value.q === "number";
  return ABOUT_A_TASK.has(value.k) && placed && typeof value.e === "string" ? (value as unknown as Frame) : null;
}
