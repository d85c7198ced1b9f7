/** Time as an argument, so that tests need no waiting. */

import type { UtcMillis } from "./protocol.ts";

export type Timer = ReturnType<typeof setTimeout>;

export interface Clock {
  now(): UtcMillis;
  after(ms: number, callback: () => void): Timer;
  cancel(timer: Timer | undefined): void;
}

export const systemClock: Clock = {
  now: () => Date.now() as UtcMillis,
  after: (ms, callback) => setTimeout(callback, ms),
  cancel: (timer) => clearTimeout(timer),
};
