/** Frames over a WebSocket at `api/v1/ws`. Authenticated by the page's cookie, or by what `Host.socketProtocols` says. */

import type { Clock } from "../clock.ts";
import type { Counters } from "../counters.ts";
import { type ClientMessage, type Cursors, parseFrame } from "../protocol.ts";
import { closing, type Sink, type Transport } from "./transport.ts";

const OPEN_WITHIN_MS = 4_000;

export interface WebSocketOptions {
  readonly url: string;
  readonly protocols?: readonly string[];
  readonly clock: Clock;
  readonly WebSocket: new (url: string, protocols: string[]) => WebSocket;
  readonly counters?: Counters;
}

export function openWebSocket({ url, protocols = [], clock, WebSocket, counters }: WebSocketOptions, sink: Sink, cursors: () => Cursors): Transport {
  const count = counters?.of("ws");
  if (count) count.requests += 1;
  const socket = new WebSocket(url, [...protocols]);
  let done = false;
  let greeted = false;

  const opening = clock.after(OPEN_WITHIN_MS, () => end({ code: "timeout", why: "no answer" }));

  const end = (ended: Parameters<Sink["ended"]>[0]): void => {
    if (done) return;
    done = true;
    clock.cancel(opening);
    socket.close();
    sink.ended(ended);
  };
  const say = (message: ClientMessage): void => {
    if (greeted && socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
  };

  socket.onopen = () => clock.cancel(opening);
  socket.onmessage = ({ data }) => {
    if (done || typeof data !== "string") return;
    if (count) count.bytes += data.length;
    const frame = parseFrame(data);
    if (!frame) return;
    if (count) count.frames += 1;
    const first = frame.k === "hello" && !greeted;
    greeted ||= first;
    const tasks = first ? cursors() : {};
    sink.frame(frame);
    if (Object.keys(tasks).length > 0) say({ op: "subscribe", tasks });
  };
  socket.onerror = () => undefined; // Says nothing; the close that follows tells the code.
  socket.onclose = ({ code, reason }) => end(closing(code, reason, greeted));

  return {
    name: "ws",
    beats: true,
    prompt: true,
    send: say,
    close() {
      done = true;
      clock.cancel(opening);
      socket.close();
    },
  };
}
