/** How long to wait before the next attempt to connect. */

const BASE_MS = 500;
const CAP_MS = 20_000;
/** Everybody hears of an announced restart at once; this spreads their return. */
const RESTART_SPREAD_MS = 5_000;

export class Backoff {
  readonly #random: () => number;
  #attempts = 0;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** Milliseconds to wait: between half and all of `min(20 s, 0.5 s · 2ⁿ)`, so jittered at the cap too. */
  next(): number {
    const full = Math.min(CAP_MS, BASE_MS * 2 ** this.#attempts);
    this.#attempts += 1;
    return full / 2 + (this.#random() * full) / 2;
  }

  afterRestart(): number {
    return this.#random() * RESTART_SPREAD_MS;
  }

  /** To be called once a connection has stood for 10 s; sooner would turn a flapping server into a hot loop. */
  reset(): void {
    this.#attempts = 0;
  }
}
