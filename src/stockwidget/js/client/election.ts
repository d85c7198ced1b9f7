/** Which tab of a browser speaks to the server for all of them. */

import type { Clock, Timer } from "./clock.ts";

/** Over and over; with Web Locks the browser itself decides, and hands over when a tab dies. */
export interface Candidate {
  lead(): void;
  /** Another tab leads after all. */
  yield(): void;
}

/** Stand for election until the returned function is called. */
export type Election = (candidate: Candidate) => () => void;

export function lockElection(locks: Pick<LockManager, "request">, name: string): Election {
  return (candidate) => {
    const waiting = new AbortController();
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    locks
      .request(name, { signal: waiting.signal }, () => {
        if (waiting.signal.aborted) return undefined;
        candidate.lead();
        return held;
      })
      .catch(() => undefined); // Aborted: no candidate any more.
    return () => {
      waiting.abort();
      release();
    };
  };
}

/** What an election needs of a BroadcastChannel. */
export interface Wire {
  post(message: unknown): void;
  /** Returns what ends it. */
  listen(callback: (message: unknown) => void): () => void;
}

const ANSWER_MS = 300;
const ASK_EVERY_MS = 2_000;
const DEAD_AFTER_MS = 5_000;

type Ballot = { readonly m: "ask" } | { readonly m: "lead" | "resign"; readonly term: number; readonly tab: string };

/**
 * Where there are no Web Locks (a page without https): the leader answers whoever asks, since the timers of a hidden tab
 * may sleep for a minute while its message handlers do not. One that does not answer is replaced by the tab that waited
 * longest; of two leaders the one of the later term stays, then the one of the higher id.
 */
export function channelElection(wire: Wire, tab: string, clock: Clock, random: () => number): Election {
  return (candidate) => {
    let term = 0;
    let leading = false;
    let heard: number = clock.now();
    let timer: Timer | undefined;

    const say = (m: "lead" | "resign"): void => wire.post({ m, term, tab });
    const claim = (): void => {
      clock.cancel(timer);
      term += 1;
      leading = true;
      say("lead");
      candidate.lead();
    };
    const ask = (): void => {
      const asked = clock.now();
      wire.post({ m: "ask" });
      timer = clock.after(ANSWER_MS * (1 + random()), () => {
        const dead = heard < asked && (term === 0 || clock.now() - heard >= DEAD_AFTER_MS);
        if (dead) claim();
        else timer = clock.after(ASK_EVERY_MS, ask);
      });
    };
    const unlisten = wire.listen((message) => {
      const ballot = message as Ballot;
      if (ballot.m === "ask") return leading ? say("lead") : undefined;
      if (ballot.m === "resign") {
        if (leading) return;
        clock.cancel(timer);
        heard = 0;
        timer = clock.after(ANSWER_MS * random(), () => (heard === 0 ? claim() : ask()));
        return;
      }
      if (ballot.m !== "lead") return;
      const ours = leading && (term > ballot.term || (term === ballot.term && tab > ballot.tab));
      if (ours) return say("lead");
      heard = clock.now();
      term = ballot.term;
      if (!leading) return;
      leading = false;
      candidate.yield();
      timer = clock.after(ASK_EVERY_MS, ask);
    });
    ask();
    return () => {
      unlisten();
      clock.cancel(timer);
      if (leading) say("resign");
    };
  };
}
