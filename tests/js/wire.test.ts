/**
 * Fed the frames that Python recorded in tests/wire, the browser's session ends up knowing what Python's reader knew, whether they
 * come as messages of a socket, as events of a stream cut anywhere, or in the body of a poll.
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { EventStreamParser } from "../../src/stockwidget/js/client/eventstream.ts";
import { type Frame, parseFrame, readFrame } from "../../src/stockwidget/js/client/protocol.ts";
import { Session } from "../../src/stockwidget/js/client/session.ts";

interface View {
  readonly s: number;
  readonly q: number;
  readonly state: Record<string, unknown>;
  readonly partial: object;
  readonly logs: readonly object[];
}
interface Line {
  readonly epoch?: string;
  readonly before?: Record<string, View>;
  readonly message?: { readonly op?: string; readonly tasks?: Record<string, unknown> };
  readonly out?: readonly { readonly send?: readonly Record<string, unknown>[] }[];
  readonly view?: Record<string, View>;
}

const folder = join(import.meta.dirname, "..", "wire");
const transcripts = readdirSync(folder).filter((name) => name.endsWith(".jsonl"));

/** A whole snapshot that leaves a reader where `view` is. */
const asSnapshot = (task: string, e: string, { s, q, state, partial, logs }: View): Frame =>
  ({ v: 1, k: "snapshot", t: task, e, s, q, ts: 0, d: { recovered: false, state, partial, logs } }) as unknown as Frame;

test("there are transcripts", () => expect(transcripts.length).toBeGreaterThan(5));

type Wire = Record<string, unknown>;
const ways: [string, (frames: readonly Wire[]) => (Frame | null)[]][] = [
  ["ws", (frames) => frames.map((frame) => parseFrame(JSON.stringify(frame)))],
  ["sse", (frames) => {
    const text = frames.map((frame) => `event: ${String(frame.k)}\nid: {}\ndata: ${JSON.stringify(frame)}\n\n`).join("");
    const parser = new EventStreamParser();
    const pieces = text.match(/[\s\S]{1,97}/g) ?? [];
    return pieces.flatMap((piece) => parser.feed(piece)).map(({ data }) => parseFrame(data));
  }],
  ["poll", (frames) => (JSON.parse(JSON.stringify({ frames })) as { frames: Wire[] }).frames.map(readFrame)],
];

describe.each(ways)("%s", (_way, carry) => test.each(transcripts)("%s", (name) => {
  const lines = readFileSync(join(folder, name), "utf8").trim().split("\n").map((line) => JSON.parse(line) as Line);
  const [head, end] = [lines[0], lines.at(-1)];
  const session = new Session();
  const removed = new Set<string>();
  for (const [task, view] of Object.entries(head?.before ?? {})) {
    session.follow(task);
    session.receive(asSnapshot(task, head?.epoch ?? "", view));
  }
  for (const { message, out = [] } of lines) {
    if (message?.op === "subscribe") for (const task of Object.keys(message.tasks ?? {})) session.follow(task);
    const sent = out.flatMap(({ send = [] }) => send);
    const carried = carry(sent);
    expect(carried).toHaveLength(sent.length);
    for (const [n, parsed] of carried.entries()) {
      expect(parsed, `the browser knows ${JSON.stringify(sent[n])}`).not.toBeNull();
      if (parsed) session.receive(parsed);
      if (parsed?.k === "gone") removed.add(parsed.t);
    }
  }
  for (const [task, known] of Object.entries(end?.view ?? {})) {
    const shown = session.view(task);
    // The record repeats the place, and Python's test reader leaves that, and what a tombstone does to the status, alone.
    const { s: seq, q } = known;
    const status = removed.has(task) ? "expired" : known.state.status;
    expect(shown).toMatchObject({ state: { ...known.state, seq, q, status }, partial: known.partial, logs: known.logs });
  }
}));
