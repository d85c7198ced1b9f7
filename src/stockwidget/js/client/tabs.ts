/**
 * One connection for all tabs of a browser, where only HTTP is left: a browser opens six to an origin over HTTP/1.1, and a
 * seventh tab's stream would hang, and every fetch with it. One tab leads: it opens the transport for the tasks of all tabs
 * and passes each frame on. The others believe they have a transport of their own, so that nothing else has to know.
 *
 * A tab that takes over begins from its own cursors; the others then tell it theirs. So a leader's end loses nothing.
 */

import type { Clock } from "./clock.ts";
import { channelElection, type Election, lockElection, type Wire } from "./election.ts";
import type { ClientMessage, Cursor, Cursors, Frame } from "./protocol.ts";
import type { Ended, OpenTransport, Sink, Transport, TransportName } from "./transports/transport.ts";

type Note =
  /** A tab follows `tasks`; of those in `ask` it wants to be told from there on. */
  | { readonly m: "join"; readonly tab: string; readonly tasks: Cursors; readonly ask: readonly string[]; readonly visible: boolean }
  | { readonly m: "leave"; readonly tab: string }
  /** A tab leads from now on: say what you follow. */
  | { readonly m: "follow" }
  | { readonly m: "frame"; readonly frame: Frame }
  | { readonly m: "welcome"; readonly to: string; readonly frame: Frame }
  | { readonly m: "ended"; readonly end: Ended };

export interface TabsOptions {
  readonly wire: Wire;
  readonly elect: Election;
  /** This tab. */
  readonly tab: string;
}

/** `open`, shared by all tabs that share `wire`. */
export function shared(name: TransportName, open: OpenTransport, options: () => TabsOptions): OpenTransport {
  return (sink, cursors) => new Shared(name, open, options(), sink, cursors);
}

class Shared implements Transport {
  readonly name: TransportName;
  readonly beats: boolean;
  readonly #open: OpenTransport;
  readonly #options: TabsOptions;
  readonly #sink: Sink;
  readonly #own: () => Cursors;
  readonly #stops: (() => void)[];
  /** The transport, in the tab that leads. */
  #real: Transport | null = null;
  #hello: Frame | null = null;
  /** What other tabs follow, and which of them can be seen. */
  readonly #others = new Map<string, { readonly tasks: readonly string[]; readonly visible: boolean }>();
  /** How far each task of another tab has been told. */
  readonly #told = new Map<string, Cursor | null>();
  /** From where a tab wants a task told, at the next subscription. */
  readonly #wanted = new Map<string, Cursor | null>();
  #visible = true;
  #done = false;

  constructor(name: TransportName, open: OpenTransport, options: TabsOptions, sink: Sink, own: () => Cursors) {
    this.name = name;
    this.beats = name === "sse";
    this.#open = open;
    this.#options = options;
    this.#sink = sink;
    this.#own = own;
    const unlisten = options.wire.listen((note) => this.#note(note as Note));
    const resign = options.elect({ lead: () => this.#lead(), yield: () => this.#yield() });
    this.#stops = [resign, unlisten];
    if (!this.#real) this.#join(Object.keys(own()));
  }

  /** The tab that leads looks after the stream for all. */
  get prompt(): boolean {
    return this.#real?.prompt ?? true;
  }

  send(message: ClientMessage): void {
    if (message.op === "visible") this.#visible = message.visible;
    if (this.#real) return this.#real.send(message.op === "visible" ? this.#seen() : message);
    this.#join(message.op === "subscribe" ? Object.keys(message.tasks) : []);
  }

  close(): void {
    if (this.#done) return;
    this.#done = true;
    if (!this.#real) this.#post({ m: "leave", tab: this.#options.tab });
    this.#real?.close();
    for (const stop of this.#stops) stop();
  }

  #post(note: Note): void {
    this.#options.wire.post(note);
  }

  #join(ask: readonly string[]): void {
    if (this.#done) return;
    this.#post({ m: "join", tab: this.#options.tab, tasks: this.#own(), ask, visible: this.#visible });
  }

  #lead(): void {
    if (this.#done) return;
    this.#real = this.#open(
      {
        frame: (frame) => this.#frame(frame),
        ended: (end) => {
          if (this.#done) return;
          this.#post({ m: "ended", end });
          this.close();
          this.#sink.ended(end);
        },
      },
      () => this.#cursors(),
    );
    this.#post({ m: "follow" });
  }

  #yield(): void {
    this.#real?.close();
    this.#real = this.#hello = null;
    this.#join(Object.keys(this.#own()));
  }

  #frame(frame: Frame): void {
    if (frame.k === "hello") this.#hello = frame;
    else this.#post({ m: "frame", frame });
    if ("t" in frame && frame.t !== undefined && "s" in frame && this.#told.has(frame.t)) {
      this.#told.set(frame.t, { e: frame.e, s: frame.s, q: frame.q });
    }
    this.#sink.frame(frame);
    if (frame.k !== "hello") return;
    for (const tab of this.#others.keys()) this.#post({ m: "welcome", to: tab, frame });
  }

  /** Of all tabs, from the place that lags most. */
  #cursors(): Cursors {
    const all: Record<string, Cursor | null> = { ...this.#own() };
    const followed = new Set([...this.#others.values()].flatMap(({ tasks }) => tasks));
    for (const task of this.#told.keys()) if (!followed.has(task)) this.#told.delete(task);
    for (const task of followed) {
      const told = this.#told.get(task) ?? null;
      const from = this.#wanted.has(task) ? (this.#wanted.get(task) ?? null) : told;
      all[task] = task in all ? older(all[task] ?? null, from) : from;
      this.#told.set(task, from);
    }
    this.#wanted.clear();
    return all;
  }

  #note(note: Note): void {
    if (this.#done) return;
    const { tab } = this.#options;
    switch (note.m) {
      case "join":
        return this.#real ? this.#joined(note) : undefined;
      case "leave":
        if (this.#others.delete(note.tab)) this.#real?.send({ op: "unsubscribe", tasks: [] });
        return;
      case "follow":
        return this.#real ? undefined : this.#join(Object.keys(this.#own()));
      case "welcome":
        return note.to === tab ? this.#sink.frame(note.frame) : undefined;
      case "frame":
        return this.#real ? undefined : this.#sink.frame(note.frame);
      case "ended":
        if (this.#real) return;
        this.close();
        return this.#sink.ended(note.end);
    }
  }

  #joined({ tab, tasks, ask, visible }: Note & { m: "join" }): void {
    const before = this.#others.get(tab);
    this.#others.set(tab, { tasks: Object.keys(tasks), visible });
    for (const task of ask) {
      const from = tasks[task] ?? null;
      this.#wanted.set(task, this.#wanted.has(task) ? older(this.#wanted.get(task) ?? null, from) : from);
    }
    if (this.#hello) this.#post({ m: "welcome", to: tab, frame: this.#hello });
    if (before?.visible !== visible) this.#real?.send(this.#seen());
    const fewer = before?.tasks.some((task) => !(task in tasks)) ?? false;
    if (ask.length > 0 || fewer) this.#real?.send({ op: "subscribe", tasks: {} });
  }

  #seen(): ClientMessage {
    return { op: "visible", visible: this.#visible || [...this.#others.values()].some(({ visible }) => visible) };
  }
}

function older(a: Cursor | null, b: Cursor | null): Cursor | null {
  if (a === null || b === null || a.e !== b.e) return null;
  return a.s <= b.s ? a : b;
}

/** Sharing among the tabs of this browser that speak to the server at `apiUrl`; null where the browser cannot. */
export function tabsOf(page: Window & typeof globalThis, apiUrl: string, clock: Clock, random: () => number = Math.random): ((name: TransportName) => TabsOptions) | null {
  if (typeof page.BroadcastChannel !== "function") return null;
  const tab = `${clock.now().toString(36)}-${Math.floor(random() * 1e9).toString(36)}`;
  const { locks } = page.navigator as Partial<Navigator>;
  return (name) => {
    const topic = `stockwidget:${name}:${apiUrl}`;
    const wire = wireOf(new page.BroadcastChannel(topic));
    return { tab, wire, elect: locks ? lockElection(locks, topic) : channelElection(wire, tab, clock, random) };
  };
}

/** A channel that closes when nobody listens any more. */
export function wireOf(channel: BroadcastChannel): Wire {
  const listeners = new Set<(message: unknown) => void>();
  let closed = false;
  channel.onmessage = ({ data }: MessageEvent) => {
    for (const listener of [...listeners]) listener(data);
  };
  return {
    post: (message) => {
      if (!closed) channel.postMessage(message);
    },
    listen: (callback) => {
      listeners.add(callback);
      return () => {
        listeners.delete(callback);
        if (listeners.size > 0) return;
        closed = true;
        channel.close();
      };
    },
  };
}
