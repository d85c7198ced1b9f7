/**
 * Which transport to use, and when to try another. Pure: what happened and when goes in, what to do comes out; who opens
 * and closes is `connection.ts`.
 *
 * The ladder has a rung a transport, best first: ws, sse, poll. One stands on one rung.
 *
 * | what happens on the rung                                            | then                                       |
 * |---------------------------------------------------------------------|--------------------------------------------|
 * | it breaks after it had greeted, and has not done so often           | open it again, after the backoff            |
 * | two attempts in a row without a hello, or one kept waiting for it     | doubt                                      |
 * | three breaks within 2 min, each with under 30 s of life             | doubt                                      |
 * | it breaks within 60 s of having been climbed to                     | doubt                                      |
 * | doubt, and plain HTTP is dead                                       | the network is down: same rung, backoff     |
 * | doubt, and plain HTTP works                                         | one rung down (or back to where it came from) |
 * | the server says that it does not offer it                           | next rung down, at once, for good           |
 * | on a lower rung for 30 s, then 60, 120, 240, 300, 300 … (± 20 %)     | try the better ones, best first, keeping this |
 * | a better one has greeted and told its snapshots                      | it takes over; the old one is closed then    |
 * | that one held 60 s                                                   | trust: the waits start anew                  |
 * | that one did not hold 60 s                                           | back down; the waits double (cap 30 min)     |
 * | the lowest rung breaks                                               | open it again, after the backoff             |
 */

import type { TransportName } from "./transports/transport.ts";

export const LIMITS = {
  attemptsWithoutHello: 2,
  drops: 3,
  dropLifeMs: 30_000,
  dropWindowMs: 120_000,
  climbMs: [30_000, 60_000, 120_000, 240_000, 300_000],
  climbJitter: 0.2,
  climbCapMs: 1_800_000,
  holdMs: 60_000,
} as const;

export interface LadderOptions {
  /** Best first; at least one. */
  readonly rungs: readonly TransportName[];
  readonly random: () => number;
}

export class Ladder {
  readonly #all: readonly TransportName[];
  readonly #random: () => number;
  #rungs: readonly TransportName[];
  #rung: TransportName;
  /** Attempts in a row that brought no hello. */
  #silent = 0;
  /** When the short-lived connections of this rung broke. */
  #drops: number[] = [];
  /** The climb that is on probation. */
  #climbed: { readonly from: TransportName; readonly at: number } | null = null;
  #climbs = 0;
  #penalty = 1;
  #climbAt: number | null = null;

  constructor({ rungs, random }: LadderOptions) {
    this.#all = rungs;
    this.#rungs = rungs;
    this.#random = random;
    this.#rung = first(rungs);
  }

  get rung(): TransportName {
    return this.#rung;
  }

  /** What is better than where we stand, best first. */
  get better(): TransportName[] {
    return this.#rungs.slice(0, this.#rungs.indexOf(this.#rung));
  }

  /** When to try the better ones, on the clock of `now`; null: never. */
  get climbAt(): number | null {
    return this.#climbAt;
  }

  has(name: TransportName): boolean {
    return this.#rungs.includes(name);
  }

  /** The server has said what it offers. Returns whether that moves us to another rung. */
  offer(names: readonly string[], now: number): boolean {
    const offered = this.#all.filter((name) => names.includes(name));
    if (offered.length === 0) return false; // Nothing we know: better to try than to stop.
    const before = this.#rung;
    this.#rungs = offered;
    if (!offered.includes(before)) {
      const lower = this.#all.slice(this.#all.indexOf(before)).find((name) => offered.includes(name));
      this.#stand(lower ?? first(offered));
      this.#plan(now);
    } else if (this.#climbAt === null || this.better.length === 0) this.#plan(now);
    return this.#rung !== before;
  }

  /** The server does not offer `name` after all. */
  without(name: TransportName, now: number): boolean {
    return this.offer(this.#rungs.filter((each) => each !== name), now);
  }

  greeted(): void {
    this.#silent = 0;
  }

  /**
   * A connection of this rung has ended after `life` ms since its hello (null: it never greeted). `mute`: nothing at all
   * came in the time it had, or later than over plain HTTP: no accident where that answers beside it.
   */
  ended(life: number | null, now: number, mute = false): "again" | "doubt" {
    if (this.#lower() === null) return "again";
    if (this.#climbed && now - this.#climbed.at < LIMITS.holdMs) return "doubt";
    if (life === null || mute) {
      this.#silent += mute ? LIMITS.attemptsWithoutHello : 1;
      return this.#silent >= LIMITS.attemptsWithoutHello ? "doubt" : "again";
    }
    if (life >= LIMITS.dropLifeMs) return "again";
    this.#drops = [...this.#drops.filter((at) => now - at < LIMITS.dropWindowMs), now];
    return this.#drops.length >= LIMITS.drops ? "doubt" : "again";
  }

  /** Whether plain HTTP works, after a doubt. */
  verdict(httpWorks: boolean, now: number): "again" | "down" {
    if (!httpWorks) {
      this.#silent = 0;
      this.#drops = []; // The network broke those, not the rung.
      return "again";
    }
    const climbed = this.#climbed;
    const lower = climbed && this.has(climbed.from) ? climbed.from : this.#lower();
    if (lower === null) return "again";
    if (climbed) this.#penalty *= 2;
    else this.#climbs = 0;
    this.#stand(lower);
    this.#plan(now);
    return "down";
  }

  /** The attempt to climb found nothing better. */
  climbFailed(now: number): void {
    this.#climbs += 1;
    this.#plan(now);
  }

  /** `name` has taken over. */
  climbed(name: TransportName, now: number): void {
    const from = this.#rung;
    this.#stand(name);
    this.#climbed = { from, at: now };
    this.#plan(now);
  }

  /** It has held its 60 s. */
  held(): void {
    this.#climbed = null;
    this.#climbs = 0;
    this.#penalty = 1;
  }

  #lower(): TransportName | null {
    return this.#rungs[this.#rungs.indexOf(this.#rung) + 1] ?? null;
  }

  #stand(rung: TransportName): void {
    this.#rung = rung;
    this.#silent = 0;
    this.#drops = [];
    this.#climbed = null;
  }

  #plan(now: number): void {
    if (this.better.length === 0) {
      this.#climbAt = null;
      return;
    }
    const { climbMs, climbCapMs, climbJitter } = LIMITS;
    const wait = climbMs[Math.min(this.#climbs, climbMs.length - 1)] ?? climbCapMs;
    const jitter = 1 + climbJitter * (2 * this.#random() - 1);
    this.#climbAt = now + Math.min(climbCapMs, wait * this.#penalty) * jitter;
  }
}

function first(rungs: readonly TransportName[]): TransportName {
  const best = rungs[0];
  if (best === undefined) throw new RangeError("A ladder needs a rung: name at least one transport.");
  return best;
}
