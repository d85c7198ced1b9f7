/** Short ways to write the protocol's values in tests; the shapes are those of docs/protocol.md. */

import type { EventFrame, LogLine, Snapshot, TaskState } from "../../src/stockwidget/js/client/protocol.ts";

export const EPOCH = "epoch-1";

export function record(changes: Record<string, unknown> = {}): TaskState {
  return {
    id: "t1",
    kind: "analysis",
    name: null,
    title: "AAPL",
    params: { symbol: "AAPL" },
    status: "queued",
    progress: 0,
    stage: null,
    stages: ["bars", "indicators", "summary"],
    counters: {},
    eta_s: null,
    created_at: 1,
    started_at: null,
    ended_at: null,
    retain_until: null,
    attempt: 1,
    reason: null,
    epoch: EPOCH,
    seq: 1,
    q: 1,
    error: null,
    summary: null,
    ...changes,
  } as unknown as TaskState;
}

export function snapshot(
  changes: { state?: Record<string, unknown>; partial?: Record<string, unknown>; logs?: unknown[] } = {},
): Snapshot {
  return { state: record(changes.state), partial: changes.partial ?? {}, logs: (changes.logs ?? []) as LogLine[] };
}

export function event(
  k: string,
  { t = "t1", e = EPOCH, s, q, ts = 1000, d }: { t?: string; e?: string; s: number; q: number; ts?: number; d: object },
): EventFrame {
  return { v: 1, k, t, e, s, q, ts, d } as unknown as EventFrame;
}
