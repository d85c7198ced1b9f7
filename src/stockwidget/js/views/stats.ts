/** The statistics document of `GET api/realtime/stats`; delivery/stats.py writes it. */

export const WAYS = ["ws", "sse", "poll", "comm", "pipe"] as const;
export type Way = (typeof WAYS)[number];
/** A server knows neither comm nor pipe: those are a kernel's, to its pages and to its own runner. */
type ByWay = Readonly<Partial<Record<Way, number>>>;

export interface Change {
  readonly kind: string;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
  readonly count: number;
}

export interface Stats {
  readonly runner: string;
  readonly server_id: string;
  readonly uptime_s: number;
  readonly realtime_enabled: boolean | null;
  readonly connections: { readonly open: ByWay; readonly total: ByWay };
  readonly subscriptions: { readonly open: ByWay; readonly total: ByWay };
  readonly mix: { readonly connections: ByWay | null; readonly frames: ByWay | null };
  readonly frames: ByWay;
  readonly bytes: ByWay;
  readonly conflated: number;
  readonly resyncs: number;
  readonly slow_readers: number;
  readonly polls: number;
  readonly useless_polls: number;
  readonly useless_share: number | null;
  readonly tasks: {
    readonly by_state: Readonly<Record<string, number>>;
    readonly protected: number;
    readonly leased: number;
    readonly pinned: number;
    readonly followed: number;
  };
  readonly changes: {
    readonly downgrades: number;
    readonly upgrades: number;
    readonly recoveries: number;
    readonly by_reason: readonly Change[];
  };
  readonly latency: {
    readonly n: number;
    readonly p50_ms: number | null;
    readonly p95_ms: number | null;
    readonly p99_ms: number | null;
  };
}

/** The document if it has the parts that are drawn, else null. */
export function statsOf(value: unknown): Stats | null {
  const parts = ["connections", "subscriptions", "mix", "frames", "bytes", "tasks", "changes", "latency"] as const;
  if (!isObject(value) || !parts.every((part) => isObject(value[part]))) return null;
  const { connections, tasks, changes } = value as Record<string, Record<string, unknown>>;
  const whole = isObject(connections?.open) && isObject(tasks?.by_state) && Array.isArray(changes?.by_reason);
  return whole ? (value as unknown as Stats) : null;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);
