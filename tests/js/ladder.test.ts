/** The rules of going down and up, row by row as ladder.ts writes them down. */

import { beforeEach, describe, expect, test } from "vitest";

import { Ladder, LIMITS } from "../../src/stockwidget/js/client/ladder.ts";

const S = 1_000;
let ladder: Ladder;
beforeEach(() => {
  ladder = new Ladder({ rungs: ["ws", "sse", "poll"], random: () => 0.5 });
});
/** Down a rung at `now`, as two refusals with a living HTTP do it. */
const goDown = (now: number): void => {
  ladder.ended(null, now);
  expect(ladder.ended(null, now)).toBe("doubt");
  expect(ladder.verdict(true, now)).toBe("down");
};

describe("doubt", () => {
  test.each<[string, [life: number | null, at: number, mute?: boolean][], string]>([
    ["one refusal", [[null, 0]], "again"],
    ["two refusals in a row", [[null, 0], [null, 1]], "doubt"],
    ["one that was kept waiting for its hello", [[null, 0, true]], "doubt"],
    ["one drop after a long life", [[30 * S, 0]], "again"],
    ["many drops after long lives", [[30 * S, 0], [30 * S, 1], [30 * S, 2], [30 * S, 3]], "again"],
    ["two short lives", [[1, 0], [1, 1]], "again"],
    ["three short lives within 2 min", [[29 * S, 0], [1, 60 * S], [1, 119 * S]], "doubt"],
    ["three short lives over more than 2 min", [[1, 0], [1, 60 * S], [1, 121 * S]], "again"],
  ])("%s", (_name, ends, verdict) => {
    expect(ends.map(([life, at, mute]) => ladder.ended(life, at, mute)).at(-1)).toBe(verdict);
  });

  test("a hello between two refusals makes them two first ones", () => {
    ladder.ended(null, 0);
    ladder.greeted();
    expect(ladder.ended(null, 1)).toBe("again");
  });

  test("the lowest rung is never doubted", () => {
    goDown(0);
    goDown(1);
    expect(ladder.rung).toBe("poll");
    for (let n = 0; n < 10; n += 1) expect(ladder.ended(null, n, true)).toBe("again");
  });
});

test("with HTTP dead it is the network: the rung stays and the count starts anew", () => {
  ladder.ended(null, 0);
  ladder.ended(null, 1);
  expect(ladder.verdict(false, 1)).toBe("again");
  expect(ladder.rung).toBe("ws");
  expect(ladder.ended(null, 2)).toBe("again");
});

describe("climbing", () => {
  test("the waits are 30, 60, 120, 240, 300, 300 s", () => {
    goDown(0);
    const waits: number[] = [];
    for (let now = 0, n = 0; n < 6; n += 1) {
      const due = ladder.climbAt as number;
      waits.push((due - now) / S);
      now = due;
      ladder.climbFailed(now);
    }
    expect(waits).toEqual([30, 60, 120, 240, 300, 300]);
  });

  test.each([[0, 24], [1, 36]])("jittered by a fifth: random %d gives %d s", (random, seconds) => {
    ladder = new Ladder({ rungs: ["ws", "poll"], random: () => random });
    goDown(0);
    expect(ladder.climbAt).toBe(seconds * S);
  });

  test("from the bottom the best is tried first, then the next", () => {
    goDown(0);
    goDown(1);
    expect(ladder.better).toEqual(["ws", "sse"]);
    ladder.climbed("sse", 2);
    expect(ladder.better).toEqual(["ws"]);
    expect(ladder.climbAt).not.toBeNull();
  });

  test("one that breaks within 60 s goes back to where it came from, and the wait doubles, up to 30 min", () => {
    goDown(0);
    const waits: number[] = [];
    for (let n = 0; n < 8; n += 1) {
      ladder.climbed("ws", 0);
      expect(ladder.climbAt).toBeNull();
      expect(ladder.ended(5 * S, LIMITS.holdMs - 1)).toBe("doubt");
      expect(ladder.verdict(true, 0)).toBe("down");
      expect(ladder.rung).toBe("sse");
      waits.push((ladder.climbAt as number) / S);
    }
    expect(waits).toEqual([60, 120, 240, 480, 960, 1800, 1800, 1800]);
  });

  test("from polling to a WebSocket that does not hold leads back to polling, not to a stream that never worked", () => {
    goDown(0);
    goDown(1);
    ladder.climbed("ws", 2);
    ladder.ended(S, 3);
    ladder.verdict(true, 3);
    expect(ladder.rung).toBe("poll");
  });

  test("one that held 60 s is trusted again", () => {
    goDown(0);
    ladder.climbFailed(1);
    ladder.climbed("ws", 2);
    ladder.held();
    expect(ladder.ended(S, LIMITS.holdMs + 2)).toBe("again");
    goDown(100);
    expect(ladder.climbAt).toBe(100 + 30 * S);
  });
});

describe("what the server offers", () => {
  test("polling only: at once, and nothing to climb to", () => {
    expect(ladder.offer(["poll"], 0)).toBe(true);
    expect([ladder.rung, ladder.better, ladder.climbAt]).toEqual(["poll", [], null]);
  });

  test("the same as before moves nothing", () => expect(ladder.offer(["poll", "sse", "ws"], 0)).toBe(false));

  test("what we do not know is left out; nothing known changes nothing", () => {
    expect(ladder.offer(["quic", "sse"], 0)).toBe(true);
    expect(ladder.rung).toBe("sse");
    expect(ladder.offer(["quic"], 0)).toBe(false);
  });

  test("a better one that is offered later is climbed to", () => {
    ladder.offer(["poll"], 0);
    ladder.offer(["ws", "poll"], 5);
    expect(ladder.better).toEqual(["ws"]);
    expect(ladder.climbAt).not.toBeNull();
  });
});

test("a ladder needs a rung", () => expect(() => new Ladder({ rungs: [], random: Math.random })).toThrow("name at least one"));
