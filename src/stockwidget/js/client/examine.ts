/**
 * What this page reaches of its server: each way is tried for real, by itself, and only news of a task proves it. As
 * notebook/doctor/ways.py does it for a kernel.
 */

import type { Clock } from "./clock.ts";
import type { Openers } from "./connection.ts";
import type { Answer, ServerInfo } from "./http.ts";
import type { Reason } from "./link.ts";
import type { Frame } from "./protocol.ts";
import type { Transport, TransportName } from "./transports/transport.ts";

/** An id that no task has: to be told so is news as well. */
const UNKNOWN = "doctor";
const ENOUGH_MS = 12_000;
const WAYS = ["ws", "sse", "poll"] as const;
export type WayName = (typeof WAYS)[number];

export interface WayFinding {
  readonly name: WayName;
  readonly offered: boolean;
  /** To the first news; null where none came. */
  readonly ms: number | null;
  readonly reason: Reason | null;
}

export interface PageFinding {
  readonly server: Answer<ServerInfo>["is"];
  readonly ms: number;
  readonly ways: readonly WayFinding[];
}

export interface ExamineOptions {
  readonly openers: Openers;
  readonly clock: Clock;
  readonly info: () => Promise<Answer<ServerInfo>>;
}

export async function examine({ openers, clock, info }: ExamineOptions): Promise<PageFinding> {
  const began = clock.now();
  const answer = await info();
  const ms = clock.now() - began;
  if (answer.is !== "ok") return { server: answer.is, ms, ways: [] };
  const offered = answer.value.transports;
  const ways = await Promise.all(WAYS.map((name) =>
    offered && !offered.includes(name) ? { name, offered: false, ms: null, reason: null } : tried(name, openers, clock)));
  return { server: "ok", ms, ways };
}

function tried(name: WayName, openers: Openers, clock: Clock): Promise<WayFinding> {
  const open = openers[name satisfies TransportName];
  const began = clock.now();
  return new Promise((resolve) => {
    let transport: Transport | null = null;
    let over = false;
    const finish = (reason: Reason | null): void => {
      if (over) return;
      over = true;
      clock.cancel(late);
      transport?.close();
      resolve({ name, offered: true, ms: reason ? null : clock.now() - began, reason });
    };
    const late = clock.after(ENOUGH_MS, () => finish({ code: name === "sse" ? "buffered" : "timeout", words: "" }));
    if (!open) return finish({ code: "disabled", words: "" });
    const frame = (frame: Frame): void => {
      if ("t" in frame && frame.t === UNKNOWN) finish(null);
    };
    transport = open({ frame, ended: ({ code, why }) => finish({ code, words: why }) }, () => ({ [UNKNOWN]: null }));
    if (over) transport.close(); // It told before it was handed over.
  });
}
