/**
 * A server that follows docs/protocol.md over real HTTP and WebSocket, and misbehaves on purpose: refuses, holds back, cuts,
 * goes silent, compresses, vanishes. Tasks change when a test says so.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { createGzip } from "node:zlib";

import { type WebSocket, WebSocketServer } from "ws";

import { type Clock, systemClock } from "../../src/stockwidget/js/client/clock.ts";
import type { Host } from "../../src/stockwidget/js/client/host.ts";
import type { UtcMillis } from "../../src/stockwidget/js/client/protocol.ts";
import { EPOCH, record } from "./frames.ts";

const PREFIX = "/user/x/stockwidget/api/v1/";
type Json = Record<string, unknown>;
interface Place { e: string; s: number; q: number }
type Places = Record<string, Place | null>;

/** A clock that runs `speed` times as fast as the wall's: waits of seconds take fractions of one. */
export function hurried(speed: number): Clock {
  const start = Date.now();
  return {
    ...systemClock,
    now: () => (start + (Date.now() - start) * speed) as UtcMillis,
    after: (ms, callback) => setTimeout(callback, ms / speed),
  };
}

class Task {
  readonly events: Json[] = [];
  readonly logs: Json[] = [];
  partial: Json = {};
  state: Json;
  s = 1;
  q = 1;

  constructor(id: string) {
    this.state = { ...record({ id, status: "running" }) } as unknown as Json;
  }

  emit(id: string, e: string, k: string, d: Json): Json {
    this.s += 1;
    if (k !== "progress") this.q += 1;
    if (k === "log") this.logs.push({ ...d, ts: this.s });
    else if (k === "partial") for (const [key, rows] of Object.entries((d.append ?? {}) as Record<string, unknown[]>)) {
      this.partial = { ...this.partial, [key]: [...((this.partial[key] ?? []) as unknown[]), ...rows] };
    } else this.state = { ...this.state, ...d };
    const frame = { v: 1, k, t: id, e, s: this.s, q: this.q, ts: this.s, d };
    this.events.push(frame);
    return frame;
  }

  record(e: string): Json {
    return { ...this.state, epoch: e, seq: this.s, q: this.q };
  }

  /** The answer to a subscription: a whole snapshot, or what came after the cursor. */
  answer(id: string, e: string, cursor: Place | null): Json[] {
    const recovered = cursor !== null && cursor.e === e;
    const [s, q] = recovered ? [cursor.s, cursor.q] : [this.s, this.q];
    const d = { recovered, state: this.record(e), retain_until: null, ...(recovered ? {} : { partial: this.partial, logs: this.logs }) };
    const newest = this.events.filter((event) => event.k === "progress").at(-1);
    const missed = recovered ? this.events.filter((event) => (event.s as number) > s && (event.k !== "progress" || event === newest)) : [];
    return [{ v: 1, k: "snapshot", t: id, e, s, q, ts: 1, d }, ...missed];
  }
}

interface Reader {
  readonly tasks: Set<string>;
  readonly send: (frame: Json) => void;
}

export class FarEnd {
  epoch = EPOCH;
  transports = ["ws", "sse", "poll"];
  /** Handshakes are answered by 400, as by a proxy that does not upgrade. */
  refuseSockets = false;
  /** Sockets open and then nothing comes: packets are dropped. */
  muteSockets = false;
  /** Streams: headers never come, as behind a proxy that buffers; the greeting comes, and nothing after it; compressed. */
  streams: "ok" | "held" | "collected" | "gzip" = "ok";
  /** Requests that last longer (ms of the wall) are cut, as by a proxy's idle timeout. */
  cutAfterMs = Number.POSITIVE_INFINITY;
  /** What every HTTP request is answered, where set. */
  answerAll: { status: number; headers?: Record<string, string>; body?: string } | null = null;
  /** What `GET tasks/<id>/result` is answered, where set. */
  answerResult: { status: number; json: unknown } | null = null;
  readonly requests: { method: string; path: string; query: URLSearchParams; headers: IncomingMessage["headers"]; body: string }[] = [];
  readonly sockets = new Set<WebSocket>();
  readonly tasks = new Map<string, Task>();
  readonly #readers = new Set<Reader>();
  readonly #raw = new Set<Socket>();
  readonly #speed: number;
  #http: Server | null = null;
  #beating: ReturnType<typeof setInterval> | undefined;
  #port = 0;

  constructor(speed = 1) {
    this.#speed = speed;
  }

  get host(): Host {
    const at = `127.0.0.1:${this.#port}${PREFIX}`;
    return { apiUrl: `http://${at}`, socketUrl: `ws://${at}ws`, socketProtocols: [], token: "secret", xsrf: () => "x1" };
  }

  /** How many times `path` was asked. */
  asked(path: string): number {
    return this.requests.filter((request) => request.path === path).length;
  }

  get readers(): number {
    return this.#readers.size;
  }

  task(id: string): Task {
    const task = this.tasks.get(id) ?? new Task(id);
    this.tasks.set(id, task);
    return task;
  }

  emit(id: string, k: string, d: Json = {}): void {
    const frame = this.task(id).emit(id, this.epoch, k, d);
    for (const reader of [...this.#readers]) if (reader.tasks.has(id)) reader.send(frame);
  }
  log(id: string, message: string): void {
    this.emit(id, "log", { level: "info", message });
  }
  end(id: string): void {
    this.emit(id, "end", { status: "completed", progress: 100 });
  }

  async start(): Promise<this> {
    const http = createServer((request, response) => void this.#serve(request, response));
    http.on("connection", (socket) => {
      this.#raw.add(socket);
      socket.on("error", () => undefined); // A reader that hangs up is a reader's right.
      socket.on("close", () => this.#raw.delete(socket));
    });
    const upgrade = new WebSocketServer({ noServer: true });
    http.on("upgrade", (request, socket, head) => {
      const ok = !this.refuseSockets && this.answerAll === null && this.transports.includes("ws") && request.url?.startsWith(`${PREFIX}ws`);
      if (!ok) return void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
      upgrade.handleUpgrade(request, socket, head, (opened) => this.#socket(opened));
    });
    await new Promise<void>((listening) => http.listen(this.#port, "127.0.0.1", listening));
    this.#port = (http.address() as AddressInfo).port;
    this.#http = http;
    this.#beating = setInterval(() => {
      for (const reader of [...this.#readers]) reader.send({ v: 1, k: "hb", ts: 1, d: { tasks: {} } });
    }, 15_000 / this.#speed);
    return this;
  }

  /** The process is gone; `start` brings it back at the same port. */
  async stop(): Promise<void> {
    const http = this.#http;
    this.#http = null;
    clearInterval(this.#beating);
    const closed = new Promise<void>((done) => (http ? http.close(() => done()) : done()));
    for (const socket of this.#raw) socket.destroy();
    this.#readers.clear();
    await closed;
  }

  /** Every connection breaks. */
  cut(): void {
    for (const socket of this.#raw) socket.destroy();
    this.#readers.clear();
  }

  #socket(socket: WebSocket): void {
    this.sockets.add(socket);
    const say = (frame: Json): void => {
      if (!this.muteSockets) socket.send(JSON.stringify(frame));
    };
    const reader: Reader = { tasks: new Set(), send: say };
    this.#readers.add(reader);
    socket.on("close", () => {
      this.sockets.delete(socket);
      this.#readers.delete(reader);
    });
    socket.on("message", (data) => {
      const message = JSON.parse(String(data)) as { op: string; tasks?: Places | string[] };
      if (message.op === "ping") say({ v: 1, k: "hb", ts: 1, d: { tasks: {} } });
      else if (message.op === "subscribe") this.#follow(reader, message.tasks as Places);
      else if (message.op === "unsubscribe") for (const task of message.tasks as string[]) reader.tasks.delete(task);
    });
    say(this.#hello());
  }

  #hello(): Json {
    return { v: 1, k: "hello", e: this.epoch, ts: 1, d: { server_id: "far-end", heartbeat_ms: 15_000 } };
  }

  #follow(reader: Reader, places: Places): void {
    for (const [id, cursor] of Object.entries(places)) {
      const task = this.tasks.get(id);
      if (!task) reader.send({ v: 1, k: "error", t: id, ts: 1, d: { code: "unknown_task", message: `No task ${id}.` } });
      else {
        reader.tasks.add(id);
        for (const frame of task.answer(id, this.epoch, cursor)) reader.send(frame);
      }
    }
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://x");
    const path = url.pathname.replace(PREFIX, "");
    let body = "";
    for await (const chunk of request) body += String(chunk);
    this.requests.push({ method: request.method ?? "", path, query: url.searchParams, headers: request.headers, body });
    const timer = Number.isFinite(this.cutAfterMs) ? setTimeout(() => request.socket.destroy(), this.cutAfterMs) : undefined;
    response.on("close", () => clearTimeout(timer));
    if (this.answerAll) {
      response.writeHead(this.answerAll.status, this.answerAll.headers);
      return void response.end(this.answerAll.body ?? "");
    }
    const sent = body ? (JSON.parse(body) as { tasks?: Places; wait?: number }) : {};
    if (path === "events") return this.#stream(response, sent.tasks ?? (JSON.parse(url.searchParams.get("cursor") ?? "{}") as Places));
    if (path === "poll") {
      const wait = sent.wait ?? Number(url.searchParams.get("wait") ?? 20);
      return this.#poll(request, response, sent.tasks ?? (JSON.parse(url.searchParams.get("since") ?? "{}") as Places), wait);
    }
    if (path === "info") return json(response, 200, { epoch: this.epoch, server_id: "far-end", transports: this.transports });
    if (path === "report") return json(response, 200, { counted: 1 });
    const [, id = "", what] = /^tasks\/([^/]+)(?:\/(\w+))?$/.exec(path) ?? [];
    const task = this.tasks.get(id);
    if (!task) return json(response, 404, { code: "unknown_task", message: `No task ${id}.` });
    if (what === "result" && this.answerResult) return json(response, this.answerResult.status, this.answerResult.json);
    if (what === "result") return json(response, 200, { kind: "analysis", of: id });
    json(response, 200, task.record(this.epoch));
  }

  #stream(response: ServerResponse, places: Places): void {
    if (!this.transports.includes("sse")) return json(response, 409, { code: "realtime_disabled", message: "Polling only." });
    if (this.streams === "held") return; // Neither headers nor body.
    const zip = this.streams === "gzip";
    response.writeHead(200, { "Content-Type": "text/event-stream", ...(zip ? { "Content-Encoding": "gzip" } : {}) });
    const out = zip ? createGzip() : response;
    if (zip) out.pipe(response);
    const flush = (): void => ("flush" in out ? (out as { flush(): void }).flush() : undefined);
    const send = (frame: Json): void => {
      out.write(`event: ${String(frame.k)}\ndata: ${JSON.stringify(frame)}\n\n`);
      flush();
    };
    out.write(`:${" ".repeat(2048)}\n\n`);
    send(this.#hello());
    const reader: Reader = { tasks: new Set(), send: (frame) => void (this.streams !== "collected" && send(frame)) };
    this.#readers.add(reader);
    response.on("close", () => this.#readers.delete(reader));
    this.#follow(reader, places);
  }

  #poll(request: IncomingMessage, response: ServerResponse, places: Places, wait: number): void {
    const frames: Json[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const answer = (): void => {
      clearTimeout(timer);
      this.#readers.delete(reader);
      const etag = `"${JSON.stringify(Object.keys(places).map((id) => [id, this.tasks.get(id)?.s]))}"`;
      const headers = { ETag: etag, "X-Next-Ms": frames.length > 0 ? "500" : "1000" };
      if (frames.length === 0 && request.headers["if-none-match"] === etag) return void response.writeHead(304, headers).end();
      json(response, 200, { v: 1, e: this.epoch, server_id: "far-end", next_ms: Number(headers["X-Next-Ms"]), frames }, headers);
    };
    const soon = (): void => {
      clearTimeout(timer);
      timer = setTimeout(answer, 5);
    };
    const news = (frame: Json): void => {
      if (frame.k === "hb" || (frame.k === "snapshot" && (frame.d as Json).recovered)) return; // Nothing new so far.
      frames.push(frame);
      soon();
    };
    const reader: Reader = { tasks: new Set(), send: news };
    this.#readers.add(reader);
    response.on("close", () => this.#readers.delete(reader));
    timer = setTimeout(answer, (wait * 1000) / this.#speed);
    this.#follow(reader, places);
  }
}

function json(response: ServerResponse, status: number, value: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "Content-Type": "application/json", ...headers });
  response.end(JSON.stringify(value));
}
