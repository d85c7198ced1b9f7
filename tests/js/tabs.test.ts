/**
 * Tabs of one browser that have only HTTP share one stream: each is told of its own tasks from its own place, and when the
 * tab that leads goes, another carries on without a gap. BroadcastChannel is real; each tab is a client of its own.
 */

import { BroadcastChannel as NodeChannel } from "node:worker_threads";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { Client } from "../../src/stockwidget/js/client/client.ts";
import { channelElection, type Election, lockElection, type Wire } from "../../src/stockwidget/js/client/election.ts";
import { shared, wireOf } from "../../src/stockwidget/js/client/tabs.ts";
import type { OpenTransport } from "../../src/stockwidget/js/client/transports/transport.ts";
import { FarEnd, hurried } from "./farend.ts";
import { clientOf, Reader } from "./following.ts";
import { until } from "./server.ts";

const SPEED = 10;
const clock = hurried(SPEED);

/** Web Locks as the standard has them, for one exclusive lock a name: https://w3c.github.io/web-locks */
class Locks {
  readonly #queues = new Map<string, (() => Promise<void>)[]>();

  request(name: string, { signal }: { signal?: AbortSignal }, callback: (lock: Lock | null) => unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const queue = this.#queues.get(name) ?? [];
      this.#queues.set(name, queue);
      const run = async (): Promise<void> => {
        if (!signal?.aborted) resolve(await callback({ name, mode: "exclusive" }));
        queue.shift();
        void queue[0]?.();
      };
      signal?.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
      queue.push(run);
      if (queue.length === 1) queueMicrotask(() => void run());
    });
  }
}

let far: FarEnd;
let tabs: Client[];
let topic: string;
let locks: Locks;
const kinds: [string, (wire: Wire, tab: string) => Election][] = [
  ["Web Locks", () => lockElection(locks as unknown as LockManager, topic)],
  ["no Web Locks", (wire, tab) => channelElection(wire, tab, clock, Math.random)],
];

beforeEach(async () => {
  far = await new FarEnd(SPEED).start();
  far.transports = ["sse", "poll"];
  tabs = [];
  topic = `test-${Math.random()}`;
  locks = new Locks();
});
afterEach(async () => {
  for (const tab of tabs) tab.suspend();
  await far.stop();
});

function openTab(elect: (wire: Wire, tab: string) => Election): Client {
  const tab = `tab-${tabs.length}`;
  const share = (name: "sse" | "poll", open: OpenTransport | undefined): OpenTransport =>
    shared(name, open as OpenTransport, () => {
      const channel = new NodeChannel(`${topic}:${name}`);
      const wire = wireOf(channel as unknown as BroadcastChannel);
      return { tab, wire, elect: elect(wire, tab) };
    });
  const client = clientOf(far, clock, { share: (openers) => ({ sse: share("sse", openers.sse), poll: share("poll", openers.poll) }) });
  tabs.push(client);
  return client;
}
const lines = (n: number): string[] => Array.from({ length: n }, (_, i) => String(i + 1));

describe.each(kinds)("%s", (_name, elect) => {
  test("seven tabs, one stream; each hears of its own tasks, also of what was said before it came", async () => {
    for (let n = 0; n < 7; n += 1) {
      far.task(`t${n % 3}`);
      far.log(`t${n % 3}`, "early");
    }
    const readers = Array.from({ length: 7 }, (_, n) => new Reader(openTab(elect), `t${n % 3}`, clock));
    await until(() => readers.every(({ logs }) => logs.includes("early")), "what was said before");
    await until(() => far.readers === 1, "one stream");
    for (const id of far.tasks.keys()) far.log(id, "late");
    await until(() => readers.every(({ logs }) => logs.at(-1) === "late"), "what is said now");
    expect(readers.every(({ logs }) => logs.filter((line) => line === "late").length === 1)).toBe(true);
    expect(far.readers).toBe(1);
    expect(tabs.every(({ link }) => link.state === "live" && link.transport === "sse")).toBe(true);
  });

  test("the leading tab is closed: another carries on, and nothing is lost or doubled", async () => {
    far.task("t1");
    const readers = [0, 1, 2].map(() => new Reader(openTab(elect), "t1", clock));
    await until(() => readers.every(({ last }) => last !== undefined) && far.readers === 1, "all tabs live");
    let said = 0;
    const say = (): void => far.log("t1", String(++said));
    for (let left = 0; left < 2; left += 1) {
      say();
      await until(() => readers.slice(left).every(({ logs }) => logs.length === said), "the line before");
      readers[left]?.stop();
      tabs[left]?.suspend();
      say();
      say();
      await until(() => readers.slice(left + 1).every(({ logs }) => logs.length === said), "the lines after");
      expect(readers.slice(left + 1).every(({ logs }) => logs.join() === lines(said).join())).toBe(true);
    }
    far.end("t1");
    await until(() => readers[2]?.done ?? false, "the result in the last tab");
  });

  test("a task that ends for the leader goes on for the others", async () => {
    far.task("t1");
    far.task("t2");
    const first = new Reader(openTab(elect), "t1", clock);
    await until(() => first.last !== undefined && far.readers === 1, "the leader");
    const second = new Reader(openTab(elect), "t2", clock);
    await until(() => second.last !== undefined && (tabs[1]?.link.state === "live"), "the other");
    far.end("t1");
    await until(() => first.done, "the leader's result");
    far.log("t2", "still here");
    await until(() => second.logs.includes("still here"), "the other's line");
    far.end("t2");
    await until(() => second.done && far.readers === 0, "the end of all");
  });

  test("where streams are held back, the tabs poll together", async () => {
    far.streams = "held";
    far.task("t1");
    const readers = [0, 1, 2].map(() => new Reader(openTab(elect), "t1", clock));
    await until(() => tabs.every(({ link }) => link.downgrades === 1 && link.transport === "poll" && link.state === "live"), "polling");
    await until(() => far.readers === 1, "one poll under way");
    far.log("t1", "1");
    await until(() => readers.every(({ logs }) => logs.join() === "1"), "the line");
  });
});

test("two tabs that both believe to lead settle it: one stays", async () => {
  const ends: (() => void)[] = [];
  const leads: string[] = [];
  for (const tab of ["a", "b", "c"]) {
    const wire = wireOf(new NodeChannel(topic) as unknown as BroadcastChannel);
    const election = channelElection(wire, tab, clock, () => 0); // The same patience for all.
    ends.push(election({ lead: () => leads.push(tab), yield: () => leads.splice(leads.indexOf(tab), 1) }));
  }
  await until(() => leads.join() === "c", "one that stays");
  await new Promise((later) => setTimeout(later, 300));
  expect(leads).toEqual(["c"]);
  for (const end of ends) end();
});
