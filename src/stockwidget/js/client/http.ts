/** The REST calls a card needs. Answers are tagged, never thrown: each status has one meaning (docs/protocol.md). */

import { type Action, requestFor } from "./actions.ts";
import type { Counters } from "./counters.ts";
import type { Host } from "./host.ts";
import type { TaskFailure, TaskState } from "./protocol.ts";

export type Refusal =
  /** 401, a redirect to a login page, or a login page instead of JSON. */
  | { readonly is: "auth" }
  /** 403 although the XSRF cookie was read again. */
  | { readonly is: "forbidden"; readonly error: TaskFailure }
  /** 404: never existed, or this server has no stockwidget at all (`error` is null). */
  | { readonly is: "missing"; readonly error: TaskFailure | null }
  /** 410: existed, its result was removed. */
  | { readonly is: "gone"; readonly error: TaskFailure }
  /** 400 or 409: asking again changes nothing. */
  | { readonly is: "refused"; readonly error: TaskFailure }
  /** 424: JupyterHub says that the server is stopped. */
  | { readonly is: "suspended" }
  /** Network down, 5xx, 429, unreadable body: asking later may help. */
  | { readonly is: "unreachable"; readonly status: number | null; readonly retryMs: number | null };

export type Answer<T> = { readonly is: "ok"; readonly value: T } | Refusal;

export interface ServerInfo {
  readonly epoch?: string;
  readonly server_id?: string;
  /** What the server offers, where it says so. */
  readonly transports?: readonly string[];
}

/** The body of `POST tasks`. */
export interface Submission {
  readonly kind: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly name?: string;
}

export interface Call {
  readonly method?: "GET" | "POST" | "DELETE";
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

const BUSY_RETRY_MS = 30_000;
/** A result of 50,000 rows through a slow line fits. */
const ANSWER_WITHIN_MS = 30_000;

/** As arrow.py of the server allows, and the way here. */
const FILE_WITHIN_MS = 90_000;

export const UNREACHABLE: Refusal = { is: "unreachable", status: null, retryMs: null };

export class Api {
  readonly #host: Host;
  readonly #fetch: typeof fetch;
  readonly #counters: Counters | undefined;

  constructor(host: Host, fetcher: typeof fetch, counters?: Counters) {
    this.#host = host;
    this.#fetch = fetcher;
    this.#counters = counters;
  }

  info(): Promise<Answer<ServerInfo>> {
    return this.#ask("GET", "info");
  }

  task(id: string): Promise<Answer<TaskState>> {
    return this.#ask("GET", `tasks/${encodeURIComponent(id)}`);
  }

  /** The result document; validated by the view that draws it, by its `kind` and `schema`. */
  result(id: string): Promise<Answer<unknown>> {
    return this.#ask("GET", `tasks/${encodeURIComponent(id)}/result`);
  }

  /** The rows of a result as a file of this media type. */
  async file(id: string, type: string): Promise<Answer<Blob>> {
    const response = await this.request(`tasks/${encodeURIComponent(id)}/result`, { headers: { Accept: type }, signal: AbortSignal.timeout(FILE_WITHIN_MS) });
    if (!response) return UNREACHABLE;
    const whole = response.ok && response.headers.get("Content-Type") === type;
    // A server that cannot write such a file answers with JSON.
    return whole ? { is: "ok", value: await response.blob() } : asRefusal(await classify<unknown>(response));
  }

  cancel(id: string): Promise<Answer<unknown>> {
    return this.#ask("POST", `tasks/${encodeURIComponent(id)}/cancel`);
  }

  /** Ask something of a task; the answer is its record, or that of the task that goes on for it. */
  act(action: Action, state: TaskState): Promise<Answer<TaskState>> {
    const { method, path, body } = requestFor(action, state);
    return this.#ask(method, path, body);
  }

  /** Tasks, newest first. */
  list(query: Readonly<Record<string, string | number>>): Promise<Answer<{ readonly tasks: readonly TaskState[] }>> {
    const words = new URLSearchParams(Object.entries(query).map(([key, value]) => [key, String(value)]));
    return this.#ask("GET", `tasks?${words}`);
  }

  submit(task: Submission): Promise<Answer<TaskState>> {
    return this.#ask("POST", "tasks", task);
  }

  stats(): Promise<Answer<unknown>> {
    return this.#ask("GET", "../realtime/stats"); // Its address is older than the version in the others.
  }

  report(body: object): Promise<Answer<unknown>> {
    return this.#ask("POST", "report", body);
  }

  /** The response itself, for transports; null if there was none. Sends a 403 once more with a fresh XSRF cookie. */
  async request(path: string, call: Call = {}): Promise<Response | null> {
    const before = this.#host.xsrf();
    const response = await this.#send(path, call, before);
    if (response?.status !== 403) return response;
    // The cookie may have been renewed since; an ordinary GET makes the server set it where it was missing.
    if (this.#host.xsrf() === before) await this.#send("info", {}, before);
    return this.#send(path, call, this.#host.xsrf());
  }

  async #ask<T>(method: "GET" | "POST" | "DELETE", path: string, body?: unknown): Promise<Answer<T>> {
    if (this.#counters) this.#counters.of("http").requests += 1;
    // A server that accepts and never answers must not hold up what waits for this.
    const response = await this.request(path, { method, body, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    return response ? classify<T>(response) : UNREACHABLE;
  }

  async #send(path: string, { method = "GET", body, headers = {}, signal }: Call, xsrf: string): Promise<Response | null> {
    const all: Record<string, string> = { Accept: "application/json", ...headers };
    if (this.#host.token) all.Authorization = `token ${this.#host.token}`;
    if (xsrf) all["X-XSRFToken"] = xsrf;
    if (body !== undefined) all["Content-Type"] = "application/json";
    try {
      return await this.#fetch(this.#host.apiUrl + path, {
        method,
        headers: all,
        credentials: "same-origin",
        cache: "no-store",
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(signal ? { signal } : {}),
      });
    } catch {
      return null;
    }
  }
}

const asRefusal = (answer: Answer<unknown>): Refusal => (answer.is === "ok" ? UNREACHABLE : answer);

/** What `response` means; `ok` only with a JSON body. */
export async function classify<T>(response: Response): Promise<Answer<T>> {
  const { status } = response;
  const json = (response.headers.get("Content-Type") ?? "").includes("json");
  if (status === 401 || (response.redirected && !json)) return { is: "auth" };
  const body = json ? await response.json().catch(() => null) : null;
  if (response.ok) {
    if (body !== null) return { is: "ok", value: body as T };
    return (response.headers.get("Content-Type") ?? "").includes("html")
      ? { is: "auth" }
      : { is: "unreachable", status, retryMs: null };
  }
  const error = failureOf(body);
  if (status === 403) return { is: "forbidden", error: error ?? unnamed(status) };
  if (status === 404) return { is: "missing", error };
  if (status === 410) return { is: "gone", error: error ?? unnamed(status) };
  if (status === 424) return { is: "suspended" };
  if (status === 429) return { is: "unreachable", status, retryMs: retryAfter(response) };
  if (status < 500) return { is: "refused", error: error ?? unnamed(status) };
  // A 5xx that carries one of our errors is the answer of our handler (a failed task's result), not of a broken proxy.
  return error && status === 500 ? { is: "refused", error } : { is: "unreachable", status, retryMs: null };
}

function failureOf(body: unknown): TaskFailure | null {
  if (typeof body !== "object" || body === null) return null;
  const { code, message } = body as Record<string, unknown>;
  return typeof code === "string" && typeof message === "string" ? (body as TaskFailure) : null;
}

const unnamed = (status: number): TaskFailure => ({ code: `http_${status}`, message: `HTTP ${status}` });

function retryAfter(response: Response): number {
  const seconds = Number(response.headers.get("Retry-After") ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds * 1000 : BUSY_RETRY_MS;
}
