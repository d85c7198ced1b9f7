/** A page that subscribes to a task hears of each change once, in plain values, and last of all has the result or the reason. */

import { afterEach, beforeEach, expect, test } from "vitest";

import type { Client } from "../../src/stockwidget/js/client/client.ts";
import { subscribeTaskStatus, type TaskStatus } from "../../src/stockwidget/js/client/taskstatus.ts";
import { FarEnd, hurried } from "./farend.ts";
import { clientOf } from "./following.ts";
import { until } from "./server.ts";

const SPEED = 5;
const clock = hurried(SPEED);
let far: FarEnd;
let client: Client;
let seen: TaskStatus[];
const last = (): TaskStatus => seen.at(-1) as TaskStatus;
const follow = (into: TaskStatus[] = seen, task = "t1"): (() => void) => subscribeTaskStatus(client, task, (status) => into.push(status), clock);
const begun = (): Promise<void> => until(() => client.link.state === "live" && seen.length > 0, "the beginning");

beforeEach(async () => {
  far = await new FarEnd(SPEED).start();
  far.task("t1");
  client = clientOf(far, clock);
  seen = [];
});
afterEach(async () => {
  client.suspend();
  await far.stop();
});

test("each change is told once, to each subscriber; the last one brings the result, fetched once", async () => {
  const other: TaskStatus[] = [];
  follow();
  follow(other);
  await begun();
  far.emit("t1", "progress", { progress: 10, stage: "bars", eta_s: 4, counters: { processed: 1 } });
  far.emit("t1", "partial", { append: { rows: [["AAPL"]] } });
  far.log("t1", "a line");
  far.end("t1");
  await until(() => last().result !== undefined && other.at(-1)?.result !== undefined, "the result");
  expect(seen.slice(-4).map(({ status, progress, partial, logs }) => [status, progress, Object.keys(partial).length, logs.length])).toEqual([
    ["running", 10, 0, 0], ["running", 10, 1, 0], ["running", 10, 1, 1], ["completed", 100, 1, 1],
  ]);
  expect(seen.at(-4)).toMatchObject({ taskId: "t1", kind: "analysis", stage: "bars", eta: 4, counters: { processed: 1 }, transport: "ws", error: null });
  expect(other.slice(-4)).toEqual(seen.slice(-4));
  expect(far.asked("tasks/t1/result")).toBe(1);
});

test("a broken connection and repetitions are no change of the task", async () => {
  follow();
  await begun();
  far.emit("t1", "progress", { progress: 10 });
  await until(() => last().progress === 10, "the progress");
  const told = seen.length;
  far.emit("t1", "progress", { progress: 10 });
  far.cut();
  await until(() => client.link.recoveries === 1, "the recovery");
  far.emit("t1", "progress", { progress: 20 });
  await until(() => last().progress === 20, "the next progress");
  expect(seen.length).toBe(told + 1);
});

test("progress does not step back within an attempt, and starts over with the next", async () => {
  follow();
  await begun();
  for (const progress of [30, 20, 40]) far.emit("t1", "progress", { progress });
  far.emit("t1", "state", { status: "running", attempt: 2, progress: 5 });
  await until(() => last().attempt === 2, "the second attempt");
  expect(seen.map(({ progress }) => progress).slice(-3)).toEqual([30, 40, 5]);
});

test("a task that has ended long ago is told in one call", async () => {
  far.end("t1");
  follow();
  await until(() => seen.length > 0, "the call");
  expect(seen).toHaveLength(1);
  expect(last()).toMatchObject({ status: "completed", result: { of: "t1" } });
});

test.each([["failed", { error: { code: "unknown_symbol", message: "No." } }], ["cancelled", {}]])("%s is the last word, without a result", async (status, more) => {
  follow();
  await begun();
  far.emit("t1", "end", { status, progress: 40, ...more });
  await until(() => last().status === status, "the end");
  far.log("t1", "from beyond");
  await new Promise((later) => setTimeout(later, 50));
  expect(last()).toMatchObject({ status, progress: 40, ...more });
  expect("result" in last()).toBe(false);
  expect(far.asked("tasks/t1/result")).toBe(0);
});

test("a result that cannot be had for the moment is asked for again", async () => {
  far.answerResult = { status: 503, json: {} };
  far.end("t1");
  follow();
  await until(() => far.asked("tasks/t1/result") === 2, "the second try");
  far.answerResult = null;
  await until(() => seen.length === 1, "the result");
  expect(last()).toMatchObject({ status: "completed", result: { of: "t1" } });
});

test.each<[string, { status: number; json: unknown }, object]>([
  ["for good", { status: 500, json: { code: "bad_document", message: "The document is broken." } }, { code: "bad_document" }],
  ["after five tries", { status: 503, json: {} }, { code: "result_unreachable" }],
])("completed without its result, %s, says why", async (_name, answer, resultError) => {
  far.answerResult = answer;
  far.end("t1");
  follow();
  await until(() => seen.length === 1, "the call");
  expect(last()).toMatchObject({ status: "completed", resultError });
});

test("a result that was removed meanwhile is expired", async () => {
  far.answerResult = { status: 410, json: { code: "expired", message: "Gone." } };
  far.end("t1");
  follow();
  await until(() => seen.length === 1, "the call");
  expect(last()).toMatchObject({ status: "expired", error: { code: "expired" } });
});

test("a task that never was is unknown: told once, after three tries", async () => {
  follow(seen, "nope");
  await until(() => seen.length > 0, "the verdict");
  expect(seen).toHaveLength(1);
  expect(last()).toMatchObject({ taskId: "nope", status: "unknown", error: { code: "unknown_task" } });
  expect(far.asked("tasks/nope")).toBe(3);
});

test("unsubscribed, also from within the call, nothing more is heard", async () => {
  const stop: () => void = subscribeTaskStatus(client, "t1", (status) => {
    seen.push(status);
    queueMicrotask(() => stop());
  }, clock);
  await until(() => seen.length === 1, "the first call");
  const other: TaskStatus[] = [];
  follow(other);
  far.end("t1");
  await until(() => other.at(-1)?.result !== undefined, "the result for the other");
  expect(seen).toHaveLength(1);
});

test("a 1000 equal updates make no call and no question", async () => {
  follow();
  await begun();
  far.emit("t1", "progress", { progress: 10 });
  await until(() => last().progress === 10, "the progress");
  const [told, asked] = [seen.length, far.requests.length];
  for (let n = 0; n < 1_000; n += 1) far.emit("t1", "progress", { progress: 10 });
  far.emit("t1", "progress", { progress: 11 });
  await until(() => last().progress === 11, "the change after them");
  expect([seen.length - told, far.requests.length - asked]).toEqual([1, 0]);
});
