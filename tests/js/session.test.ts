/** The session never shows a repeated, reordered or incomplete event, and asks for exactly what it lacks. */

import { beforeEach, describe, expect, test } from "vitest";

import type { Frame } from "../../src/stockwidget/js/client/protocol.ts";
import { parseFrame } from "../../src/stockwidget/js/client/protocol.ts";
import { Session } from "../../src/stockwidget/js/client/session.ts";
import { EPOCH, event, record, snapshot } from "./frames.ts";

const hello = { k: "hello", d: {} } as Frame;
const whole = (s: number, q: number, changes: { state?: Record<string, unknown>; partial?: object; e?: string } = {}): Frame => {
  const { e = EPOCH, state = {}, partial = {} } = changes;
  const d = { state: record({ status: "running", ...state }), recovered: false, partial, logs: [] };
  return { v: 1, k: "snapshot", t: "t1", e, s, q, ts: 1, d } as unknown as Frame;
};
const subscribeTo = (cursor: object | null) => [{ do: "send", message: { op: "subscribe", tasks: { t1: cursor } } }];
const changed = [{ do: "changed", task: "t1" }];

let session: Session;
beforeEach(() => {
  session = new Session();
  session.follow("t1");
});

test("a transport begins without a cursor, a later one where we stand, and none asks for what has ended", () => {
  expect(session.cursors()).toEqual({ t1: null });
  session.receive(whole(5, 2));
  session.receive(event("progress", { s: 8, q: 2, d: { progress: 30 } }));
  expect(session.cursors()).toEqual({ t1: { e: EPOCH, s: 8, q: 2 } });
  session.receive(event("end", { s: 9, q: 3, d: { status: "completed" } }));
  expect(session.cursors()).toEqual({});
  expect(session.settled("t1")).toBe(true);
});

test("an end that only HTTP has told leaves the stream to tell what came before it", () => {
  session.record(record({ status: "completed", seq: 9, q: 3 }));
  expect(session.cursors()).toEqual({ t1: null });
});

test("two connections that tell the same, one behind the other, make one whole", () => {
  session.receive(whole(5, 2));
  const line = (s: number, q: number): Frame => event("log", { s, q, d: { level: "info", message: String(s) } });
  for (const frame of [line(6, 3), line(6, 3), line(7, 4), line(8, 5), line(7, 4), line(8, 5), line(9, 6)]) session.receive(frame);
  expect(session.view("t1")?.logs.map(({ message }) => message)).toEqual(["6", "7", "8", "9"]);
});

test("a recovered snapshot that answers an older question is no truth while a whole one is awaited", () => {
  session.receive(whole(5, 2, { partial: { rows: [1] } }));
  session.receive(event("partial", { s: 9, q: 4, d: { append: { rows: [3] } } }));
  session.receive({ ...whole(5, 2), d: { state: record(), recovered: true } } as Frame);
  expect(session.receive(event("partial", { s: 7, q: 3, d: { append: { rows: [2] } } }))).toEqual([]);
  expect(session.view("t1")?.partial).toEqual({ rows: [1] });
});

test("a tombstone in place of the first snapshot is a refusal", () => {
  expect(session.receive(event("gone", { s: 9, q: 4, d: { code: "expired" } }))).toMatchObject([{ do: "refused", task: "t1" }]);
});

test("a task followed later is subscribed at once, and never twice", () => {
  session.receive(hello);
  expect(session.follow("t2")).toEqual([{ do: "send", message: { op: "subscribe", tasks: { t2: null } } }]);
  expect(session.follow("t2")).toEqual([]);
  expect(session.unfollow("t2")).toEqual([{ do: "send", message: { op: "unsubscribe", tasks: ["t2"] } }]);
});

describe("after a snapshot", () => {
  beforeEach(() => {
    session.receive(hello);
    session.receive(whole(5, 2, { partial: { rows: [1] } }));
  });

  test("gaps in s are legal, repetitions are dropped", () => {
    expect(session.receive(event("progress", { s: 9, q: 2, d: { progress: 40 } }))).toEqual(changed);
    expect(session.receive(event("progress", { s: 9, q: 2, d: { progress: 10 } }))).toEqual([]);
    expect(session.view("t1")?.state.progress).toBe(40);
  });

  test("a gap in q asks for a whole snapshot and shows nothing incomplete until it comes", () => {
    const late = event("partial", { s: 9, q: 4, d: { append: { rows: [3] } } });
    expect(session.receive(late)).toEqual(subscribeTo(null));
    expect(session.receive(event("partial", { s: 10, q: 5, d: { append: { rows: [4] } } }))).toEqual([]);
    expect(session.view("t1")?.partial).toEqual({ rows: [1] });
    session.receive(whole(10, 5, { partial: { rows: [1, 2, 3, 4] } }));
    session.receive(event("partial", { s: 11, q: 6, d: { append: { rows: [5] } } }));
    expect(session.view("t1")?.partial).toEqual({ rows: [1, 2, 3, 4, 5] });
  });

  test("progress that has seen more kept events than we have shows the gap as well", () => {
    expect(session.receive(event("progress", { s: 9, q: 3, d: { progress: 50 } }))).toEqual(subscribeTo(null));
  });

  test("a recovered snapshot changes nothing; what was missed follows and is applied in order", () => {
    const recovered = { ...whole(5, 2), d: { state: record({ status: "completed" }), recovered: true } } as Frame;
    expect(session.receive(recovered)).toEqual([]);
    session.receive(event("partial", { s: 6, q: 3, d: { append: { rows: [2] } } }));
    expect(session.view("t1")).toMatchObject({ state: { status: "running" }, partial: { rows: [1, 2] } });
  });

  test("events of another epoch are never merged; its snapshot replaces everything", () => {
    expect(session.receive(event("log", { e: "other", s: 6, q: 3, d: { level: "info", message: "x" } }))).toEqual(subscribeTo(null));
    session.receive(whole(1, 1, { e: "other" }));
    expect(session.view("t1")).toMatchObject({ state: { epoch: "other", seq: 1 }, partial: {} });
  });

  test("a heartbeat above our q asks for what was lost; one at it asks nothing", () => {
    expect(session.receive({ k: "hb", d: { tasks: { t1: [7, 2] } } } as unknown as Frame)).toEqual([]);
    const ahead = { k: "hb", d: { tasks: { t1: [9, 3] } } } as unknown as Frame;
    expect(session.receive(ahead)).toEqual(subscribeTo({ e: EPOCH, s: 5, q: 2 }));
  });

  test("an unsolicited snapshot moves forward, an older one does not move back", () => {
    session.receive(event("progress", { s: 9, q: 2, d: { progress: 60 } }));
    expect(session.receive(whole(7, 2, { state: { progress: 20 } }))).toEqual([]);
    expect(session.receive(whole(12, 6, { state: { progress: 80 } }))).toEqual(changed);
    expect(session.view("t1")?.state.progress).toBe(80);
  });

  test("a record from HTTP is shown ahead of the stream without losing the events between", () => {
    session.record(record({ status: "completed", progress: 100, seq: 20, q: 5 }));
    expect(session.view("t1")).toMatchObject({ state: { status: "completed" }, partial: { rows: [1] } });
    session.receive(event("partial", { s: 6, q: 3, d: { append: { rows: [2] } } }));
    expect(session.view("t1")).toMatchObject({ state: { status: "completed", progress: 100 }, partial: { rows: [1, 2] } });
    expect(session.record(record({ progress: 10, seq: 6, q: 3 }))).toEqual([]);
  });

  test("an error about a task reaches it, one about the connection or a stranger does not", () => {
    const error = { code: "unknown_task", message: "No." };
    expect(session.receive({ k: "error", t: "t1", d: error })).toEqual([{ do: "refused", task: "t1", error }]);
    expect(session.receive({ k: "error", t: "t9", d: error })).toEqual([]);
    expect(session.receive({ k: "error", d: error })).toEqual([]);
  });
});

test("a seed is shown at once, but a stream that begins still sends everything", () => {
  const seeded = new Session();
  seeded.follow("t1", snapshot({ state: { progress: 70, seq: 40, q: 9 } }));
  expect(seeded.view("t1")?.state.progress).toBe(70);
  expect(seeded.cursors()).toEqual({ t1: null });
});

test.each(["", "[]", "1", "{}", '{"k":"hello"}', '{"k":"weather","d":{}}', '{"k":"state","t":"a","s":"1","q":1,"e":"x","d":{}}'])(
  "%j is no frame and is skipped",
  (text) => expect(parseFrame(text)).toBeNull(),
);

test("unknown fields of a frame are ignored", () => {
  expect(parseFrame('{"v":1,"k":"hb","ts":3,"x":1,"d":{"tasks":{}}}')).toMatchObject({ k: "hb" });
});
