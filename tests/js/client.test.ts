/** One client follows many tasks over one socket, stays true when it breaks, and says plainly when it cannot go on. */

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { WebSocket } from "ws";

import { Client, type Memory, type Update } from "../../src/stockwidget/js/client/client.ts";
import { type Clock, systemClock } from "../../src/stockwidget/js/client/clock.ts";
import { Api } from "../../src/stockwidget/js/client/http.ts";
import type { TaskState } from "../../src/stockwidget/js/client/protocol.ts";
import { openPoll } from "../../src/stockwidget/js/client/transports/poll.ts";
import { openWebSocket } from "../../src/stockwidget/js/client/transports/websocket.ts";
import { EPOCH, event, record } from "./frames.ts";
import { NodeSocket, serve, type TestServer, until } from "./server.ts";

/** Real time, run twenty times as fast: waits of seconds take tenths. */
const fast: Clock = { ...systemClock, after: (ms, callback) => setTimeout(callback, ms / 20) };

let server: TestServer;
let client: Client;
let updates: Update[];
const stored = new Map<string, TaskState>();
const memory: Memory = { load: (task) => stored.get(task) ?? null, save: (state) => void stored.set(state.id, state) };

beforeEach(async () => {
  server = await serve();
  stored.clear();
  updates = [];
  client = newClient();
});
afterEach(async () => {
  client.suspend();
  await server.close();
});

function newClient(clock: Clock = fast): Client {
  return new Client({
    api: new Api(server.host, fetch),
    openers: {
      ws: (sink, cursors) => openWebSocket({ url: server.host.socketUrl, clock, WebSocket: NodeSocket }, sink, cursors),
      poll: (sink, cursors) => openPoll({ api: new Api(server.host, fetch), apiUrl: server.host.apiUrl, clock }, sink, cursors),
    },
    clock,
    random: () => 0.5,
    memory,
  });
}
const last = (): Update => updates.at(-1) as Update;
const state = (): TaskState | undefined => updates.at(-1)?.snapshot?.state;
const follow = (task = "t1", epoch = EPOCH): (() => void) => client.subscribe(task, (update) => updates.push(update), { epoch });
const answerTask = (changes: object, status = 200, task = "t1"): void => {
  server.routes.set(`GET tasks/${task}`, () => ({ status, json: { ...record(), id: task, ...changes } }));
};
const snapshotFrame = (task: string, s: number, q: number, changes: object = {}): string =>
  JSON.stringify({ v: 1, k: "snapshot", t: task, e: EPOCH, s, q, ts: 1, d: { recovered: false, state: { ...record({ status: "running" }), id: task, ...changes }, logs: [] } });
/** Answer each subscription by a whole snapshot. */
const answerSubscriptions = (changes: object = {}): void => {
  const greet = server.onSocket;
  server.onSocket = (socket: WebSocket) => {
    socket.on("message", (data) => {
      const { op, tasks } = JSON.parse(String(data)) as { op: string; tasks: Record<string, unknown> };
      if (op === "subscribe") for (const task of Object.keys(tasks)) socket.send(snapshotFrame(task, 5, 2, changes));
    });
    greet(socket);
  };
};

test("the record is on show although the socket never opens", async () => {
  server.refuseSockets = true;
  answerTask({ status: "running", progress: 20, seq: 3 });
  follow();
  await until(() => state()?.progress === 20, "the first record");
});

test("a record that could not be read is asked for again", async () => {
  server.refuseSockets = true;
  server.routes.set("GET tasks/t1", () => ({ status: 503, html: "" }));
  follow();
  await until(() => server.requests.some(({ url }) => url?.endsWith("/tasks/t1")), "the first question");
  answerTask({ status: "running", progress: 40, seq: 3 });
  await until(() => state()?.progress === 40, "the record");
});

test("two cards and two tasks share one socket, and each change is told to both cards once", async () => {
  answerTask({ status: "running", seq: 1 });
  answerTask({ status: "running", seq: 1 }, 200, "t2");
  answerSubscriptions();
  const second: Update[] = [];
  follow();
  client.subscribe("t1", (update) => second.push(update));
  client.subscribe("t2", () => undefined);
  await until(() => state()?.seq === 5, "the snapshot");
  const [before, secondBefore] = [updates.length, second.length];
  server.sockets[0]?.send(JSON.stringify(event("progress", { s: 6, q: 2, d: { progress: 44 } })));
  await until(() => state()?.progress === 44, "the progress");
  expect([updates.length - before, second.length - secondBefore]).toEqual([1, 1]);
  expect(server.sockets).toHaveLength(1);
});

test("after a break it resumes by cursor and loses nothing", async () => {
  answerTask({ status: "running", seq: 1 });
  answerSubscriptions();
  follow();
  await until(() => state()?.seq === 5, "the snapshot");
  const firstSocket = server.sockets[0] as WebSocket;
  firstSocket.send(JSON.stringify(event("log", { s: 6, q: 3, d: { level: "info", message: "one" } })));
  await until(() => last().snapshot?.logs.length === 1, "the log line");
  server.messages.length = 0;
  server.onSocket = (socket) => {
    socket.send(JSON.stringify({ v: 1, k: "hello", d: {} }));
    socket.on("message", () => {
      socket.send(JSON.stringify({ v: 1, k: "snapshot", t: "t1", e: EPOCH, s: 6, q: 3, ts: 1, d: { recovered: true, state: record() } }));
      socket.send(JSON.stringify(event("log", { s: 7, q: 4, d: { level: "info", message: "two" } })));
    });
  };
  firstSocket.terminate();
  await until(() => last().snapshot?.logs.length === 2, "the line sent while away");
  expect(server.messages[0]).toEqual({ op: "subscribe", tasks: { t1: { e: EPOCH, s: 6, q: 3 } } });
  expect(last().link.state).toBe("live");
});

test("a server with another journal is foreign: said once, then left alone", async () => {
  answerTask({ epoch: "another" });
  follow();
  await until(() => last().trouble?.is === "foreign", "the verdict");
  const asked = server.requests.length;
  await new Promise((later) => setTimeout(later, 250));
  expect(server.requests).toHaveLength(asked);
  expect(last().link.state).toBe("idle");
});

test("a server without the extension is foreign at once", async () => {
  server.refuseSockets = true;
  follow();
  await until(() => last().trouble?.is === "foreign", "the verdict");
});

test("404 of the right server is tried three times before it is called unknown", async () => {
  server.routes.set("GET tasks/t1", () => ({ status: 404, json: { code: "unknown_task", message: "No." } }));
  server.routes.set("GET info", () => ({ json: { epoch: EPOCH } }));
  follow();
  await until(() => last().trouble?.is === "unknown", "the verdict");
  expect(server.requests.filter(({ url }) => url?.endsWith("/tasks/t1"))).toHaveLength(3);
});

test("410 is expired, and brings the tombstone", async () => {
  server.routes.set("GET tasks/t1", () => ({ status: 410, json: { code: "expired", message: "Gone.", expired_at: 7 } }));
  follow();
  await until(() => last().trouble !== null, "the tombstone");
  expect(last().trouble).toMatchObject({ is: "expired", error: { expired_at: 7 } });
});

test("a lost login is tried once more, then told, and mended by a retry", async () => {
  server.refuseSockets = true;
  server.routes.set("GET tasks/t1", () => ({ status: 401, json: { code: "not_authorized", message: "Who?" } }));
  follow();
  await until(() => last().link.state === "auth", "the verdict");
  expect(server.requests.filter(({ url }) => url?.endsWith("/tasks/t1")).length).toBeGreaterThanOrEqual(2);
  server.refuseSockets = false;
  answerTask({ status: "running", seq: 4 });
  answerSubscriptions();
  client.retry();
  await until(() => last().link.state === "live" && state()?.status === "running", "the recovery");
});

test("a socket that opens but never says hello is given up, and HTTP carries on", async () => {
  server.onSocket = () => undefined;
  answerTask({ status: "running", progress: 30, seq: 3 });
  follow();
  await until(() => last().link.state === "backoff", "the end of patience");
  expect(last().link.why).toBe("no hello");
  expect(state()?.progress).toBe(30);
});

test("a result is fetched once for all who ask, and again after a failure", async () => {
  const result = vi.fn(() => ({ json: { kind: "analysis" } }));
  server.routes.set("GET tasks/t1/result", () => ({ status: 503, html: "" }));
  expect(await client.result("t1")).toMatchObject({ is: "unreachable" });
  server.routes.set("GET tasks/t1/result", result);
  const [a, b] = await Promise.all([client.result("t1"), client.result("t1")]);
  expect(a).toBe(b);
  expect(result).toHaveBeenCalledTimes(1);
});

test("cancel shows the server's answer without waiting for the stream", async () => {
  server.refuseSockets = true;
  answerTask({ status: "running", seq: 3 });
  follow();
  await until(() => state()?.status === "running", "the record");
  server.routes.set("POST tasks/t1/cancel", () => ({ status: 202, json: record({ status: "cancelling", seq: 4 }) }));
  await client.cancel("t1");
  expect(state()?.status).toBe("cancelling");
});

test("where a task stood is remembered over a reload, for its own journal only", async () => {
  server.refuseSockets = true;
  answerTask({ status: "running", progress: 61, seq: 8 });
  follow();
  await until(() => state()?.progress === 61, "the record");
  client.suspend();
  const shown: Update[] = [];
  client = newClient();
  client.subscribe("t1", (update) => shown.push(update), { epoch: EPOCH });
  expect(shown[0]?.snapshot?.state.progress).toBe(61);
  const other = newClient();
  const otherShown: Update[] = [];
  other.subscribe("t1", (update) => otherShown.push(update), { epoch: "another" });
  expect(otherShown[0]?.snapshot).toBeNull();
  other.suspend();
});

test("the last card's leaving ends the subscription, but not before the linger is over", async () => {
  answerTask({ status: "running", seq: 1 });
  answerSubscriptions();
  const leave = follow();
  await until(() => state()?.seq === 5, "the snapshot");
  leave();
  const back = follow();
  expect(server.messages).toHaveLength(1);
  expect(state()?.seq).toBe(5);
  back();
  await until(() => client.link.state === "idle", "the end of the linger");
});

test("one broken card does not silence the others", async () => {
  const raised: unknown[] = [];
  const catcher = (error: unknown): void => void raised.push(error);
  const listeners = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", catcher);
  try {
    answerTask({ status: "running", progress: 5, seq: 3 });
    let whole = false;
    client.subscribe("t1", () => {
      if (whole) return;
      whole = true;
      throw new Error("broken card");
    });
    follow();
    await until(() => state()?.progress === 5, "the other card's update");
    expect(raised.map(String)).toEqual(["Error: broken card"]);
  } finally {
    process.removeListener("uncaughtException", catcher);
    for (const listener of listeners) process.on("uncaughtException", listener);
  }
});
