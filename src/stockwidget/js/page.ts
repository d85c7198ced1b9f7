/**
 * All that a web page needs to follow tasks:
 *
 *     <script type="module" src="<base_url>stockwidget/static/client.js"></script>
 *     <script type="module">
 *       const stop = subscribeTaskStatus(taskId, ({ status, progress, result, error }) => …);
 *     </script>
 *
 * The server is the one this file came from. A page with the login cookie needs no more; another loads
 * tells by `configure` where the server is and with which token; `#token=…` of its address does as well.
 */

import type { Client, ConnectionStatus } from "./client/client.ts";
import type { Faults } from "./client/faults.ts";
import { hostAt, hostOf } from "./client/host.ts";
import type { Answer, Submission } from "./client/http.ts";
import { pageClient } from "./client/page.ts";
import type { TaskState } from "./client/protocol.ts";
import { subscribeTaskStatus as subscribe, type TaskStatusCallback } from "./client/taskstatus.ts";

export type { TaskStatus, TaskStatusCallback } from "./client/taskstatus.ts";
export type { ConnectionStatus, Faults };

export interface Configuration {
  /** Absolute or relative to the page; that of the Jupyter server, without `stockwidget/`. */
  readonly baseUrl?: string;
  /** As `jupyter server list` shows it. */
  readonly token?: string;
}

let configured: Configuration | null = null;
let made: Client | null = null;

/** Say where the server is, before the first other call. */
export function configure(configuration: Configuration): void {
  if (made) throw new Error("stockwidget is connected already: call configure() before anything else.");
  configured = configuration;
}

/** The client of this page, shared with the widgets on it. */
export function client(): Client {
  made ??= pageClient(window, serverOf(configured));
  if (!made) throw new Error("There is no Jupyter server here: call configure({ baseUrl, token }).");
  return made;
}

function serverOf(configuration: Configuration | null): ReturnType<typeof hostAt> {
  const inPage = configuration ? null : hostOf(document, location);
  if (inPage) return inPage;
  const script = new URL(import.meta.url);
  const base = configuration?.baseUrl ?? /^(.*\/)stockwidget\/static\/[^/]*$/.exec(script.origin + script.pathname)?.[1];
  if (base === undefined) throw new Error("This file did not come from a Jupyter server: call configure({ baseUrl, token }).");
  return hostAt(new URL(base, location.href).href, configuration?.token ?? tokenInAddress(), document, { tokenInSocket: true });
}

/** `#token=…`: unlike a query, a fragment is never sent, logged or passed on as referrer. */
function tokenInAddress(): string {
  return new URLSearchParams(location.hash.slice(1)).get("token") ?? "";
}

/** Call `callback` once for each change of the task, the last time with its result. Returns what ends that. */
export function subscribeTaskStatus(taskId: string, callback: TaskStatusCallback): () => void {
  return subscribe(client(), taskId, callback);
}

/** Ask the server to cancel; the callback tells when it has. */
export function cancel(taskId: string): Promise<Answer<unknown>> {
  return client().cancel(taskId);
}

/** Start a task: `submit("analysis", { symbol: "AAPL" })`. `{ is: "ok", value }` is its record, with `id`. */
export function submit(kind: Submission["kind"], params: Submission["params"]): Promise<Answer<TaskState>> {
  return client().submit({ kind, params });
}

/** How news arrives now, and what it has cost. */
export function connection(): ConnectionStatus {
  return client().connection();
}

/** Call `callback` now and at each change of the connection. Returns what ends that. */
export function onConnection(callback: (status: ConnectionStatus) => void): () => void {
  return client().onConnection(callback);
}

/** Switches that break the transports on purpose: `faults().set({ refuseWebSocket: true })`. */
export function faults(): Faults {
  return client().faults;
}

subscribeTaskStatus.cancel = cancel;

declare global {
  interface Window {
    subscribeTaskStatus: typeof subscribeTaskStatus;
    stockwidget: {
      configure: typeof configure;
      submit: typeof submit;
      cancel: typeof cancel;
      connection: typeof connection;
      onConnection: typeof onConnection;
      faults: typeof faults;
    };
  }
}
window.subscribeTaskStatus = subscribeTaskStatus;
window.stockwidget = { configure, submit, cancel, connection, onConnection, faults };
