/** Frames relayed by the kernel, as custom messages of a widget: where the page cannot reach the server (VS Code, Colab). */

import type { Counters } from "../counters.ts";
import { type Cursors, readFrame } from "../protocol.ts";
import type { Sink, Transport } from "./transport.ts";

/** The widget model's half: `send` to the kernel, and what it sends. */
export interface Channel {
  send(content: object): void;
  /** Returns what ends it. */
  onMessage(callback: (content: unknown) => void): () => void;
}

export function openComm({ channel, counters }: { channel: Channel; counters?: Counters }, sink: Sink, cursors: () => Cursors): Transport {
  const stop = channel.onMessage((content) => {
    const { type, frames } = (content ?? {}) as { type?: unknown; frames?: unknown };
    if (type !== "frames" || !Array.isArray(frames)) return;
    for (const value of frames) {
      const frame = readFrame(value);
      if (!frame) continue;
      if (counters) counters.of("comm").frames += 1;
      sink.frame(frame);
    }
  });
  // Not after a hello as elsewhere: a kernel that runs a cell answers only once it has ended.
  channel.send({ type: "subscribe", tasks: cursors() });
  return {
    name: "comm",
    beats: false,
    prompt: true,
    send(message) {
      if (message.op === "ping") channel.send({ type: "ping" });
      else if (message.op !== "visible") channel.send({ type: message.op, tasks: message.tasks });
    },
    close: stop,
  };
}
