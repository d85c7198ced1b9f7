/** The connection keeps news coming: notices silence, waits by the rules, goes down and up, and never drops before it has. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { Backoff } from "../../src/stockwidget/js/client/backoff.ts";
import { systemClock } from "../../src/stockwidget/js/client/clock.ts";
import { Connection, type Link } from "../../src/stockwidget/js/client/connection.ts";
import type { Answer, ServerInfo } from "../../src/stockwidget/js/client/http.ts";
import { Ladder } from "../../src/stockwidget/js/client/ladder.ts";
import type { ClientMessage, Cursors, Frame } from "../../src/stockwidget/js/client/protocol.ts";
import type { OpenTransport, Sink, TransportName } from "../../src/stockwidget/js/client/transports/transport.ts";

/** The far end of a transport that lives in memory: the seam itself, with nothing behind it. */
interface Line {
  readonly name: TransportName;
  readonly sink: Sink;
  readonly asked: Cursors;
  readonly sent: ClientMessage[];
  closed: boolean;
}

let lines: Line[];
let links: Link[];
let http: Answer<ServerInfo>;
let probes: number;
let connection: Connection;
const line = (): Line => lines.at(-1) as Line;
const open = (name: TransportName): Line[] => lines.filter((each) => each.name === name && !each.closed);
const hello = { k: "hello", d: {} } as Frame;
const beat = { k: "hb", d: {} } as Frame;
const snapshot = { k: "snapshot", t: "t1", e: "e", s: 1, q: 1, d: {} } as unknown as Frame;
const greet = (on: Line = line()): void => {
  on.sink.frame(hello);
  on.sink.frame(snapshot);
};
const refuse = (on: Line = line()): void => {
  on.closed = true;
  on.sink.ended({ code: "refused", why: "closed (1006)" });
};
const lose = (on: Line = line()): void => {
  on.closed = true;
  on.sink.ended({ code: "closed", why: "closed (1006)" });
};
const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const ok: Answer<ServerInfo> = { is: "ok", value: {} };
const dead: Answer<ServerInfo> = { is: "unreachable", status: null, retryMs: null };

function opener(name: TransportName): OpenTransport {
  return (sink, cursors) => {
    const opened: Line = { name, sink, asked: cursors(), sent: [], closed: false };
    lines.push(opened);
    return { name, beats: name !== "poll", prompt: true, send: (message) => opened.sent.push(message), close: () => { opened.closed = true; } };
  };
}

function begin(rungs: readonly TransportName[]): void {
  connection = new Connection({
    openers: Object.fromEntries(rungs.map((name) => [name, opener(name)])),
    ladder: new Ladder({ rungs, random: () => 0.5 }),
    clock: systemClock,
    backoff: new Backoff(() => 1),
    probe: () => {
      probes += 1;
      return Promise.resolve(http);
    },
    cursors: () => ({ t1: null }),
    onFrame: () => undefined,
    onLink: (link) => links.push(link),
  });
  connection.start();
}

beforeEach(() => {
  vi.useFakeTimers();
  [lines, links, http, probes] = [[], [], ok, 0];
});
afterEach(() => {
  connection.stop();
  expect(vi.getTimerCount(), "stopped, it leaves no timer behind").toBe(0);
  expect(lines.filter(({ closed }) => !closed)).toEqual([]);
  vi.useRealTimers();
});

describe("one transport", () => {
  beforeEach(() => begin(["ws"]));

  test("it is live from the hello on", () => {
    expect(connection.link.state).toBe("connecting");
    line().sink.frame(hello);
    expect(connection.link).toMatchObject({ state: "live", transport: "ws", reason: null });
  });

  test("without a hello within 5 s it is given up", async () => {
    await pass(4_999);
    expect(line().closed).toBe(false);
    await pass(1);
    expect(line().closed).toBe(true);
    expect(connection.link).toMatchObject({ state: "backoff", why: "no hello", reason: { code: "timeout" } });
  });

  test("silence of 25 s pings, 3 s more reconnect", async () => {
    greet();
    await pass(24_999);
    expect(connection.link.state).toBe("live");
    await pass(1);
    expect(connection.link.state).toBe("stale");
    expect(line().sent).toEqual([{ op: "ping" }]);
    await pass(3_000);
    expect(line().closed).toBe(true);
    expect(connection.link).toMatchObject({ state: "backoff", reason: { code: "silent" } });
  });

  test("any frame ends the silence", async () => {
    greet();
    await pass(25_000);
    line().sink.frame(beat);
    expect(connection.link.state).toBe("live");
    await pass(24_999);
    expect(connection.link.state).toBe("live");
  });

  test("a timer that fires late, as after sleep, first gets a second of grace", async () => {
    greet();
    vi.setSystemTime(Date.now() + 600_000);
    await pass(25_000);
    expect(connection.link.state).toBe("live");
    await pass(1_000);
    expect(connection.link.state).toBe("stale");
  });

  test("attempts wait 0.5, 1, 2 … 20 s, and never end", async () => {
    for (const [n, wait] of [500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000, 20_000].entries()) {
      refuse();
      await pass(wait - 1);
      expect(lines).toHaveLength(n + 1);
      await pass(1);
      expect(lines).toHaveLength(n + 2);
    }
  });

  test("only a connection that stood for 10 s starts the waits anew", async () => {
    const dropAfter = async (up: number, wait: number): Promise<void> => {
      const before = lines.length;
      greet();
      await pass(up);
      lose();
      await pass(wait - 1);
      expect(lines).toHaveLength(before);
      await pass(1);
      expect(lines).toHaveLength(before + 1);
    };
    await dropAfter(100, 500);
    await dropAfter(9_999, 1_000);
    await dropAfter(10_000, 500);
  });

  test("an announced restart is spread over 5 s", async () => {
    greet();
    line().closed = true;
    line().sink.ended({ code: "restarting", why: "restart" });
    await pass(4_999);
    expect(lines).toHaveLength(1);
    await pass(1);
    expect(lines).toHaveLength(2);
  });

  test("live again after a loss is a recovery", async () => {
    greet();
    lose();
    await pass(500);
    greet();
    expect(connection.link).toMatchObject({ state: "live", recoveries: 1, downgrades: 0 });
  });
});

describe("answers in place of a transport", () => {
  const ended = (answer: object, code = "server_error"): void => {
    line().closed = true;
    line().sink.ended({ code, why: "HTTP", answer } as never);
  };
  beforeEach(() => begin(["sse", "poll"]));

  test("a lost login is asked about once, then said, and nothing is tried until somebody retries", async () => {
    http = { is: "auth" };
    ended({ is: "auth" });
    await pass(0);
    expect(connection.link).toMatchObject({ state: "auth", reason: { code: "not_authorized" } });
    await pass(3_600_000);
    expect([lines.length, probes]).toEqual([1, 1]);
    connection.retry();
    expect(lines).toHaveLength(2);
  });

  test("a login that the host has just renewed is no loss, the second time it is", async () => {
    ended({ is: "auth" });
    await pass(500);
    expect(lines).toHaveLength(2);
    ended({ is: "auth" });
    expect(connection.link.state).toBe("auth");
  });

  test("424: suspended, and asked again every 30 s", async () => {
    ended({ is: "suspended" });
    expect(connection.link).toMatchObject({ state: "suspended", reason: { code: "suspended" } });
    await pass(29_999);
    expect(lines).toHaveLength(1);
    await pass(1);
    expect(lines).toHaveLength(2);
  });

  test("429: waits as long as it is told, and stays on the rung", async () => {
    for (let n = 1; n <= 4; n += 1) {
      ended({ is: "unreachable", status: 429, retryMs: 7_000 });
      expect(connection.link.reason?.code).toBe("server_error");
      await pass(7_000);
      expect(lines.filter(({ name }) => name === "sse")).toHaveLength(n + 1);
    }
    expect(connection.link.downgrades).toBe(0);
  });

  test.each([["404", { is: "missing", error: null }], ["409 realtime_disabled", { is: "refused", error: { code: "realtime_disabled" } }]])(
    "%s: the server has none, the next rung is taken at once",
    (_name, answer) => {
      ended(answer, "disabled");
      expect(line().name).toBe("poll");
      greet();
      expect(connection.link).toMatchObject({ transport: "poll", downgrades: 1, climbAt: null });
    },
  );
});

describe("the ladder", () => {
  beforeEach(() => begin(["ws", "sse", "poll"]));
  /** Down to the event stream, which is live. */
  const toStream = async (): Promise<void> => {
    refuse();
    await pass(500);
    refuse();
    await pass(0);
    greet();
  };

  test("refused twice with HTTP alive: the event stream carries within 5 s", async () => {
    await toStream();
    expect(connection.link).toMatchObject({ state: "live", transport: "sse", downgrades: 1, reason: { code: "refused", words: "closed (1006)" } });
    expect(probes).toBe(1);
  });

  test("no hello by 2 s: polling carries meanwhile, and ends once the socket has told its snapshot", async () => {
    await pass(1_999);
    expect(open("poll")).toHaveLength(0);
    await pass(1);
    const [poll] = open("poll");
    greet(poll);
    expect(connection.link).toMatchObject({ state: "live", transport: "poll" });
    const [socket] = open("ws");
    socket?.sink.frame(hello);
    expect(poll?.closed).toBe(false);
    socket?.sink.frame(snapshot);
    expect(poll?.closed).toBe(true);
    expect(connection.link).toMatchObject({ state: "live", transport: "ws", reason: null });
  });

  test("both held back: polling is the rung within 10 s, and the poll under way goes on", async () => {
    refuse();
    await pass(500);
    refuse();
    await pass(0);
    expect(line().name).toBe("sse");
    await pass(2_000);
    const [poll] = open("poll");
    greet(poll);
    await pass(4_000);
    expect(connection.link).toMatchObject({ transport: "poll", downgrades: 2, reason: { code: "buffered" } });
    expect(open("poll")).toEqual([poll]);
  });

  test("with HTTP dead it stays on its rung and backs off", async () => {
    http = dead;
    for (const wait of [500, 1_000, 2_000, 4_000]) {
      refuse(open("ws")[0]);
      for (const poll of open("poll")) refuse(poll);
      await pass(wait);
      expect(open("ws")).toHaveLength(1);
    }
    expect(connection.link).toMatchObject({ downgrades: 0, reason: { code: "offline" } });
  });

  test("climbs after 30 s: the old one is closed only once the new one has told its snapshot", async () => {
    await toStream();
    const [stream] = open("sse");
    const beats = setInterval(() => stream?.sink.frame(beat), 10_000);
    await pass(30_000);
    const [socket] = open("ws");
    socket?.sink.frame(hello);
    expect([stream?.closed, connection.link.transport]).toEqual([false, "sse"]);
    socket?.sink.frame(snapshot);
    expect([stream?.closed, connection.link.transport]).toEqual([true, "ws"]);
    expect(connection.link).toMatchObject({ upgrades: 1, reason: null, recoveries: 0 });
    clearInterval(beats);
  });

  test("a climb that fails is not seen, and is tried again 60 s later", async () => {
    await toStream();
    const [stream] = open("sse");
    const beats = setInterval(() => stream?.sink.frame(beat), 10_000);
    await pass(30_000);
    refuse(open("ws")[0]);
    expect(connection.link).toMatchObject({ state: "live", transport: "sse" });
    await pass(59_999);
    expect(open("ws")).toHaveLength(0);
    await pass(1);
    expect(open("ws")).toHaveLength(1);
    clearInterval(beats);
  });

  test("one that breaks within 60 s of the climb goes straight back", async () => {
    await toStream();
    connection.climb();
    greet(open("ws")[0]);
    await pass(5_000);
    lose(open("ws")[0]);
    await pass(0);
    greet(open("sse")[0]);
    expect(connection.link).toMatchObject({ transport: "sse", upgrades: 1, downgrades: 2 });
  });

  test.each([["online", () => connection.online()], ["retry", () => connection.retry()]])("%s climbs at once", async (_name, event) => {
    await toStream();
    event();
    expect(open("ws")).toHaveLength(1);
  });

  test("when the carrier breaks while a better one opens, that one takes over", async () => {
    await toStream();
    connection.climb();
    lose(open("sse")[0]);
    greet(open("ws")[0]);
    expect(connection.link).toMatchObject({ state: "live", transport: "ws" });
    await pass(10_000);
    expect(open("sse")).toHaveLength(0);
  });

  test("polling only: what was opened is closed, nothing is climbed to", () => {
    connection.offered(["poll"]);
    expect(open("ws")).toHaveLength(0);
    greet();
    expect(connection.link).toMatchObject({ transport: "poll", climbAt: null, offered: ["poll"], reason: null });
  });

  test("offline: the line is asked once; if it is silent, online is waited for", async () => {
    greet();
    connection.offline();
    expect(line().sent).toEqual([{ op: "ping" }]);
    await pass(3_000);
    expect(connection.link.reason?.code).toBe("offline");
    const tries = lines.filter(({ name }) => name === "ws").length;
    await pass(30_000);
    expect(lines.filter(({ name }) => name === "ws")).toHaveLength(tries);
    connection.online();
    expect(open("ws")).toHaveLength(1);
  });

  test("offline, but the line answers: nothing happens", async () => {
    greet();
    connection.offline();
    line().sink.frame(beat);
    await pass(10_000);
    expect([lines.length, connection.link.state]).toEqual([1, "live"]);
  });

  test("a hidden page keeps its socket, and every later line is told that nobody looks", async () => {
    greet();
    connection.send({ op: "visible", visible: false });
    expect(line().sent).toEqual([{ op: "visible", visible: false }]);
    lose();
    await pass(500);
    greet();
    expect(line().sent).toContainEqual({ op: "visible", visible: false });
  });
});

test("the wait is jittered between half and all, at the cap too", () => {
  begin(["ws"]);
  const low = new Backoff(() => 0);
  const high = new Backoff(() => 1);
  const lows = Array.from({ length: 8 }, () => low.next());
  expect(lows).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
  expect(Array.from({ length: 8 }, () => high.next()).at(-1)).toBe(20_000);
});
