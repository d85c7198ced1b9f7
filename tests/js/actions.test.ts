// @vitest-environment jsdom
/** What may be asked of a task, from its card: the right wishes in each state, sent once, to whom runs it, with their answer shown. */

import type { AnyModel } from "@anywidget/types";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";

import { actionsOf, requestFor } from "../../src/stockwidget/js/client/actions.ts";
import { systemClock } from "../../src/stockwidget/js/client/clock.ts";
import { Follower, type Traits } from "../../src/stockwidget/js/follower.ts";
import { en } from "../../src/stockwidget/js/i18n/en.ts";
import { zh } from "../../src/stockwidget/js/i18n/zh.ts";
import type { CardModel } from "../../src/stockwidget/js/views/card.ts";
import { actionsView } from "../../src/stockwidget/js/views/actions.ts";
import { Format } from "../../src/stockwidget/js/views/format.ts";
import type { FarEnd } from "./farend.ts";
import { clientOf } from "./following.ts";
import { EPOCH, record } from "./frames.ts";
import { completePage } from "./page.ts";
import { serve, type TestServer, until } from "./server.ts";

const NOW = new Date(2026, 10, 23, 12, 0).getTime();
const ended = { ended_at: NOW - 1000, retain_until: NOW + 7_500_000 };

test.each<[string, object, string[]]>([
  ["running", {}, ["cancel", "pin"]],
  ["queued", { pinned: true }, ["cancel", "unpin"]],
  ["interrupted", {}, ["resume", "cancel"]],
  ["completed", ended, ["rerun", "pin", "keep"]],
  ["completed", { ...ended, pinned: true }, ["rerun", "unpin"]],
  ["completed", { ...ended, kind: "scan", counters: { failed: 2 } }, ["retry_failed", "rerun", "pin", "keep"]],
  ["cancelled", { ...ended, kind: "scan" }, ["resume", "rerun", "pin", "keep"]],
  ["failed", ended, ["rerun", "pin", "keep"]],
  ["expired", ended, ["rerun"]],
])("of a task that is %s", (status, changes, expected) => {
  expect(actionsOf(record({ status, ...changes }))).toEqual(expected);
});

test("a task is run again by its own parameters and labels", () => {
  const task = record({ id: "a/b", name: "nightly", tags: ["x"], notes: null });
  expect(requestFor("rerun", task)).toEqual({
    method: "POST", path: "tasks", body: { kind: "analysis", params: { symbol: "AAPL" }, name: "nightly", tags: ["x"], notes: null, force: true },
  });
  expect(requestFor("unpin", task)).toEqual({ method: "DELETE", path: "tasks/a%2Fb/pin" });
});

describe("in the card", () => {
  const ending = new AbortController();
  const asked = vi.fn();
  const draw = (changes: object, status?: string, refused: CardModel["refused"] = null, catalogue = en) => {
    const view = actionsView(new Format(catalogue), ending.signal, asked);
    document.body.replaceChildren(view.main, view.more, view.keeping);
    const state = record({ status: "running", ...changes });
    const update = (more: { status?: string; [field: string]: unknown } = {}): void =>
      view.update({ ...state, ...more } as never, (status ?? more.status ?? state.status) as never, refused, NOW);
    update();
    return { ...view, update };
  };
  const shown = (element: HTMLElement): string[] =>
    element.hidden || element.hasAttribute("data-room") ? [] : [...element.querySelectorAll<HTMLElement>("button:not([hidden])")].map((each) => each.textContent ?? "");
  const click = (element: HTMLElement, name: string): HTMLButtonElement => {
    const found = [...element.querySelectorAll("button")].find((each) => !each.hidden && each.textContent === name) as HTMLButtonElement;
    found.click();
    return found;
  };
  beforeEach(() => void asked.mockReset());

  test("the likeliest wish stands in the head, the others are unfolded and folded by keyboard", () => {
    const view = draw({ status: "cancelled", kind: "scan", ...ended });
    expect(shown(view.main)).toEqual(["Resume", "⋯"]);
    const more = view.main.querySelector(".sw-unfold") as HTMLButtonElement;
    expect([more.getAttribute("aria-expanded"), more.getAttribute("aria-label")]).toEqual(["false", "More"]);
    more.click();
    expect(shown(view.more)).toEqual(["Run again", "Keep for a day"]);
    expect(document.getElementById(more.getAttribute("aria-controls") ?? "")).toBe(view.more);
    view.more.querySelector("button:not([hidden])")?.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
    expect([view.more.hidden, document.activeElement]).toEqual([true, more]);
  });

  test("it says until when the result is kept, and in whose language", () => {
    expect(draw({ status: "completed", ...ended }).keeping.textContent).toContain("Kept until 14:05");
    expect(draw({ status: "completed", ...ended, retain_until: NOW - 60_000 }).keeping.textContent).toContain("Kept until 11:59; may be removed");
    const pinned = draw({ status: "completed", ...ended, pinned: true, retain_until: null });
    expect(pinned.keeping.textContent).toContain("Pinned");
    expect(shown(pinned.keeping)).toEqual(["Unpin"]);
    expect(draw({ status: "completed", ...ended }, undefined, null, zh as never).keeping.textContent).toContain("保留至 14:05");
  });

  test("a click asks once, until something changed or it was refused", () => {
    const view = draw({ status: "completed", ...ended });
    const pin = click(view.keeping, "Pin");
    pin.click();
    expect(asked.mock.calls).toEqual([["pin"]]);
    view.update();
    expect(pin.disabled).toBe(true);
    view.update({ pinned: true, retain_until: null });
    expect(shown(view.keeping)).toEqual(["Unpin"]);
    view.update();
    expect(pin.disabled).toBe(false);
  });

  test("a second click on Cancel is no click on what follows in its place", () => {
    const view = draw({ kind: "scan" });
    const cancel = click(view.main, "Cancel");
    view.update({ status: "cancelled", ...ended });
    cancel.click();
    expect(asked.mock.calls).toEqual([["cancel"]]);
  });

  test("failed symbols are counted; what the server does not know has no actions", () => {
    const view = draw({ status: "completed", kind: "scan", counters: { failed: 12 }, ...ended });
    click(view.main, "⋯");
    expect(shown(view.more)).toEqual(["Retry 12 failed", "Run again", "Keep for a day"]);
    const unknown = draw({ ...ended }, "unknown");
    expect([shown(unknown.main), unknown.keeping.hidden]).toEqual([[], true]);
  });
});

class Model {
  readonly sent: unknown[] = [];
  readonly saved: unknown[] = [];
  readonly listeners = new Map<string, (content?: unknown) => void>();
  readonly traits: Record<string, unknown>;
  constructor(traits: Partial<Traits>) {
    this.traits = { task_id: "t1", epoch: EPOCH, mode: "server", snapshot: { state: record({ status: "cancelled", kind: "scan", ...ended }) }, locale: "en", colors: "", ...traits };
  }
  get = (key: string): unknown => this.traits[key];
  set = (key: string, value: unknown): void => void (this.traits[key] = value);
  on = (name: string, then: (content?: unknown) => void): void => void this.listeners.set(name, then);
  off = (): void => undefined;
  send = (content: unknown): void => void this.sent.push(content);
  save_changes = (): void => void this.saved.push(this.traits.task_id);
}

describe("over HTTP", () => {
  let server: TestServer;
  let follower: Follower;
  let model: Model;
  let last: CardModel;
  beforeAll(completePage);
  beforeEach(async () => {
    server = await serve();
    server.routes.set("GET tasks/t1", () => ({ json: record({ status: "cancelled", kind: "scan", seq: 5, ...ended }) }));
    server.routes.set("GET tasks/t2", () => ({ json: record({ id: "t2", kind: "scan", status: "running", seq: 3, progress: 40, predecessor: "t1" }) }));
    const client = clientOf(server as unknown as FarEnd, systemClock);
    model = new Model({});
    follower = new Follower(model as unknown as AnyModel<Traits>, client, en);
    follower.watch((shown) => (last = shown));
  });
  afterEach(async () => {
    follower.close();
    await server.close();
  });

  test("the card goes on with the successor, and the kernel hears of it", async () => {
    server.routes.set("POST tasks/t1/resume", () => ({ status: 202, json: record({ id: "t2", kind: "scan", status: "queued", predecessor: "t1" }) }));
    await follower.act("resume");
    expect([model.saved, (model.traits.snapshot as { state: { id: string } }).state.id]).toEqual([["t2"], "t2"]);
    await until(() => last.snapshot.state.status === "running", "the successor's state");
    expect([last.snapshot.state.id, last.snapshot.state.progress]).toEqual(["t2", 40]);
  });

  test("a pin shows at once, without an event", async () => {
    await until(() => last.snapshot.state.seq === 5, "the record");
    server.routes.set("POST tasks/t1/pin", () => ({ json: record({ status: "cancelled", kind: "scan", seq: 5, ...ended, pinned: true, retain_until: null }) }));
    await follower.act("pin");
    expect(last.snapshot.state).toMatchObject({ pinned: true, retain_until: null, seq: 5 });
    expect(model.saved).toEqual([]);
  });

  test("a refusal is shown with its reason, and so is silence", async () => {
    server.routes.set("POST tasks/t1/retry_failed", () => ({ status: 409, json: { code: "wrong_state", message: "It is cancelled.", hint: "" } }));
    await follower.act("retry_failed");
    expect(last.refused).toMatchObject({ action: "retry_failed", error: { message: "It is cancelled." } });
    await server.close();
    await follower.act("rerun");
    expect(last.refused).toMatchObject({ action: "rerun", error: { message: en.noAnswer } });
  });

  test("an expired task is run again from its tombstone", async () => {
    const body = { code: "expired", message: "Removed.", expired_at: 1, how_to_rerun: { kind: "analysis", params: { symbol: "IBM" } } };
    server.routes.set("GET tasks/t3", () => ({ status: 410, json: body }));
    const sent: unknown[] = [];
    server.routes.set("POST tasks", (request) => {
      request.on("data", (data) => sent.push(JSON.parse(String(data))));
      return { status: 202, json: record({ id: "t2" }) };
    });
    const client = clientOf(server as unknown as FarEnd, systemClock);
    const other = new Follower(new Model({ task_id: "t3", snapshot: {} }) as unknown as AnyModel<Traits>, client, en);
    let trouble: string | undefined;
    other.watch((shown) => (trouble = shown.trouble?.is));
    await until(() => trouble === "expired", "the 410");
    await other.act("rerun");
    await until(() => sent.length > 0, "the body");
    expect(sent).toMatchObject([{ kind: "analysis", params: { symbol: "IBM" }, force: true }]);
    other.close();
  });

  test("what the kernel's handle changed is shown", async () => {
    await until(() => last.snapshot.state.seq === 5, "the record");
    model.listeners.get("msg:custom")?.({ type: "amended", state: record({ pinned: true, name: "mine" }) });
    expect(last.snapshot.state).toMatchObject({ pinned: true, name: "mine", status: "cancelled" });
  });
});

test("where the kernel feeds the card it does what is asked, and says why not", () => {
  const model = new Model({ mode: "kernel" });
  const follower = new Follower(model as unknown as AnyModel<Traits>, null, en);
  let last: CardModel | null = null;
  follower.watch((shown) => (last = shown));
  void follower.act("resume");
  expect(model.sent).toEqual([{ type: "do", verb: "resume" }]);
  model.listeners.get("msg:custom")?.({ type: "error", error: { code: "wrong_state", message: "No." } });
  expect((last as CardModel | null)?.refused).toEqual({ action: "resume", error: { code: "wrong_state", message: "No." } });
  model.listeners.get("msg:custom")?.({ type: "amended", state: record({ pinned: true }) });
  expect((last as CardModel | null)?.snapshot.state.pinned).toBe(true);
  model.traits.task_id = "t9";
  model.traits.snapshot = { state: record({ id: "t9", status: "running", progress: 12 }) };
  model.listeners.get("change:task_id")?.();
  expect((last as CardModel | null)?.snapshot.state).toMatchObject({ id: "t9", progress: 12 });
  expect(model.sent.at(-1)).toEqual({ type: "subscribe", tasks: { t9: null } });
  follower.close();
});
