/** Each transport asks by the contract and says truly how it ended, against real HTTP and sockets. */

import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { WebSocketServer } from "ws";

import { nextMs } from "../../src/stockwidget/js/client/cadence.ts";
import { Counters } from "../../src/stockwidget/js/client/counters.ts";
import { Api } from "../../src/stockwidget/js/client/http.ts";
import type { Cursors, Frame, Seq } from "../../src/stockwidget/js/client/protocol.ts";
import { openPoll } from "../../src/stockwidget/js/client/transports/poll.ts";
import { openEventStream } from "../../src/stockwidget/js/client/transports/sse.ts";
import type { Ended, Transport } from "../../src/stockwidget/js/client/transports/transport.ts";
import { openWebSocket } from "../../src/stockwidget/js/client/transports/websocket.ts";
import { hurried } from "./farend.ts";
import { EPOCH, event } from "./frames.ts";
import { NodeSocket, until } from "./server.ts";

const SPEED = 5;
const clock = hurried(SPEED);
let http: Server;
let base: string;
let answer: RequestListener;
let asked: { url: URL; method: string; headers: IncomingMessage["headers"]; body: string }[];
let frames: Frame[];
let ends: Ended[];
let cursors: Cursors;
let counters: Counters;
let opened: Transport[];

beforeEach(async () => {
  [asked, frames, ends, opened, counters] = [[], [], [], [], new Counters()];
  cursors = { t1: { e: EPOCH, s: 5 as Seq, q: 2 as Seq } };
  http = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += String(chunk)));
    request.on("end", () => {
      asked.push({ url: new URL(request.url ?? "", base), method: request.method ?? "", headers: request.headers, body });
      answer(request, response);
    });
  });
  await new Promise<void>((listening) => http.listen(0, "127.0.0.1", listening));
  base = `http://127.0.0.1:${(http.address() as AddressInfo).port}/x/`;
});
afterEach(async () => {
  for (const transport of opened) transport.close();
  http.closeAllConnections();
  await new Promise<void>((closed) => http.close(() => closed()));
});

const sink = { frame: (frame: Frame) => void frames.push(frame), ended: (end: Ended) => void ends.push(end) };
const over = () => {
  const host = { apiUrl: base, socketUrl: "", socketProtocols: [], token: "secret", xsrf: () => "x1" };
  return { api: new Api(host, fetch), apiUrl: base, clock, counters };
};
const keep = (transport: Transport): Transport => {
  opened.push(transport);
  return transport;
};
const ended = async (): Promise<Ended> => {
  await until(() => ends.length > 0, "the end");
  await new Promise((later) => setTimeout(later, 20));
  expect(ends).toHaveLength(1);
  return ends[0] as Ended;
};
const text = (status: number, headers: Record<string, string>, body: string): RequestListener => (_request, response) => {
  response.writeHead(status, headers).end(body);
};
const json = (status: number, value: object, headers: Record<string, string> = {}): RequestListener =>
  text(status, { "Content-Type": "application/json", ...headers }, JSON.stringify(value));
const manyTasks = (): Cursors => Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`task-number-${n}-of-many`, null]));

const refusals: [string, () => RequestListener, object][] = [
  ["401", () => json(401, { code: "not_authorized", message: "Who?" }), { code: "not_authorized", answer: { is: "auth" } }],
  ["a login page", () => text(200, { "Content-Type": "text/html" }, "<form>"), { code: "not_authorized", answer: { is: "auth" } }],
  ["403, twice", () => json(403, { code: "not_authorized", message: "No." }), { code: "not_authorized", answer: { is: "forbidden" } }],
  ["404", () => text(404, {}, ""), { code: "disabled", answer: { is: "missing" } }],
  ["409 realtime_disabled", () => json(409, { code: "realtime_disabled", message: "Off." }), { code: "disabled", answer: { is: "refused" } }],
  ["424", () => text(424, {}, ""), { code: "suspended", answer: { is: "suspended" } }],
  ["429", () => text(429, { "Retry-After": "9" }, ""), { code: "limited", answer: { is: "unreachable", retryMs: 9_000 } }],
  ["503", () => text(503, {}, ""), { code: "server_error", answer: { is: "unreachable", retryMs: null } }],
  ["a body that cannot be read", () => text(200, { "Content-Type": "application/json" }, "{"), { code: "server_error" }],
  ["nothing: the connection is cut", () => (request) => request.socket.destroy(), { code: "refused" }],
];

describe("event stream", () => {
  let streams: ServerResponse[];
  const write = (n: number, ...values: object[]): void => {
    for (const value of values) streams[n]?.write(`event: ${(value as { k: string }).k}\ndata: ${JSON.stringify(value)}\n\n`);
  };
  const hello = { v: 1, k: "hello", d: {} };
  const open = (): Transport => keep(openEventStream(over(), sink, () => cursors));
  beforeEach(() => {
    streams = [];
    answer = (_request, response) => {
      streams.push(response.writeHead(200, { "Content-Type": "text/event-stream" }));
      response.write(": padding\n\n");
    };
  });

  test.each(refusals)("answered by %s", async (_name, listener, expected) => {
    answer = listener();
    open();
    expect(await ended()).toMatchObject(expected);
    expect(frames).toEqual([]);
  });

  test("asks with cursors, token and XSRF header", async () => {
    open();
    await until(() => streams.length === 1, "the request");
    expect(JSON.parse(asked[0]?.url.searchParams.get("cursor") ?? "")).toEqual({ t1: { e: EPOCH, s: 5, q: 2 } });
    expect(asked[0]?.headers).toMatchObject({ authorization: "token secret", "x-xsrftoken": "x1", accept: "text/event-stream" });
  });

  test("asks by POST once the address would pass 2 kB", async () => {
    cursors = manyTasks();
    open();
    await until(() => streams.length === 1, "the request");
    expect(asked[0]).toMatchObject({ method: "POST" });
    expect(JSON.parse(asked[0]?.body ?? "")).toEqual({ op: "subscribe", tasks: manyTasks(), visible: true });
  });

  test("without a hello in 6 s it is held back by something", async () => {
    const start = clock.now();
    open();
    expect(await ended()).toMatchObject({ code: "buffered" });
    expect(clock.now() - start).toBeGreaterThanOrEqual(6_000);
  });

  test("frames split anywhere arrive whole, unknown ones are skipped", async () => {
    open();
    await until(() => streams.length === 1, "the request");
    write(0, hello, { v: 1, k: "weather", d: {} });
    const bytes = Buffer.from(`event: log\ndata: ${JSON.stringify(event("log", { s: 6, q: 3, d: { level: "info", message: "漲 42 %" } }))}\n\n`);
    for (const byte of bytes) streams[0]?.write(Buffer.of(byte));
    await until(() => frames.length === 2, "the frame");
    expect(frames[1]).toMatchObject({ k: "log", d: { message: "漲 42 %" } });
    expect(counters.of("sse")).toMatchObject({ requests: 1, frames: 2 });
  });

  test.each<[string, object | null, object]>([
    ["bye 1012", { code: 1012, reason: "restart" }, { code: "restarting", why: "restart" }],
    ["bye 4408", { code: 4408, reason: "" }, { code: "slow_reader" }],
    ["a plain end", null, { code: "closed" }],
  ])("after %s", async (_name, d, expected) => {
    open();
    await until(() => streams.length === 1, "the request");
    write(0, hello);
    if (d) write(0, { v: 1, k: "bye", d });
    streams[0]?.end();
    expect(await ended()).toMatchObject(expected);
  });

  test("other tasks: a burst opens one new stream, and the old one lives until the new one has greeted", async () => {
    const transport = open();
    await until(() => streams.length === 1, "the request");
    write(0, hello);
    cursors = { ...cursors, t2: null };
    for (let n = 0; n < 5; n += 1) transport.send({ op: "subscribe", tasks: { t2: null } });
    await until(() => streams.length === 2, "the second stream");
    write(0, event("log", { s: 6, q: 3, d: { level: "info", message: "by the old one" } }));
    await until(() => frames.length === 2, "its frame");
    write(1, hello);
    await until(() => streams[0]?.destroyed ?? false, "the end of the old one");
    expect([streams.length, ends.length]).toEqual([2, 0]);
    expect(JSON.parse(asked[1]?.url.searchParams.get("cursor") ?? "")).toHaveProperty("t2");
  });

  test("the old stream may break while the new one opens; not the new one", async () => {
    const transport = open();
    await until(() => streams.length === 1, "the request");
    write(0, hello);
    transport.send({ op: "unsubscribe", tasks: ["t2"] });
    await until(() => streams.length === 2, "the second stream");
    streams[0]?.destroy();
    write(1, hello);
    await until(() => frames.length === 2, "its hello");
    expect(ends).toEqual([]);
    streams[1]?.destroy();
    expect(await ended()).toMatchObject({ code: "closed" });
  });

  test("closed, it hangs up and says nothing more", async () => {
    const transport = open();
    await until(() => streams.length === 1, "the request");
    transport.close();
    await until(() => streams[0]?.destroyed ?? false, "the end");
    expect([frames, ends]).toEqual([[], []]);
  });
});

describe("polling", () => {
  const open = (): Transport => keep(openPoll(over(), sink, () => cursors));
  const polls = (): URLSearchParams[] => asked.map(({ url }) => url.searchParams);
  const log = event("log", { s: 6, q: 3, d: { level: "info", message: "one" } });

  test.each(refusals)("answered by %s", async (_name, listener, expected) => {
    answer = listener();
    open();
    expect(await ended()).toMatchObject(expected);
    expect(frames).toEqual([]);
  });

  test("the first answer is not waited for and is its hello; then it waits as long as may be", async () => {
    answer = json(200, { v: 1, e: EPOCH, server_id: "s", next_ms: 1000, frames: [log] });
    open();
    await until(() => asked.length === 2, "the second poll");
    expect(polls().map((query) => query.get("wait"))).toEqual(["0", "20"]);
    expect(polls()[1]?.get("last_ms")).toBe("1000");
    expect(frames.slice(0, 2)).toMatchObject([{ k: "hello", e: EPOCH, d: { server_id: "s" } }, { k: "log" }]);
  });

  test("nothing new is 304 by the ETag, is counted as useless, and X-Next-Ms is kept to", async () => {
    answer = (request, response) => {
      const known = request.headers["if-none-match"] === '"a"';
      (known ? text(304, { ETag: '"a"', "X-Next-Ms": "4000" }, "") : json(200, { next_ms: 0, frames: [] }, { ETag: '"a"' }))(request, response);
    };
    open();
    await until(() => asked.length === 2, "the second poll");
    const start = clock.now();
    await until(() => counters.of("poll").useless === 3, "the third answer");
    expect(clock.now() - start).toBeGreaterThan(3_000);
    expect(counters.of("poll")).toMatchObject({ requests: 3, frames: 0 });
  });

  test("by POST once the address would pass 2 kB", async () => {
    cursors = manyTasks();
    answer = json(200, { frames: [], next_ms: 60_000 });
    open();
    await until(() => asked.length === 1, "the poll");
    expect(JSON.parse(asked[0]?.body ?? "")).toMatchObject({ op: "subscribe", tasks: manyTasks(), wait: 0, visible: true });
  });

  test("other tasks: the poll under way is dropped for one that asks for them", async () => {
    answer = (request, response) => {
      if (asked.length !== 2) json(200, { frames: [], next_ms: asked.length === 1 ? 0 : 60_000 })(request, response);
    };
    const transport = open();
    await until(() => asked.length === 2, "the poll that waits");
    cursors = { ...cursors, t2: null };
    transport.send({ op: "subscribe", tasks: { t2: null } });
    await until(() => asked.length === 3, "the next poll");
    expect(JSON.parse(polls()[2]?.get("since") ?? "")).toHaveProperty("t2");
    expect(ends).toEqual([]);
  });

  test("hidden it says so; seen again it asks at once", async () => {
    answer = json(200, { frames: [], next_ms: 60_000 });
    const transport = open();
    transport.send({ op: "visible", visible: false });
    await until(() => frames.length === 1, "the first answer");
    transport.send({ op: "visible", visible: true });
    await until(() => asked.length === 2, "the next poll");
    transport.send({ op: "visible", visible: false });
  });

  test("cut ever shorter it waits ever shorter, and stays", async () => {
    let limit = Number.POSITIVE_INFINITY;
    answer = (request, response) => {
      const wait = Number(asked.at(-1)?.url.searchParams.get("wait"));
      if (wait === 0) json(200, { frames: [], next_ms: 0 })(request, response);
      else setTimeout(() => (wait > limit ? request.socket.destroy() : json(200, { frames: [], next_ms: 0 })(request, response)), (Math.min(wait, limit) * 1000) / SPEED);
    };
    limit = 10;
    open();
    await until(() => Number(polls().at(-1)?.get("wait")) <= 9, "a shorter wait");
    limit = 4;
    await until(() => Number(polls().at(-1)?.get("wait")) <= 4, "a still shorter one");
    expect(ends).toEqual([]);
  });

  test("cut at once it is refused, not cut for its length", async () => {
    answer = (request, response) => (asked.length === 1 ? json(200, { frames: [], next_ms: 0 })(request, response) : void request.socket.destroy());
    open();
    expect(await ended()).toMatchObject({ code: "refused" });
  });
});

test.each([
  ["after news", { moved: true }, 500],
  ["while a task runs, whatever was before", { moved: false, lastMs: 9_000 }, 1_000],
  ["all ended: ever longer", { moved: false, live: false, lastMs: 1_000 }, 1_500],
  ["no long poll: ever longer", { moved: false, waitS: 1, lastMs: 2_000 }, 3_000],
  ["but no longer than 10 s", { moved: false, waitS: 1, lastMs: 9_000 }, 10_000],
  ["hidden", { moved: true, visible: false }, 60_000],
])("the pause %s", (_name, poll, ms) => {
  expect(nextMs({ live: true, waitS: 20, lastMs: 0, visible: true, ...poll })).toBe(ms);
});

describe("WebSocket", () => {
  test.each<[string, number, object]>([
    ["1012", 1012, { code: "restarting" }],
    ["1001", 1001, { code: "restarting" }],
    ["4408", 4408, { code: "slow_reader" }],
    ["1011", 1011, { code: "closed", why: "closed (1011)" }],
  ])("subscribes at the hello, and says what close code %s means", async (_name, code, expected) => {
    const sockets = new WebSocketServer({ server: http });
    const said: unknown[] = [];
    sockets.on("connection", (socket) => {
      socket.on("message", (data) => {
        said.push(JSON.parse(String(data)));
        socket.close(code);
      });
      socket.send(JSON.stringify({ v: 1, k: "hello", d: {} }));
    });
    keep(openWebSocket({ url: base.replace("http", "ws"), clock, WebSocket: NodeSocket, counters }, sink, () => cursors));
    expect(await ended()).toMatchObject(expected);
    expect(said).toEqual([{ op: "subscribe", tasks: cursors }]);
    sockets.close();
  });

  test("refused", async () => {
    http.on("upgrade", (_request, socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    keep(openWebSocket({ url: base.replace("http", "ws"), clock, WebSocket: NodeSocket }, sink, () => cursors));
    expect(await ended()).toMatchObject({ code: "refused" });
  });

  test("a handshake without an answer ends after 4 s", async () => {
    http.on("upgrade", (_request, socket) => void setTimeout(() => socket.destroy(), 10_000 / SPEED));
    const start = clock.now();
    keep(openWebSocket({ url: base.replace("http", "ws"), clock, WebSocket: NodeSocket }, sink, () => cursors));
    expect(await ended()).toMatchObject({ code: "timeout" });
    expect(clock.now() - start).toBeGreaterThanOrEqual(4_000);
  });
});
