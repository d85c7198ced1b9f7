/**
 * Whatever way to a real server breaks, a page gets every event that may not be lost, once and in order, and in the end the
 * result. Real HTTP, sockets and streams; the client's waits run ten times as fast.
 */

import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import type { Client } from "../../src/stockwidget/js/client/client.ts";
import { FarEnd, hurried } from "./farend.ts";
import { clientOf, Reader } from "./following.ts";
import { until } from "./server.ts";

const SPEED = 10;
let clock = hurried(SPEED);
let far: FarEnd;
let client: Client;
let reader: Reader;
let count: number;

/** The first use of each part of Node costs a tenth of a second, which would count as one. */
beforeAll(async () => {
  const warm = await new FarEnd().start();
  warm.task("t1");
  warm.refuseSockets = true;
  const first = clientOf(warm, hurried(SPEED));
  first.subscribe("t1", () => undefined);
  await until(() => first.link.transport === "sse", "the first stream");
  first.suspend();
  await warm.stop();
});
beforeEach(async () => {
  far = await new FarEnd(SPEED).start();
  far.task("t1");
  count = 0;
});
afterEach(async () => {
  client.suspend();
  await far.stop();
});

const follow = (): void => {
  client = clientOf(far, clock);
  reader = new Reader(client, "t1", clock);
};
const say = (n = 1): void => {
  for (let i = 0; i < n; i += 1) far.log("t1", `line ${++count}`);
};
const heardAll = (): Promise<void> => until(() => reader.logs.length === count, `all ${count} lines over ${client.link.transport}`);
const carriedBy = (name: string): Promise<void> => until(() => client.link.state === "live" && client.link.transport === name, `${name} to carry`);
/** To the end: nothing lost, nothing doubled, nothing out of order, and the result last. */
const complete = async (): Promise<void> => {
  say(2);
  far.end("t1");
  await until(() => reader.done, "the result");
  expect(reader.logs).toEqual(Array.from({ length: count }, (_, n) => `line ${n + 1}`));
  expect(reader.last).toMatchObject({ status: "completed", progress: 100, result: { of: "t1" } });
  expect(reader.statuses.filter(({ status }) => status === "completed")).toHaveLength(1);
  await until(() => client.link.state === "idle", "the connection's end: nothing is left to follow");
};

test("WebSocket: nothing is asked over HTTP once it stands", async () => {
  follow();
  await carriedBy("ws");
  say(3);
  await heardAll();
  const asked = far.requests.length;
  for (let n = 0; n < 20; n += 1) far.emit("t1", "progress", { progress: n });
  await until(() => reader.last?.progress === 19, "the progress");
  expect(far.requests.length).toBe(asked);
  expect(far.asked("poll")).toBe(0);
  await complete();
});

test("upgrade refused: an event stream, and back up once it is healed", async () => {
  far.refuseSockets = true;
  follow();
  await carriedBy("sse");
  expect(client.link).toMatchObject({ downgrades: 1, reason: { code: "refused" } });
  say(3);
  await heardAll();
  far.refuseSockets = false;
  say(1);
  await carriedBy("ws");
  expect(client.link).toMatchObject({ upgrades: 1, recoveries: 0, reason: null });
  await complete();
});

test("upgrade refused and streams held back: polling", async () => {
  far.refuseSockets = true;
  far.streams = "held";
  follow();
  say(1);
  await carriedBy("poll");
  await heardAll();
  await until(() => client.link.downgrades === 2, "the ladder's last rung");
  expect(client.link.reason?.code).toBe("buffered");
  say(2);
  await heardAll();
  await complete();
});

test("a stream is collected behind its greeting: a poll beside it finds out", async () => {
  far.refuseSockets = true;
  far.streams = "collected";
  follow();
  await carriedBy("sse");
  say(2);
  await carriedBy("poll");
  await heardAll();
  expect(client.link).toMatchObject({ downgrades: 2, reason: { code: "buffered" } });
  await complete();
});

test("a quiet stream that holds nothing back is asked about, and stays", async () => {
  far.refuseSockets = true;
  follow();
  await carriedBy("sse");
  await until(() => far.asked("poll") > 0, "the question");
  await new Promise((done) => setTimeout(done, 3_000 / SPEED));
  expect(client.link).toMatchObject({ transport: "sse", downgrades: 1 });
  for (let n = 0; n < 3; n += 1) {
    say(1);
    await new Promise((done) => setTimeout(done, 50));
  }
  const asked = far.asked("poll");
  await new Promise((done) => setTimeout(done, 6_000 / SPEED));
  expect(far.asked("poll")).toBe(asked);
  await heardAll();
  await complete();
});

test("the record of an ended task comes first over HTTP: its lines are waited for", async () => {
  say(3);
  far.end("t1");
  far.muteSockets = true;
  follow();
  await until(() => reader.done, "the result");
  expect(far.asked("tasks/t1")).toBeGreaterThan(0);
  expect(reader.statuses).toHaveLength(1);
  expect(reader.logs).toEqual(["line 1", "line 2", "line 3"]);
  expect(reader.last).toMatchObject({ status: "completed", result: { of: "t1" } });
});

test("a compressed stream is read as well", async () => {
  far.refuseSockets = true;
  far.streams = "gzip";
  follow();
  await carriedBy("sse");
  say(3);
  await heardAll();
  await complete();
});

test("polling behind a proxy that cuts requests after 10 s: it learns, and stays", async () => {
  far.transports = ["poll"];
  far.cutAfterMs = 10_000 / SPEED;
  follow();
  await carriedBy("poll");
  await until(() => Number(far.requests.at(-1)?.query.get("wait")) < 10, "a shorter wait");
  expect(client.link).toMatchObject({ state: "live", recoveries: 0 });
  say(2);
  await heardAll();
  await complete();
});

test("realtime switched off at the server: polling only, without a try of anything else", async () => {
  far.transports = ["poll"];
  follow();
  await carriedBy("poll");
  expect(client.link.offered).toEqual(["poll"]);
  expect(far.asked("events")).toBe(0);
  await complete();
});

test("killed mid-task: no gap", async () => {
  follow();
  await carriedBy("ws");
  say(2);
  await heardAll();
  far.cut();
  say(2);
  await heardAll();
  expect(client.link.recoveries).toBe(1);
  await complete();
});

test("half open: a missed heartbeat tells, and what was said meanwhile comes", async () => {
  follow();
  await carriedBy("ws");
  far.muteSockets = true;
  say(2);
  await until(() => client.link.state === "stale", "the silence to be noticed");
  await until(() => reader.logs.length === 2, "the lines said in silence");
  far.muteSockets = false;
  await complete();
});

test("everything down for 30 s, then back: no rung is lost", async () => {
  follow();
  await carriedBy("ws");
  say(2);
  await heardAll();
  await far.stop();
  await until(() => client.link.state === "backoff", "the loss to be noticed");
  say(2);
  await new Promise((later) => setTimeout(later, 30_000 / SPEED));
  expect(client.link.reason?.code).toBe("offline");
  await far.start();
  await heardAll();
  await carriedBy("ws");
  expect(client.link.downgrades).toBe(0);
  await complete();
});

test("server answers 503 to everything, then heals", async () => {
  far.answerAll = { status: 503 };
  follow();
  await until(() => client.link.reason?.code === "server_error", "the reason");
  expect(client.link.downgrades).toBe(0);
  far.answerAll = null;
  await carriedBy("ws");
  await complete();
});

test.each<[string, object]>([
  ["401", { status: 401, headers: { "Content-Type": "application/json" }, body: '{"code":"not_authorized","message":"Who?"}' }],
  ["a login page", { status: 200, headers: { "Content-Type": "text/html" }, body: "<form>" }],
])("login expired mid-task (%s): says so, stops, resumes after the login", async (_name, answer) => {
  far.transports = ["sse", "poll"];
  follow();
  await carriedBy("sse");
  say(1);
  await heardAll();
  far.answerAll = answer as never;
  far.cut();
  say(1);
  await until(() => client.link.state === "auth", "the verdict");
  const asked = far.requests.length;
  await new Promise((later) => setTimeout(later, 200));
  expect(far.requests.length).toBe(asked);
  client.focused(); // Back at the window, still without a login: one question, no more.
  await until(() => far.requests.length > asked, "the question");
  expect(client.link.state).toBe("auth");
  far.answerAll = null;
  client.focused();
  await heardAll();
  await complete();
});

test("JupyterHub has stopped the server (424): suspended, and back when it is back", async () => {
  far.transports = ["poll"];
  follow();
  await carriedBy("poll");
  far.answerAll = { status: 424 };
  far.cut();
  await until(() => client.link.state === "suspended", "the word");
  far.answerAll = null;
  await carriedBy("poll");
  await complete();
});

test("429: waits as told, on the same transport", async () => {
  far.transports = ["sse", "poll"];
  follow();
  await carriedBy("sse");
  far.answerAll = { status: 429, headers: { "Retry-After": "3" } };
  far.cut();
  await until(() => client.link.reason?.code === "limited", "the word");
  const asked = far.asked("events");
  await new Promise((later) => setTimeout(later, 2_000 / SPEED));
  expect(far.asked("events")).toBe(asked);
  far.answerAll = null;
  await carriedBy("sse");
  expect(client.link.downgrades).toBe(0);
  await complete();
});

test("another journal: the card starts over with its snapshot, nothing is merged", async () => {
  follow();
  await carriedBy("ws");
  say(2);
  await heardAll();
  await far.stop();
  far.epoch = "epoch-2";
  far.tasks.clear();
  far.task("t1");
  count = 0;
  await far.start();
  say(1);
  await heardAll();
  await complete();
});

test("many tasks: one stream, opened anew when one comes, by POST once the address grows too long", async () => {
  far.transports = ["sse", "poll"];
  follow();
  await carriedBy("sse");
  const readers = Array.from({ length: 40 }, (_, n) => {
    far.task(`task-${n}-with-a-rather-long-name-of-its-own`);
    return new Reader(client, `task-${n}-with-a-rather-long-name-of-its-own`, clock);
  });
  await until(() => readers.every(({ last }) => last?.status === "running"), "all records");
  await until(() => far.requests.some(({ path, method }) => path === "events" && method === "POST"), "the POST");
  expect(far.asked("events")).toBeLessThanOrEqual(3);
  await until(() => far.readers === 1, "the end of the earlier streams");
  say(2);
  await heardAll();
  for (const id of far.tasks.keys()) far.end(id);
  await until(() => readers.every(({ done }) => done) && reader.done, "all results");
});

test("the page frozen and thawed resumes by cursor", async () => {
  follow();
  await carriedBy("ws");
  say(2);
  await heardAll();
  client.suspend();
  await until(() => far.sockets.size === 0, "the socket's end");
  say(2);
  client.resume();
  await heardAll();
  await complete();
});

test("the page's switches break and heal each way", async () => {
  follow();
  await carriedBy("ws");
  client.faults.set({ refuseWebSocket: true });
  await carriedBy("sse");
  say(1);
  await heardAll();
  client.faults.set({ muteSse: true });
  say(1);
  await carriedBy("poll");
  await heardAll();
  client.faults.set({ refuseWebSocket: false, muteSse: false });
  client.online();
  await carriedBy("ws");
  await complete();
});

test("changes of transport are reported in one message, at most one in 10 s", async () => {
  far.refuseSockets = true;
  follow();
  await carriedBy("sse");
  far.refuseSockets = false;
  client.online();
  await carriedBy("ws");
  await until(() => far.asked("report") === 1, "the report");
  const { changes } = JSON.parse(far.requests.find(({ path }) => path === "report")?.body ?? "{}") as { changes: object[] };
  expect(changes).toMatchObject([
    { kind: "downgrade", from: "none", to: "sse", reason: "refused" },
    { kind: "upgrade", from: "sse", to: "ws" },
  ]);
  await complete();
});

describe("in time", () => {
  /** Slower than elsewhere: a busy machine's pauses would count tenfold. */
  beforeEach(async () => {
    await far.stop();
    clock = hurried(2);
    far = await new FarEnd(2).start();
    far.task("t1");
  });
  afterEach(() => {
    clock = hurried(SPEED);
  });
  const lateness = async (what: () => Promise<void>): Promise<number> => {
    const start = clock.now();
    await what();
    return clock.now() - start;
  };

  test("upgrade refused: an event stream within 5 s", async () => {
    far.refuseSockets = true;
    follow();
    expect(await lateness(() => carriedBy("sse"))).toBeLessThan(5_000);
  });

  test("upgrade refused and streams held back: polling within 10 s, and events from 3 s on", async () => {
    far.refuseSockets = true;
    far.streams = "held";
    follow();
    expect(await lateness(() => carriedBy("poll"))).toBeLessThan(4_000);
    expect(await lateness(() => until(() => client.link.downgrades === 2, "the last rung"))).toBeLessThan(6_000);
  });

  test("killed mid-task: the next state within 5 s", async () => {
    follow();
    await carriedBy("ws");
    far.cut();
    say(1);
    expect(await lateness(heardAll)).toBeLessThan(5_000);
  });
});
