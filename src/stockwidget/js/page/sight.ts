/** What this page sees of its own connection: events, how late they were, and what they cost. */

import type { ConnectionStatus } from "../client/client.ts";
import type { Frame } from "../client/protocol.ts";
import type { TransportName } from "../client/transports/transport.ts";
import { EventLog, gist } from "./eventlog.ts";
import { Latency } from "./latency.ts";
import type { LinkModel } from "./ladder.ts";
import type { Tallies } from "./tallies.ts";

const ZERO: Tallies = { frames: 0, bytes: 0, requests: 0, polls: 0, useless: 0, downgrades: 0, upgrades: 0, recoveries: 0 };
const BEST = ["ws", "sse", "poll"] as const;

export class Sight {
  readonly log = new EventLog();
  readonly latency = new Latency();
  readonly #titles = new Map<string, string>();
  #base = ZERO;
  #before: ConnectionStatus | null = null;
  #rung: TransportName | null = null;

  /** Tasks are called by their titles where those are known. */
  named(task: string, title: string): void {
    this.#titles.set(task, title);
  }

  frame(frame: Frame, transport: TransportName, now: number): void {
    if (frame.k === "snapshot" && frame.d.state?.title) this.named(frame.t, frame.d.state.title);
    const about = "t" in frame && frame.t !== undefined ? frame.t : "";
    const placed = "s" in frame;
    this.log.add({
      at: now, kind: frame.k, task: this.#titles.get(about) ?? about, text: gist(frame), transport,
      s: placed ? frame.s : null, q: placed ? frame.q : null, late: this.latency.add(frame, now),
    });
  }

  /** A change of the connection; the same state again says nothing. */
  link(status: ConnectionStatus, now: number): void {
    const before = this.#before;
    this.#before = status;
    if (status.transport) this.#rung = status.transport;
    const same = before?.state === status.state && before.transport === status.transport && before.reason?.code === status.reason?.code;
    if (same || (!before && status.state === "idle")) return;
    const text = [status.state, status.reason?.code, status.reason?.words].filter(Boolean).join(" · ");
    this.log.add({ at: now, kind: "link", task: "", text, transport: status.transport ?? "", s: null, q: null, late: null });
  }

  /** The connection as the ladder draws it. */
  model(status: ConnectionStatus): LinkModel {
    const best = BEST.find((name) => status.offered?.includes(name) ?? true) ?? "poll";
    const rung = status.transport ?? (status.state === "idle" ? best : (this.#rung ?? best));
    return { ...status, rung };
  }

  tallies(status: ConnectionStatus): Tallies {
    const now = totals(status);
    const keys = Object.keys(now) as (keyof Tallies)[];
    return Object.fromEntries(keys.map((key) => [key, now[key] - this.#base[key]])) as unknown as Tallies;
  }

  /** Count from now on. */
  reset(status: ConnectionStatus): void {
    this.#base = totals(status);
    this.latency.clear();
  }
}

function totals({ counters, downgrades, upgrades, recoveries }: ConnectionStatus): Tallies {
  const sum = (key: "frames" | "bytes" | "requests" | "useless"): number => Object.values(counters).reduce((all, count) => all + count[key], 0);
  return {
    frames: sum("frames"), bytes: sum("bytes"), requests: sum("requests"), polls: counters.poll?.requests ?? 0, useless: sum("useless"),
    downgrades, upgrades, recoveries,
  };
}
