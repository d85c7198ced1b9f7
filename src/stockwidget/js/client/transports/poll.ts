/**
 * Frames by long polling at `api/v1/poll`: one request for all tasks, held by the server until there is news or its
 * `wait` is over. What costs is an answer without news, so the wait is as long as the way allows: a proxy that cuts
 * requests short teaches us its limit.
 */

import { HIDDEN_MS, nextMs } from "../cadence.ts";
import type { Clock, Timer } from "../clock.ts";
import type { Counters } from "../counters.ts";
import { type Api, classify } from "../http.ts";
import { type ClientMessage, type Cursors, type HelloFrame, readFrame } from "../protocol.ts";
import { type Ended, refusal, type Sink, type Transport } from "./transport.ts";

const LONGEST_WAIT_S = 20;
const SHORTEST_WAIT_S = 1;
/** Beyond the wait, for the way there and back. */
const MARGIN_MS = 8_000;
/** A request cut sooner was refused rather than cut for its length. */
const CUT_AFTER_MS = 1_500;
const SHORTER = 0.8;
const GATHER_MS = 50;
const LONGEST_URL = 2_000;

export interface PollOptions {
  readonly api: Api;
  readonly apiUrl: string;
  readonly clock: Clock;
  readonly counters?: Counters;
}

interface PollBody {
  readonly e?: string;
  readonly server_id?: string;
  readonly next_ms?: number;
  readonly frames?: readonly unknown[];
}

export function openPoll(options: PollOptions, sink: Sink, cursors: () => Cursors): Transport {
  const poller = new Poller(options, sink, cursors);
  return { name: "poll", beats: false, prompt: true, send: (message) => poller.send(message), close: () => poller.close() };
}

class Poller {
  readonly #options: PollOptions;
  readonly #sink: Sink;
  readonly #cursors: () => Cursors;
  #timer: Timer | undefined;
  #request: AbortController | null = null;
  #waitS = LONGEST_WAIT_S;
  #pauseMs = 0;
  #visible = true;
  #greeted = false;
  #etag: { readonly of: string; readonly tag: string } | null = null;
  /** Other tasks or cursors are wanted than the last request asked for. */
  #changed = false;
  #done = false;

  constructor(options: PollOptions, sink: Sink, cursors: () => Cursors) {
    this.#options = options;
    this.#sink = sink;
    this.#cursors = cursors;
    void this.#poll();
  }

  send(message: ClientMessage): void {
    if (this.#done || message.op === "ping") return;
    if (message.op === "visible") {
      const woken = message.visible && !this.#visible;
      this.#visible = message.visible;
      if (woken && !this.#request) this.#after(0);
      return;
    }
    // The request under way asks for other tasks than are wanted now.
    this.#request?.abort();
    this.#request = null;
    this.#changed = true;
    this.#after(GATHER_MS);
  }

  close(): void {
    this.#done = true;
    this.#options.clock.cancel(this.#timer);
    this.#request?.abort();
  }

  #after(ms: number): void {
    this.#options.clock.cancel(this.#timer);
    this.#timer = this.#options.clock.after(ms, () => void this.#poll());
  }

  #end(end: Ended): void {
    if (this.#done) return;
    this.close();
    this.#sink.ended(end);
  }

  async #poll(): Promise<void> {
    const { clock, counters } = this.#options;
    this.#changed = false;
    const tasks = this.#cursors();
    const since = JSON.stringify(tasks);
    // The first answer shows that polling works: it must not wait for news.
    const waitS = this.#greeted ? this.#waitS : 0;
    const abort = new AbortController();
    const started = clock.now();
    const late = clock.after(waitS * 1000 + MARGIN_MS, () => abort.abort("late"));
    this.#request = abort;
    if (counters) counters.of("poll").requests += 1;
    const response = await this.#send(tasks, since, waitS, abort.signal);
    const answer = response && response.status !== 304 ? await classify<PollBody>(response) : null;
    clock.cancel(late);
    if (this.#done || this.#request !== abort) return;
    this.#request = null;
    if (response?.status === 304) return this.#nothing(response);
    if (answer?.is === "ok") {
      const tag = response?.headers.get("ETag");
      this.#etag = tag ? { of: since, tag } : null;
      return this.#take(answer.value);
    }
    const cut = !answer || (answer.is === "unreachable" && answer.retryMs === null);
    const lasted = clock.now() - started;
    if (cut && this.#greeted && lasted >= CUT_AFTER_MS && waitS > SHORTEST_WAIT_S) {
      this.#waitS = Math.max(SHORTEST_WAIT_S, Math.floor((Math.min(lasted / 1000, waitS) * SHORTER)));
      return this.#after(0);
    }
    if (answer && response) this.#end(refusal(answer, response.status));
    else this.#end({ code: abort.signal.aborted ? "timeout" : "refused", why: "no answer" });
  }

  #send(tasks: Cursors, since: string, wait: number, signal: AbortSignal): Promise<Response | null> {
    const { api, apiUrl } = this.#options;
    const last_ms = this.#pauseMs;
    const path = `poll?since=${encodeURIComponent(since)}&wait=${wait}&last_ms=${last_ms}${this.#visible ? "" : "&visible=0"}`;
    if (apiUrl.length + path.length > LONGEST_URL) {
      return api.request("poll", { method: "POST", body: { op: "subscribe", tasks, wait, last_ms, visible: this.#visible }, signal });
    }
    const known = this.#etag?.of === since ? { "If-None-Match": this.#etag.tag } : {};
    return api.request(path, { headers: known, signal });
  }

  #greet(body: PollBody): void {
    if (this.#greeted) return;
    this.#greeted = true;
    const hello: HelloFrame = {
      k: "hello",
      ...(body.e === undefined ? {} : { e: body.e }),
      d: body.server_id === undefined ? {} : { server_id: body.server_id },
    };
    this.#sink.frame(hello);
  }

  #take(body: PollBody): void {
    const count = this.#options.counters?.of("poll");
    this.#greet(body);
    const frames = (body.frames ?? []).map(readFrame).filter((frame) => frame !== null);
    if (count) {
      count.frames += frames.length;
      count.bytes += JSON.stringify(body.frames ?? []).length;
      count.useless += frames.length === 0 ? 1 : 0;
    }
    for (const frame of frames) if (!this.#done) this.#sink.frame(frame);
    if (!this.#done && !this.#changed) this.#pause(frames.length > 0, body.next_ms);
  }

  #nothing(response: Response): void {
    const count = this.#options.counters?.of("poll");
    if (count) count.useless += 1;
    this.#greet({});
    const said = response.headers.get("X-Next-Ms");
    this.#pause(false, said === null ? undefined : Number(said));
  }

  #pause(news: boolean, said: number | undefined): void {
    const told = said !== undefined && Number.isFinite(said) && said >= 0;
    const own = { moved: news, live: true, waitS: this.#waitS, lastMs: this.#pauseMs, visible: this.#visible };
    this.#pauseMs = Math.min(HIDDEN_MS, Math.round(told ? said : nextMs(own)));
    this.#after(this.#pauseMs);
  }
}
