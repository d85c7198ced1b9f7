/** The browser's reducer gives what `Snapshot.apply` of tasks/events.py gives, event by event. */

import { expect, test } from "vitest";

import type { EventFrame } from "../../src/stockwidget/js/client/protocol.ts";
import { apply, LOG_TAIL, merge } from "../../src/stockwidget/js/client/reduce.ts";
import { event, snapshot } from "./frames.ts";

test("progress changes the record and keeps everything else", () => {
  const before = snapshot({ partial: { rows: [1] } });
  const after = apply(before, event("progress", { s: 7, q: 2, d: { progress: 40, stage: "indicators", eta_s: 0.4 } }));
  expect(after.state).toMatchObject({ progress: 40, stage: "indicators", eta_s: 0.4, seq: 7, q: 2, title: "AAPL" });
  expect(after.partial).toEqual({ rows: [1] });
  expect(before.state.progress).toBe(0);
});

test("a field the record does not have is left out, and the envelope alone says where the event stands", () => {
  const after = apply(snapshot(), event("state", { s: 3, q: 2, d: { status: "running", seq: 99, mood: "good" } }));
  expect(after.state).toMatchObject({ status: "running", seq: 3 });
  expect(after.state).not.toHaveProperty("mood");
});

test("a higher attempt voids the partial result and keeps the log", () => {
  const before = snapshot({ partial: { rows: [1] }, logs: [{ level: "info", message: "x", ts: 1 }] });
  const { attempt } = before.state;
  const again = apply(before, event("state", { s: 3, q: 2, d: { status: "queued", attempt: attempt + 1, progress: 0 } }));
  expect(again.state).toMatchObject({ status: "queued", attempt: attempt + 1, progress: 0 });
  expect(again.partial).toEqual({});
  expect(again.logs).toEqual(before.logs);
  const same = apply(before, event("state", { s: 3, q: 2, d: { status: "running", attempt } }));
  expect(same.partial).toEqual({ rows: [1] });
});

test("partial results replace by set and extend by append", () => {
  const first = merge({}, { set: { columns: ["symbol"] }, append: { rows: [["AAPL"]] } });
  expect(merge(first, { append: { rows: [["MSFT"]] } })).toEqual({ columns: ["symbol"], rows: [["AAPL"], ["MSFT"]] });
  expect(first.rows).toEqual([["AAPL"]]);
});

test("the log keeps its newest lines, each with the time of its event", () => {
  let state = snapshot();
  for (let i = 1; i <= LOG_TAIL + 5; i += 1) {
    state = apply(state, event("log", { s: i, q: i, ts: i, d: { level: "info", message: `line ${i}` } }));
  }
  expect(state.logs).toHaveLength(LOG_TAIL);
  expect(state.logs[0]).toEqual({ level: "info", message: "line 6", ts: 6 });
});

test("gone leaves the tombstone and nothing of the result", () => {
  const before = snapshot({ partial: { rows: [1] }, logs: [{ level: "info", message: "x", ts: 1 }] });
  const after = apply(before, event("gone", { s: 9, q: 4, d: { code: "expired", how_to_rerun: "run it again" } }));
  expect(after.state.status).toBe("expired");
  expect(after).toMatchObject({ partial: {}, logs: [], gone: { how_to_rerun: "run it again" } });
});

test("a field called like one of Object's own is not taken for the record's", () => {
  const frame = event("state", { s: 1, q: 1, d: { status: "running", toString: "x" } }) as EventFrame;
  expect(Object.hasOwn(apply(snapshot(), frame).state, "toString")).toBe(false);
});
