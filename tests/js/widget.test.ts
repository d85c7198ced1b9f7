// @vitest-environment jsdom
/** The widget shows the kernel's last snapshot at once, follows whoever runs the task, and ends without a trace. */

import type { AnyModel } from "@anywidget/types";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";

import type { Traits } from "../../src/stockwidget/js/follower.ts";
import widget from "../../src/stockwidget/js/widget.ts";
import { EPOCH, event, record } from "./frames.ts";
import { analysis, completePage } from "./page.ts";
import { NodeSocket, serve, type TestServer, until } from "./server.ts";

/** The host's half of the contract: what anywidget hands to a widget. */
class Model {
  readonly sent: unknown[] = [];
  readonly #traits: Traits;
  readonly #listeners = new Map<string, Set<(content?: unknown) => void>>();

  constructor(traits: Partial<Traits>) {
    this.#traits = { task_id: "t1", epoch: EPOCH, mode: "kernel", snapshot: {}, locale: "en", colors: "", ...traits };
  }
  get<K extends keyof Traits>(key: K): Traits[K] {
    return this.#traits[key];
  }
  change<K extends keyof Traits>(key: K, value: Traits[K]): void {
    this.#traits[key] = value;
    this.emit(`change:${key}`);
  }
  on(name: string, callback: () => void): void {
    this.#listeners.set(name, (this.#listeners.get(name) ?? new Set()).add(callback));
  }
  off(name: string, callback: () => void): void {
    this.#listeners.get(name)?.delete(callback);
  }
  emit(name: string, content?: unknown): void {
    for (const listener of this.#listeners.get(name) ?? []) listener(content);
  }
  send(content: unknown): void {
    this.sent.push(content);
  }
  get listeners(): number {
    return [...this.#listeners.values()].reduce((sum, set) => sum + set.size, 0);
  }
}

let el: HTMLElement;
let ends: (() => void)[];
beforeAll(completePage);
beforeEach(() => {
  el = document.createElement("div");
  document.body.replaceChildren(el);
  ends = [];
});
afterEach(() => {
  for (const end of ends) end();
  Reflect.deleteProperty(globalThis, Symbol.for("stockwidget.v1"));
});

function show(model: Model): void {
  const props = { model: model as unknown as AnyModel<Traits>, signal: undefined, experimental: {}, host: {} } as never;
  ends.push(widget.initialize(props));
  ends.unshift(widget.render({ ...(props as object), el } as never));
}
const shot = (state: object) => ({ state: record({ status: "running", ...state }), partial: {}, logs: [] });
const card = (): HTMLElement => el.querySelector(".stockwidget") as HTMLElement;

test("the first paint is the kernel's snapshot, before anything has been awaited", () => {
  show(new Model({ snapshot: shot({ progress: 37 }) }));
  expect(card().querySelector("[role=progressbar]")?.getAttribute("aria-valuenow")).toBe("37");
});

test("a kernel that has told nothing yet still gives a card", () => {
  show(new Model({}));
  expect(card().dataset.status).toBe("queued");
});

test("in mode kernel the model feeds it, and result and cancel go by message", async () => {
  const model = new Model({ snapshot: shot({}) });
  show(model);
  (card().querySelector(".sw-cancel") as HTMLButtonElement).click();
  expect(model.sent).toEqual([{ type: "subscribe", tasks: { t1: null } }, { type: "cancel" }]);
  model.change("snapshot", shot({ status: "completed", progress: 100 }));
  expect(model.sent.at(-1)).toEqual({ type: "result" });
  model.emit("msg:custom", { type: "result", result: analysis() });
  expect(card().querySelector(".sw-price")?.textContent).toBe("11.00");
  await vi.waitFor(() => expect(performance.getEntriesByName("stockwidget:t1:result")).toHaveLength(1));
  expect(performance.getEntriesByName("stockwidget:t1:first-paint")).toHaveLength(1);
});

test("once a minute the kernel hears that its card is still shown, and no longer than it is", () => {
  vi.useFakeTimers();
  try {
    const model = new Model({ snapshot: shot({ status: "completed", progress: 100 }) });
    show(model);
    const said = (): number => model.sent.filter((content) => (content as { type: string }).type === "present").length;
    vi.advanceTimersByTime(150_000);
    expect(said()).toBe(2);
    for (const end of ends.splice(0)) end();
    vi.advanceTimersByTime(150_000);
    expect(said()).toBe(2);
  } finally {
    vi.useRealTimers();
  }
});

describe("frames over the comm", () => {
  const say = (model: Model, ...frames: object[]): void => model.emit("msg:custom", { type: "frames", frames });
  const whole = (s: number, q: number, state: object, rest: object = {}): object =>
    ({ v: 1, k: "snapshot", t: "t1", e: EPOCH, s, q, ts: 1, d: { recovered: false, state: record({ status: "running", ...state }), logs: [], ...rest } });
  const bar = (): string | null | undefined => card().querySelector("[role=progressbar]")?.getAttribute("aria-valuenow");

  test("take over from the trait, event by event, to the end", () => {
    const model = new Model({ snapshot: shot({ progress: 10, seq: 3 }) });
    show(model);
    say(model, { v: 1, k: "hello", d: {} }, whole(5, 2, { progress: 20 }), event("progress", { s: 6, q: 2, d: { progress: 45 } }));
    expect(bar()).toBe("45");
    model.change("snapshot", shot({ progress: 30, seq: 4 })); // Sent before the kernel had heard of the page.
    expect(bar()).toBe("45");
    say(model, event("end", { s: 9, q: 3, d: { status: "completed", progress: 100 } }));
    expect(model.sent.at(-1)).toEqual({ type: "result" });
    model.emit("msg:custom", { type: "result", result: analysis() });
    expect(card().dataset.status).toBe("completed");
  });

  test("with a gap ask for the whole, and show nothing incomplete", () => {
    const model = new Model({ snapshot: shot({ progress: 10 }) });
    show(model);
    say(model, whole(5, 2, { progress: 20 }), event("state", { s: 9, q: 5, d: { progress: 70 } }));
    expect(bar()).toBe("20");
    expect(model.sent.at(-1)).toEqual({ type: "subscribe", tasks: { t1: null } });
  });

  test("a trait that knows more than the frames is shown: the last word may come by it alone", () => {
    const model = new Model({ snapshot: shot({}) });
    show(model);
    say(model, whole(5, 2, { progress: 20 }));
    model.change("snapshot", shot({ status: "completed", progress: 100, seq: 9, q: 4 }));
    expect(card().dataset.status).toBe("completed");
  });

  test("a task that the kernel does not know any more is said to be so", () => {
    const model = new Model({ snapshot: shot({}) });
    show(model);
    say(model, { v: 1, k: "error", t: "t1", d: { code: "expired", message: "Gone." } });
    expect(card().dataset.status).toBe("expired");
  });

  test("a task that had ended before the page came asks for no frames", () => {
    const model = new Model({ snapshot: shot({ status: "completed" }) });
    show(model);
    expect(model.sent).toEqual([{ type: "result" }]);
  });
});

test("a kernel's error about the result is told", () => {
  const model = new Model({ snapshot: shot({ status: "completed" }) });
  show(model);
  model.emit("msg:custom", { type: "error", error: { code: "x", message: "The result is lost.", hint: "Run it again." } });
  expect(card().textContent).toContain("The result is lost.");
});

test("a result of a shape it does not know is said to be so", () => {
  const model = new Model({ snapshot: shot({ status: "completed" }) });
  show(model);
  model.emit("msg:custom", { type: "result", result: { kind: "poem" } });
  expect(card().textContent).toContain("a shape this card does not know");
});

test("in mode server without a page server the kernel relays", () => {
  const model = new Model({ mode: "server", snapshot: shot({ progress: 5 }) });
  show(model);
  model.change("snapshot", shot({ progress: 55 }));
  expect(card().querySelector("[role=progressbar]")?.getAttribute("aria-valuenow")).toBe("55");
  expect(card().querySelector(".sw-dot")?.getAttribute("aria-label")).toContain("kernel relays");
});

test("two views show one model, and the end of all leaves no listener and no card", () => {
  const model = new Model({ snapshot: shot({}) });
  show(model);
  const second = document.createElement("div");
  ends.unshift(widget.render({ model, el: second } as never));
  model.change("snapshot", shot({ progress: 80 }));
  expect(second.querySelector("[role=progressbar]")?.getAttribute("aria-valuenow")).toBe("80");
  for (const end of ends.splice(0)) end();
  expect(model.listeners).toBe(0);
  expect(el.childElementCount + second.childElementCount).toBe(0);
});

test("the stylesheet is in the page once", () => {
  show(new Model({ snapshot: shot({}) }));
  show(new Model({ task_id: "t2", snapshot: shot({}) }));
  expect(document.querySelectorAll("style[data-id=stockwidget-card]")).toHaveLength(1);
});

test("in mode server it talks straight to the page's server, through one client for all models", async () => {
  const server: TestServer = await serve();
  const config = document.createElement("script");
  config.id = "jupyter-config-data";
  config.type = "application/json";
  config.textContent = JSON.stringify({ baseUrl: new URL("/user/x/", server.host.apiUrl).href, token: "secret" });
  document.body.append(config);
  const nodeFetch = globalThis.fetch;
  Object.assign(window, { fetch: nodeFetch, WebSocket: NodeSocket });
  server.routes.set("GET tasks/t1", () => ({ json: record({ status: "completed", progress: 100, seq: 9 }) }));
  server.routes.set("GET tasks/t2", () => ({ json: record({ id: "t2", status: "running", progress: 66, seq: 9 }) }));
  server.routes.set("GET tasks/t1/result", () => ({ json: analysis() }));
  const first = new Model({ mode: "server", snapshot: shot({ progress: 10 }) });
  const second = new Model({ mode: "server", task_id: "t2", snapshot: { state: record({ id: "t2" }), partial: {}, logs: [] } });
  const other = document.createElement("div");
  document.body.append(other);
  show(first);
  [el] = [other];
  show(second);
  await until(() => document.body.textContent?.includes("Close of 2024-12-30") ?? false, "the result of t1");
  await until(() => other.querySelector("[role=progressbar]")?.getAttribute("aria-valuenow") === "66", "the progress of t2");
  await until(() => server.sockets.length > 0, "the socket");
  expect(server.sockets).toHaveLength(1);
  expect(first.sent).toEqual([]);
  expect(server.requests.every(({ headers }) => headers.authorization === "token secret")).toBe(true);
  for (const end of ends.splice(0)) end();
  window.dispatchEvent(new Event("pagehide"));
  await server.close();
});
