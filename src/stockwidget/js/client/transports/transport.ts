/**
 * The seam that WebSocket, event stream, polling and kernel comm share. A transport opens, carries messages out
 * and frames in, and says when it has ended. It knows no task, keeps no cursor and never reconnects: those are
 * the session's and the client's, and so cannot differ from one transport to another.
 */

import type { ClientMessage, Frame } from "../protocol.ts";

export type TransportName = "ws" | "sse" | "poll" | "comm";

export interface Ended {
  /** Announced by the server: come back soon, but not all at once. */
  readonly restart: boolean;
  /** For the reader of the card's hover text. */
  readonly why: string;
}

export interface Sink {
  frame(frame: Frame): void;
  /** Called once; nothing follows. */
  ended(end: Ended): void;
}

export interface Transport {
  readonly name: TransportName;
  send(message: ClientMessage): void;
  /** Ends without a call of `ended`. */
  close(): void;
}

export type OpenTransport = (sink: Sink) => Transport;
