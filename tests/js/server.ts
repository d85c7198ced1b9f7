/** A real HTTP and WebSocket server that answers as a test tells it to: the far end, on the loopback interface. */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { WebSocket, WebSocketServer } from "ws";

import type { Host } from "../../src/stockwidget/js/client/host.ts";

export interface Reply {
  readonly status?: number;
  readonly json?: unknown;
  readonly html?: string;
  readonly location?: string;
  readonly headers?: Record<string, string>;
}

export type Route = (request: IncomingMessage) => Reply;

export interface TestServer {
  readonly host: Host & { cookie: string };
  /** By "GET tasks/t1"; what is not there answers 404 in HTML, as a server without the extension does. */
  readonly routes: Map<string, Route>;
  readonly requests: IncomingMessage[];
  readonly sockets: WebSocket[];
  readonly messages: unknown[];
  /** Called for each socket once it is open. */
  onSocket: (socket: WebSocket) => void;
  refuseSockets: boolean;
  close(): Promise<void>;
}

const PREFIX = "/user/x/stockwidget/api/v1/";

export async function serve(): Promise<TestServer> {
  const routes = new Map<string, Route>();
  const requests: IncomingMessage[] = [];
  const sockets: WebSocket[] = [];
  const messages: unknown[] = [];
  const http = createServer((request, response) => {
    requests.push(request);
    const route = routes.get(`${request.method} ${(request.url ?? "").replace(PREFIX, "")}`);
    write(response, route ? route(request) : { status: 404, html: "<h1>404</h1>" });
  });
  const upgrade = new WebSocketServer({ noServer: true });
  http.on("upgrade", (request, socket, head) => {
    if (server.refuseSockets || request.url !== `${PREFIX}ws`) return socket.destroy();
    upgrade.handleUpgrade(request, socket, head, (opened) => {
      sockets.push(opened);
      opened.on("message", (data) => messages.push(JSON.parse(String(data))));
      server.onSocket(opened);
    });
  });
  await new Promise<void>((listening) => http.listen(0, "127.0.0.1", listening));
  const { port } = http.address() as AddressInfo;
  const host = {
    apiUrl: `http://127.0.0.1:${port}${PREFIX}`,
    socketUrl: `ws://127.0.0.1:${port}${PREFIX}ws`, socketProtocols: [],
    token: "secret",
    cookie: "x1",
    xsrf: () => host.cookie,
  };
  const server: TestServer = {
    host, routes, requests, sockets, messages, refuseSockets: false,
    onSocket: (socket) => socket.send(JSON.stringify({ v: 1, k: "hello", ts: 1, d: { heartbeat_ms: 15000 } })),
    close: () => {
      for (const socket of sockets) socket.terminate();
      http.closeAllConnections();
      return new Promise((closed) => http.close(() => closed()));
    },
  };
  return server;
}

function write(response: ServerResponse, { status = 200, json, html, location, headers = {} }: Reply): void {
  const type = json === undefined ? "text/html" : "application/json; charset=UTF-8";
  response.writeHead(status, { "Content-Type": type, ...(location ? { Location: location } : {}), ...headers });
  response.end(json === undefined ? (html ?? "") : JSON.stringify(json));
}

/** Resolve once `check` holds; events of real sockets take their time. */
export async function until(check: () => boolean, what: string): Promise<void> {
  const end = Date.now() + 5_000;
  while (!check()) {
    if (Date.now() > end) throw new Error(`Waited 5 s in vain for: ${what}`);
    await new Promise((next) => setTimeout(next, 5));
  }
}

export const NodeSocket = WebSocket as unknown as new (url: string) => globalThis.WebSocket;
