/** Frames over a WebSocket at `api/v1/ws`. Authenticated by the page's cookie. */

import type { Clock } from "../clock.ts";
import { type ClientMessage, parseFrame } from "../protocol.ts";
import type { Sink, Transport } from "./transport.ts";

const OPEN_WITHIN_MS = 4_000;
const HELLO_WITHIN_MS = 5_000;
const SERVICE_RESTART = 1012;
const GOING_AWAY = 1001;

export interface WebSocketOptions {
  readonly url: string;
  readonly clock: Clock;
  readonly WebSocket: new (url: string) => WebSocket;
}

export function openWebSocket({ url, clock, WebSocket }: WebSocketOptions, sink: Sink): Transport {
  const socket = new WebSocket(url);
  let done = false;

  // A proxy may accept the socket and hold back what is in it: both waits need an end of their own.
  const opening = clock.after(OPEN_WITHIN_MS, () => end({ restart: false, why: "no answer" }));
  const greeting = clock.after(HELLO_WITHIN_MS, () => end({ restart: false, why: "no hello" }));
  const stopTimers = (): void => {
    clock.cancel(opening);
    clock.cancel(greeting);
  };

  const end = (ended: Parameters<Sink["ended"]>[0]): void => {
    if (done) return;
    done = true;
    stopTimers();
    socket.close();
    sink.ended(ended);
  };

  socket.onopen = () => clock.cancel(opening);
  socket.onmessage = ({ data }) => {
    if (done || typeof data !== "string") return;
    const frame = parseFrame(data);
    if (!frame) return;
    if (frame.k === "hello") clock.cancel(greeting);
    sink.frame(frame);
  };
  socket.onerror = () => undefined; // Says nothing; the close that follows tells the code.
  socket.onclose = ({ code, reason }) =>
    end({ restart: code === SERVICE_RESTART || code === GOING_AWAY, why: reason || `closed (${code})` });

  return {
    name: "ws",
    send(message: ClientMessage) {
      if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
    },
    close() {
      done = true;
      stopTimers();
      socket.close();
    },
  };
}
