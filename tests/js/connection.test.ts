/** A connection notices silence, waits by the protocol's rule and comes back; a refused login stops it. */

import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Backoff } from "../../src/stockwidget/js/client/backoff.ts";
import { systemClock } from "../../src/stockwidget/js/client/clock.ts";
import { Connection, type Link } from "../../src/stockwidget/js/client/connection.ts";
import type { ClientMessage, Frame } from "../../src/stockwidget/js/client/protocol.ts";
import type { Sink } from "../../src/stockwidget/js/client/transports/transport.ts";

/** The far end of a transport that lives in memory: the seam itself, with nothing behind it. */
interface Line {
  readonly sink: Sink;
  readonly sent: ClientMessage[];
  closed: boolean;
}

let lines: Line[];
let links: Link[];
let connection: Connection;
const line = (): Line => lines.at(-1) as Line;
const hello = { k: "hello", d: {} } as Frame;
const beat = { k: "hb", d: {} } as Frame;

beforeEach(() => {
  vi.useFakeTimers();
  lines = [];
  links = [];
  connection = new Connection({
    open: (sink) => {
      const opened: Line = { sink, sent: [], closed: false };
      lines.push(opened);
      return { name: "ws", send: (message) => opened.sent.push(message), close: () => { opened.closed = true; } };
    },
    clock: systemClock,
    backoff: new Backoff(() => 1),
    onFrame: () => undefined,
    onLink: (link) => links.push(link),
  });
  connection.start();
});
afterEach(() => vi.useRealTimers());

test("it is live from the hello on", () => {
  expect(connection.link.state).toBe("connecting");
  line().sink.frame(hello);
  expect(connection.link).toMatchObject({ state: "live", transport: "ws" });
});

test("silence of 25 s pings, 3 s more reconnect", () => {
  line().sink.frame(hello);
  vi.advanceTimersByTime(24_999);
  expect(connection.link.state).toBe("live");
  vi.advanceTimersByTime(1);
  expect(connection.link.state).toBe("stale");
  expect(line().sent).toEqual([{ op: "ping" }]);
  vi.advanceTimersByTime(3_000);
  expect(line().closed).toBe(true);
  expect(connection.link).toMatchObject({ state: "backoff", why: "silent" });
});

test("any frame ends the silence", () => {
  line().sink.frame(hello);
  vi.advanceTimersByTime(25_000);
  line().sink.frame(beat);
  expect(connection.link.state).toBe("live");
  vi.advanceTimersByTime(24_999);
  expect(connection.link.state).toBe("live");
});

test("a timer that fires late, as after sleep, first gets a second of grace", () => {
  line().sink.frame(hello);
  vi.setSystemTime(Date.now() + 600_000);
  vi.advanceTimersByTime(25_000);
  expect(connection.link.state).toBe("live");
  vi.advanceTimersByTime(1_000);
  expect(connection.link.state).toBe("stale");
});

test("attempts wait 0.5, 1, 2 … 20 s", () => {
  const waits = [500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000];
  for (const [n, wait] of waits.entries()) {
    line().sink.ended({ restart: false, why: "closed" });
    vi.advanceTimersByTime(wait - 1);
    expect(lines).toHaveLength(n + 1);
    vi.advanceTimersByTime(1);
    expect(lines).toHaveLength(n + 2);
  }
});

test("only a connection that stood for 10 s starts the waits anew", () => {
  const dropAfter = (up: number): void => {
    line().sink.frame(hello);
    vi.advanceTimersByTime(up);
    line().sink.ended({ restart: false, why: "closed" });
  };
  dropAfter(100);
  vi.advanceTimersByTime(500);
  dropAfter(9_999);
  vi.advanceTimersByTime(999);
  expect(lines).toHaveLength(2);
  vi.advanceTimersByTime(1);
  dropAfter(10_000);
  vi.advanceTimersByTime(500);
  expect(lines).toHaveLength(4);
});

test("an announced restart is spread over 5 s and does not count as a failure", () => {
  line().sink.ended({ restart: true, why: "restart" });
  vi.advanceTimersByTime(4_999);
  expect(lines).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(lines).toHaveLength(2);
});

test("a lost login stops it until somebody retries", () => {
  connection.authLost();
  expect(line().closed).toBe(true);
  vi.advanceTimersByTime(3_600_000);
  expect(lines).toHaveLength(1);
  connection.retry();
  expect(lines).toHaveLength(2);
});

test("stopped, it leaves no timer behind", () => {
  line().sink.frame(hello);
  connection.stop();
  expect(vi.getTimerCount()).toBe(0);
  expect(connection.link).toMatchObject({ state: "idle", transport: null });
});

test("the wait is jittered between half and all, at the cap too", () => {
  const low = new Backoff(() => 0);
  const high = new Backoff(() => 1);
  const lows = Array.from({ length: 8 }, () => low.next());
  expect(lows).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
  expect(Array.from({ length: 8 }, () => high.next()).at(-1)).toBe(20_000);
});
