/** The REST calls a card needs. Answers are tagged, never thrown: each status has one meaning (docs/protocol.md). */

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
  /** Network down, 5xx, 429, unreadable body: asking later may help. */
  | { readonly is: "unreachable"; readonly status: number | null; readonly retryMs: number | null };

export type Answer<T> = { readonly is: "ok"; readonly value: T } | Refusal;

export interface ServerInfo {
  readonly epoch?: string;
  readonly server_id?: string;
}

const BUSY_RETRY_MS = 30_000;

export class Api {
  readonly #host: Host;
  readonly #fetch: typeof fetch;

  constructor(host: Host, fetcher: typeof fetch) {
    this.#host = host;
    this.#fetch = fetcher;
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

  cancel(id: string): Promise<Answer<unknown>> {
    return this.#ask("POST", `tasks/${encodeURIComponent(id)}/cancel`);
  }

  async #ask<T>(method: string, path: string, retry = true): Promise<Answer<T>> {
    const before = this.#host.xsrf();
    const response = await this.#send(method, path, before);
    if (!response) return { is: "unreachable", status: null, retryMs: null };
    if (response.status === 403 && retry) {
      // The cookie may have been renewed since; an ordinary GET makes the server set it where it was missing.
      if (this.#host.xsrf() === before) await this.#send("GET", "info", before);
      return this.#ask(method, path, false);
    }
    return classify<T>(response);
  }

  async #send(method: string, path: string, xsrf: string): Promise<Response | null> {
    const headers: Record<string, string> = { Accept: "application/json" };
    if (this.#host.token) headers.Authorization = `token ${this.#host.token}`;
    if (xsrf) headers["X-XSRFToken"] = xsrf;
    try {
      return await this.#fetch(this.#host.apiUrl + path, {
        method,
        headers,
        credentials: "same-origin",
        cache: "no-store",
      });
    } catch {
      return null;
    }
  }
}

async function classify<T>(response: Response): Promise<Answer<T>> {
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
