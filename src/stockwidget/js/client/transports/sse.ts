/**
 * Frames over an event stream at `api/v1/events`, read by fetch: it sends the headers that authenticate, and shows the
 * status that EventSource hides.
 *
 * A stream follows the tasks it was opened for. To follow others a second one is opened with all cursors, and the first
 * is closed once the second has greeted, so that nothing waits for a handshake.
 */

import type { Clock, Timer } from "../clock.ts";
import type { Counters } from "../counters.ts";
import { EventStreamParser, type StreamEvent } from "../eventstream.ts";
import { type Api, classify } from "../http.ts";
import { type ClientMessage, type Cursors, parseFrame } from "../protocol.ts";
import { closing, type Ended, refusal, type Sink, type Transport } from "./transport.ts";

/** A buffering proxy shows as nothing at all, neither headers nor error: only a timer notices. */
const HELLO_WITHIN_MS = 6_000;
/** Cards come in bursts; each change would open another stream. */
const REOPEN_AFTER_MS = 50;
/** Two bursts of fewer bytes, each with a pause before the next, have not been collected on the way. */
const SMALL_BYTES = 2_048;
const APART_MS = 20;
const BURSTS = 2;
const LONGEST_URL = 2_000;

export interface EventStreamOptions {
  readonly api: Api;
  readonly apiUrl: string;
  readonly clock: Clock;
  readonly counters?: Counters;
}

export function openEventStream(options: EventStreamOptions, sink: Sink, cursors: () => Cursors): Transport {
  const { clock } = options;
  let current: Stream | null = null;
  let next: Stream | null = null;
  let reopening: Timer | undefined;
  let visible = true;
  let done = false;
  let bursts = 0;

  const close = (): void => {
    done = true;
    clock.cancel(reopening);
    current?.abort();
    next?.abort();
  };
  const open = (): Stream =>
    new Stream(options, cursors(), visible, {
      greeted(stream) {
        if (stream !== next) return;
        current?.abort();
        [current, next] = [next, null];
      },
      frame: (frame) => sink.frame(frame),
      passed: () => void (bursts += 1),
      ended(stream, end) {
        if (done) return;
        // The one that is to be replaced may go; the one that replaces it may not.
        if (stream === current && next) return void (current = null);
        close();
        sink.ended(end);
      },
    });
  const reopen = (): void => {
    reopening = undefined;
    next?.abort();
    next = open();
  };

  current = open();
  return {
    name: "sse",
    beats: true,
    get prompt() {
      return bursts >= BURSTS;
    },
    send(message: ClientMessage) {
      if (done || message.op === "ping") return; // A stream has no way back: its silence ends it.
      if (message.op === "visible") {
        visible = message.visible; // From the next stream on: not worth one of its own.
        return;
      }
      clock.cancel(reopening);
      reopening = clock.after(REOPEN_AFTER_MS, reopen);
    },
    close,
  };
}

interface StreamSink {
  greeted(stream: Stream): void;
  frame(frame: Parameters<Sink["frame"]>[0]): void;
  /** A small burst has come through alone. */
  passed(): void;
  ended(stream: Stream, end: Ended): void;
}

class Stream {
  readonly #options: EventStreamOptions;
  readonly #sink: StreamSink;
  readonly #abort = new AbortController();
  readonly #greeting: Timer;
  #greeted = false;
  #done = false;

  constructor(options: EventStreamOptions, cursors: Cursors, visible: boolean, sink: StreamSink) {
    this.#options = options;
    this.#sink = sink;
    this.#greeting = options.clock.after(HELLO_WITHIN_MS, () => this.#end({ code: "buffered", why: "no hello" }));
    void this.#run(cursors, visible);
  }

  abort(): void {
    this.#done = true;
    this.#options.clock.cancel(this.#greeting);
    this.#abort.abort();
  }

  #end(end: Ended): void {
    if (this.#done) return;
    this.abort();
    this.#sink.ended(this, end);
  }

  async #run(cursors: Cursors, visible: boolean): Promise<void> {
    const { api, apiUrl, counters } = this.#options;
    const count = counters?.of("sse");
    if (count) count.requests += 1;
    const query = `events?cursor=${encodeURIComponent(JSON.stringify(cursors))}${visible ? "" : "&visible=0"}`;
    const short = apiUrl.length + query.length <= LONGEST_URL;
    const call = { headers: { Accept: "text/event-stream" }, signal: this.#abort.signal };
    const response = short
      ? await api.request(query, call)
      : await api.request("events", { ...call, method: "POST", body: { op: "subscribe", tasks: cursors, visible } });
    if (this.#done) return;
    if (!response) return this.#end({ code: "refused", why: "no answer" });
    const streams = (response.headers.get("Content-Type") ?? "").includes("event-stream");
    if (!response.ok || !streams || !response.body) {
      const answer = await classify(response);
      const strange = { code: "server_error", why: `HTTP ${response.status}, no event stream` } as const;
      return this.#end(answer.is === "ok" ? strange : refusal(answer, response.status));
    }
    try {
      await this.#read(response.body.getReader());
      this.#end(closing(null, "ended", this.#greeted));
    } catch {
      this.#end(closing(null, "cut", this.#greeted));
    }
  }

  async #read(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    const parser = new EventStreamParser();
    const { clock } = this.#options;
    let burst = SMALL_BYTES; // Nothing is known before the first pause.
    let heard = clock.now();
    for (;;) {
      const { done, value } = await reader.read();
      if (done || this.#done) return;
      const apart = clock.now() - heard > APART_MS;
      if (apart && burst < SMALL_BYTES) this.#sink.passed();
      burst = value.length + (apart ? 0 : burst);
      heard = clock.now();
      for (const event of parser.feed(decoder.decode(value, { stream: true }))) this.#event(event);
    }
  }

  #event({ event, data }: StreamEvent): void {
    if (this.#done) return;
    if (event === "bye") return this.#end(farewell(data));
    const frame = parseFrame(data);
    if (!frame) return;
    const count = this.#options.counters?.of("sse");
    if (count) {
      count.frames += 1;
      count.bytes += data.length;
    }
    if (frame.k === "hello") {
      this.#greeted = true;
      this.#options.clock.cancel(this.#greeting);
      this.#sink.greeted(this);
    }
    this.#sink.frame(frame);
  }
}

/** `{d: {code, reason}}`: what a WebSocket says by its close code. */
function farewell(data: string): Ended {
  try {
    const { d } = JSON.parse(data) as { d?: { code?: unknown; reason?: unknown } };
    return closing(d?.code, typeof d?.reason === "string" ? d.reason : "", true);
  } catch {
    return closing(null, "ended", true);
  }
}
