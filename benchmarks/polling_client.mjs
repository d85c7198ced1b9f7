/**
 * The browser's own client, on a simulated clock against a simulated server that follows the poll
 * contract of docs/protocol.md; beside it a page that asks for the record every 2 s. Prints one JSON object a case.
 * Called by polling.py.
 */

import { Api, Client, Counters, nextMs, openPoll, subscribeTaskStatus } from "./client.mjs";

/** There and back, each. */
const WAY_MS = 20;
const FIXED_MS = 2_000;
const FIRST_MS = 1_700_000_000_000;

/** Time that passes only when nothing else is left to do. */
class World {
  now = 0;
  #queue = [];
  #order = 0;

  clock = {
    now: () => FIRST_MS + this.now,
    after: (ms, callback) => {
      const entry = { at: this.now + Math.max(0, ms), order: (this.#order += 1), callback };
      this.#queue.push(entry);
      return entry;
    },
    cancel: (entry) => {
      if (entry) entry.callback = null;
    },
  };

  later(ms) {
    return new Promise((resolve) => this.clock.after(ms, resolve));
  }

  async until(done) {
    while (!done()) {
      this.#queue.sort((a, b) => a.at - b.at || a.order - b.order);
      const next = this.#queue.shift();
      if (!next) throw new Error("Nothing is left to happen, and it is not done.");
      if (!next.callback) continue;
      this.now = next.at;
      next.callback();
      // What follows from it without time passing: promises, and streams of responses.
      for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

/** One task that changes at given times and completes at the last of them. */
class Server {
  requests = 0;
  useless = 0;
  #world;
  #times;
  #waiting = new Set();
  #shown = null;

  constructor(world, times) {
    this.#world = world;
    this.#times = times;
    for (const at of times) world.clock.after(at, () => this.#waiting.forEach((wake) => wake()));
  }

  get #version() {
    return this.#times.filter((at) => at <= this.#world.now).length;
  }

  #record() {
    const n = this.#version;
    const status = n === this.#times.length ? "completed" : "running";
    return {
      id: "t", kind: "analysis", name: null, title: "T", params: {}, status, progress: (100 * n) / this.#times.length, stage: null,
      stages: [], counters: {}, eta_s: null, created_at: 0, started_at: 0, ended_at: null, retain_until: null, attempt: 1, reason: null,
      epoch: "e", seq: 1 + n, q: 1 + n, error: null, summary: null,
    };
  }

  fetch = async (input, init = {}) => {
    const url = new URL(input);
    const name = url.pathname.split("/api/v1/")[1];
    this.requests += 1;
    await this.#world.later(WAY_MS);
    const response = await this.#answer(name, url.searchParams, init);
    await this.#world.later(WAY_MS);
    return response;
  };

  async #answer(name, query, { headers, signal }) {
    if (name === "info") return json({ epoch: "e", server_id: "s", transports: ["poll"] });
    if (name === "tasks/t/result") return json({ kind: "analysis" });
    if (name === "tasks/t") {
      const text = JSON.stringify(this.#record());
      if (text === this.#shown) this.useless += 1;
      this.#shown = text;
      return json(JSON.parse(text));
    }
    if (name !== "poll") return json({ code: "unknown_route", message: name }, 404);
    const cursor = JSON.parse(query.get("since")).t;
    const waitS = Number(query.get("wait"));
    const news = () => cursor === null || cursor.s <= this.#version;
    if (!news()) await this.#wait(waitS * 1000, signal);
    const moved = news();
    const next_ms = nextMs({ moved, live: true, waitS, lastMs: Number(query.get("last_ms")), visible: query.get("visible") !== "0" });
    const etag = `"${this.#version}"`;
    if (!moved) this.useless += 1;
    if (!moved && headers["If-None-Match"] === etag) return new Response(null, { status: 304, headers: { ETag: etag, "X-Next-Ms": String(next_ms) } });
    return json({ v: 1, e: "e", server_id: "s", next_ms, frames: moved ? this.#frames(cursor) : [] }, 200, { ETag: etag });
  }

  #frames(cursor) {
    const state = this.#record();
    const at = { v: 1, t: "t", e: "e", ts: FIRST_MS };
    if (cursor === null) return [{ ...at, k: "snapshot", s: state.seq, q: state.q, d: { recovered: false, state, partial: {}, logs: [] } }];
    const frames = [{ ...at, k: "snapshot", s: cursor.s, q: cursor.q, d: { recovered: true, state } }];
    for (let s = cursor.s + 1; s <= state.seq; s += 1) {
      const last = s === 1 + this.#times.length;
      const d = { status: last ? "completed" : "running", progress: (100 * (s - 1)) / this.#times.length };
      frames.push({ ...at, k: last ? "end" : "state", s, q: s, d });
    }
    return frames;
  }

  #wait(ms, signal) {
    return new Promise((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake);
        this.#world.clock.cancel(timer);
        resolve();
      };
      const timer = this.#world.clock.after(ms, wake);
      this.#waiting.add(wake);
      signal?.addEventListener("abort", wake);
    });
  }
}

const json = (value, status = 200, headers = {}) =>
  new Response(JSON.stringify(value), { status, headers: { "Content-Type": "application/json", ...headers } });
const HOST = { apiUrl: "http://server/stockwidget/api/v1/", socketUrl: "", token: "", xsrf: () => "" };

async function smart(times) {
  const world = new World();
  const server = new Server(world, times);
  const { clock } = world;
  const counters = new Counters();
  const api = new Api(HOST, server.fetch, counters);
  const openers = { poll: (sink, cursors) => openPoll({ api, apiUrl: HOST.apiUrl, clock, counters }, sink, cursors) };
  const client = new Client({ api, openers, clock, counters, random: () => 0.5 });
  let changes = 0;
  let seen = null;
  subscribeTaskStatus(client, "t", ({ status }) => {
    changes += 1;
    if (status === "completed") seen = world.now;
  }, clock);
  await world.until(() => seen !== null);
  if (counters.of("poll").useless !== server.useless) throw new Error("Client and server count useless polls differently.");
  return { requests: server.requests, useless: server.useless, late_s: (seen - times.at(-1)) / 1000, changes };
}

async function fixed(times) {
  const world = new World();
  const server = new Server(world, times);
  let seen = null;
  const ask = async () => {
    world.clock.after(FIXED_MS, () => void (seen === null && ask()));
    const { status } = await (await server.fetch(`${HOST.apiUrl}tasks/t`)).json();
    if (status === "completed") seen ??= world.now;
  };
  void ask();
  await world.until(() => seen !== null);
  return { requests: server.requests, useless: server.useless, late_s: (seen - times.at(-1)) / 1000 };
}

const timesOf = (end, changes) => [...Array.from({ length: changes }, (_, n) => (end * (n + 1)) / (changes + 1)), end];
/** When a task ends decides how late it is seen: in the middle of a wait, or in a pause. */
const PHASES = Array.from({ length: 24 }, (_, n) => n * 931);

for (const { seconds, changes } of JSON.parse(process.argv[2])) {
  const row = { seconds, changes };
  for (const [name, poller] of Object.entries({ smart, fixed })) {
    const late = [];
    for (const phase of PHASES) late.push((await poller(timesOf(seconds * 1000 + phase, changes))).late_s);
    const { requests, useless } = await poller(timesOf(seconds * 1000, changes));
    late.sort((a, b) => a - b);
    row[name] = { requests, useless, late_p50_s: late[late.length >> 1], late_max_s: late.at(-1) };
  }
  console.log(JSON.stringify(row));
}
process.exit(0);
