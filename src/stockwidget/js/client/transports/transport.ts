/**
 * The seam that WebSocket, event stream, polling and kernel comm share. A transport opens, asks for the tasks that
 * `cursors` names, carries messages out and frames in, and says when it has ended. It knows no task, keeps no cursor
 * and never degrades: those are the session's and the connection's, and so cannot differ from one transport to another.
 */

import type { Refusal } from "../http.ts";
import type { ReasonCode } from "../link.ts";
import type { ClientMessage, Cursors, Frame } from "../protocol.ts";

/** Best first. */
export const TRANSPORTS = ["ws", "sse", "poll", "comm"] as const;
export type TransportName = (typeof TRANSPORTS)[number];

export interface Ended {
  /** `restarting` is announced by the server: come back soon, but not all at once. */
  readonly code: ReasonCode;
  /** For the reader of the card's hover text. */
  readonly why: string;
  /** What the server said instead of opening, where the transport can see it (a WebSocket cannot). */
  readonly answer?: Refusal;
}

export interface Sink {
  frame(frame: Frame): void;
  /** Called once; nothing follows. */
  ended(end: Ended): void;
}

export interface Transport {
  readonly name: TransportName;
  /** False where silence means nothing: polling notices by itself when an answer fails to come. */
  readonly beats: boolean;
  /** False while something on the way may be collecting what the server sends. */
  readonly prompt: boolean;
  send(message: ClientMessage): void;
  /** Ends without a call of `ended`. */
  close(): void;
}

/** What a close code of the server means, on a WebSocket or in a stream's `bye`. */
export function closing(code: unknown, reason: string, greeted: boolean): Ended {
  const why = reason || `closed (${String(code)})`;
  if (code === 1012 || code === 1001) return { code: "restarting", why };
  if (code === 4408) return { code: "slow_reader", why };
  return { code: greeted ? "closed" : "refused", why };
}

/** What it means that a transport was answered by `answer` instead of being opened. */
export function refusal(answer: Refusal, status: number): Ended {
  const code: Readonly<Record<Refusal["is"], ReasonCode>> = {
    auth: "not_authorized", forbidden: "not_authorized", missing: "disabled", gone: "refused", refused: "disabled",
    suspended: "suspended", unreachable: "server_error",
  };
  const limited = answer.is === "unreachable" && answer.retryMs !== null;
  return { code: limited ? "limited" : code[answer.is], why: `HTTP ${status}`, answer };
}

/** Open a transport. `cursors` is read whenever the transport (re)subscribes. */
export type OpenTransport = (sink: Sink, cursors: () => Cursors) => Transport;
