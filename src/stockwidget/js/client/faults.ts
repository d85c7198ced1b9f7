/**
 * Switches that break the ways to the server on purpose, for tests and for the demo page, which lets a person watch the
 * client degrade and recover. They act where the client opens transports and fetches; the server knows nothing of them.
 */

import type { Clock } from "./clock.ts";
import type { Openers } from "./connection.ts";
import type { OpenTransport, Transport, TransportName } from "./transports/transport.ts";

export interface FaultSettings {
  /** The handshake fails at once, as behind a proxy without upgrades; an open socket is cut. */
  readonly refuseWebSocket: boolean;
  /** Nothing comes through any more, as when packets are dropped: it takes a missed heartbeat to notice. */
  readonly muteWebSocket: boolean;
  /** Nothing comes through the stream, as behind a proxy that buffers. */
  readonly muteSse: boolean;
  /** Polls fail. */
  readonly failPoll: boolean;
  /** The status of every HTTP answer, such as 503; null leaves them. Event streams and polls are HTTP too. */
  readonly failHttp: number | null;
  /** No packet gets anywhere. */
  readonly offline: boolean;
}

export const NO_FAULTS: FaultSettings = {
  refuseWebSocket: false, muteWebSocket: false, muteSse: false, failPoll: false, failHttp: null, offline: false,
};

export class Faults {
  #now = NO_FAULTS;
  /** What cuts each open transport. */
  readonly #cuts = new Set<() => void>();

  get now(): FaultSettings {
    return this.#now;
  }

  /** Change some switches; what they forbid is cut at once. */
  set(changes: Partial<FaultSettings>): void {
    this.#now = { ...this.#now, ...changes };
    for (const cut of [...this.#cuts]) cut();
  }

  /** `fetcher`, under the switches. */
  fetch(fetcher: typeof fetch): typeof fetch {
    return async (input, init) => {
      const { offline, failHttp } = this.#now;
      if (offline) throw new TypeError("offline by a switch");
      if (failHttp !== null) return new Response("", { status: failHttp });
      return fetcher(input, init);
    };
  }

  /** `openers`, under the switches. */
  openers(openers: Openers, clock: Clock): Openers {
    const all = Object.entries(openers) as [TransportName, OpenTransport][];
    return Object.fromEntries(all.map(([name, open]) => [name, this.#opener(name, open, clock)]));
  }

  #forbids(name: TransportName): boolean {
    const { refuseWebSocket, failPoll, offline, failHttp } = this.#now;
    if (offline) return true;
    return name === "ws" ? refuseWebSocket : (name === "poll" && failPoll) || failHttp !== null;
  }

  #mutes(name: TransportName): boolean {
    return (name === "ws" && this.#now.muteWebSocket) || (name === "sse" && this.#now.muteSse);
  }

  #opener(name: TransportName, open: OpenTransport, clock: Clock): OpenTransport {
    return (sink, cursors) => {
      let inner: Transport | null = null;
      let greeted = false;
      const close = (): void => {
        this.#cuts.delete(cut);
        inner?.close();
      };
      const cut = (): void => {
        if (!this.#forbids(name)) return;
        close();
        sink.ended({ code: greeted ? "closed" : "refused", why: "broken by a switch" });
      };
      this.#cuts.add(cut);
      if (this.#forbids(name)) clock.after(0, cut);
      else {
        inner = open({
          frame: (frame) => {
            greeted ||= frame.k === "hello";
            if (!this.#mutes(name)) sink.frame(frame);
          },
          ended: (end) => {
            this.#cuts.delete(cut);
            sink.ended(end);
          },
        }, cursors);
      }
      return {
        name,
        beats: name === "ws" || name === "sse",
        get prompt() {
          return inner?.prompt ?? true;
        },
        send: (message) => inner?.send(message),
        close,
      };
    };
  }
}
