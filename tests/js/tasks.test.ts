// @vitest-environment jsdom
/** The table of tasks: every row true and live while somebody looks, filtered, worked by keyboard, in both languages. */

import type { AnyModel } from "@anywidget/types";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import type { Client } from "../../src/stockwidget/js/client/client.ts";
import { systemClock } from "../../src/stockwidget/js/client/clock.ts";
import type { TaskState } from "../../src/stockwidget/js/client/protocol.ts";
import { en } from "../../src/stockwidget/js/i18n/en.ts";
import { tasksEn } from "../../src/stockwidget/js/i18n/tasks.en.ts";
import { tasksZh } from "../../src/stockwidget/js/i18n/tasks.zh.ts";
import { zh } from "../../src/stockwidget/js/i18n/zh.ts";
import type { TasksTraits } from "../../src/stockwidget/js/tasks.ts";
import { TasksFeed, type TasksModel } from "../../src/stockwidget/js/tasksfeed.ts";
import { Format } from "../../src/stockwidget/js/views/format.ts";
import { tasksView } from "../../src/stockwidget/js/views/tasks.ts";
import type { FarEnd } from "./farend.ts";
import { clientOf } from "./following.ts";
import { EPOCH, record } from "./frames.ts";
import { serve, type TestServer, until } from "./server.ts";

const task = (id: string, changes: object = {}): TaskState => record({ id: `${id}${"0".repeat(8)}`, tags: [], notes: null, pinned: false, ...changes });
const TASKS = [
  task("a", { name: "nightly", tags: ["momentum"], status: "running", progress: 41.6, kind: "scan", title: "synthetic:2000" }),
  task("b", { status: "failed", title: "APPL", ended_at: 2, retain_until: Date.now() + 60_000 }),
  task("c", { status: "completed", title: "<img src=x>", pinned: true, ended_at: 2 }),
];

describe("the view", () => {
  let ending: AbortController;
  const asked = vi.fn();
  const draw = (model: Partial<TasksModel> = {}, chinese = false) => {
    const view = tasksView({
      format: new Format(chinese ? zh : en), texts: chinese ? tasksZh : tasksEn, clock: systemClock, signal: ending.signal, onAction: asked,
    });
    document.body.replaceChildren(view.element);
    view.update({ tasks: TASKS, failed: false, refused: null, ...model });
    return view;
  };
  const rows = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>("tbody tr")];
  const buttons = (row: HTMLElement | undefined): string[] => [...(row?.querySelectorAll<HTMLElement>("button:not([hidden])") ?? [])].map((each) => each.textContent ?? "");
  beforeEach(() => {
    ending = new AbortController();
    asked.mockReset();
  });
  afterEach(() => ending.abort());

  test("a row says what, how far, until when, and offers what may be asked", () => {
    draw();
    expect(rows().map((row) => row.querySelector("th")?.textContent)).toEqual(["nightlysynthetic:2000 · #momentuma0000000", "APPLb0000000", "<img src=x>c0000000"]);
    expect(rows()[0]?.querySelector("[role=progressbar]")?.getAttribute("aria-valuenow")).toBe("41.6");
    expect(rows()[0]?.textContent).toContain("Running · 41%");
    expect(rows().map(buttons)).toEqual([["Cancel", "Pin"], ["Run again", "Pin"], ["Run again", "Unpin"]]);
    expect(rows()[2]?.querySelector(".sw-col-kept")?.textContent).toBe("Pinned");
    expect(document.querySelector("img")).toBeNull();
    (rows()[0]?.querySelector(".sw-cancel") as HTMLButtonElement).click();
    expect(asked.mock.calls).toEqual([["cancel", TASKS[0]]]);
  });

  test("an update changes its row in place and keeps the focus", () => {
    const view = draw();
    const row = rows()[0] as HTMLElement;
    row.focus();
    view.update({ tasks: [{ ...(TASKS[0] as TaskState), progress: 77 }, ...TASKS.slice(1)], failed: false, refused: null });
    expect([rows()[0], document.activeElement]).toEqual([row, row]);
    expect(row.textContent).toContain("77%");
  });

  test("it is filtered as one types, by name, tag and state in the reader's words", () => {
    draw({}, true);
    const filter = document.querySelector("input") as HTMLInputElement;
    const type = (words: string): number => {
      filter.value = words;
      filter.dispatchEvent(new Event("input"));
      return rows().length;
    };
    expect([type("#mom"), type("失败"), type("NIGHT"), type("c0000")]).toEqual([1, 1, 1, 1]);
    expect(document.querySelector(".sw-time")?.textContent).toBe("1 / 3 个任务");
    expect([type("nothing"), document.querySelector(".sw-empty")?.textContent]).toEqual([0, "没有符合筛选的任务"]);
  });

  test("arrows move between rows, one of which is reached by Tab", () => {
    draw();
    const tab = (): (string | null)[] => rows().map((row) => row.getAttribute("tabindex"));
    expect(tab()).toEqual(["0", "-1", "-1"]);
    const press = (key: string): boolean => (document.activeElement as Element).dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    rows()[0]?.focus();
    press("ArrowDown");
    expect([document.activeElement, tab()]).toEqual([rows()[1], ["-1", "0", "-1"]]);
    press("End");
    press("ArrowDown");
    expect(document.activeElement).toBe(rows()[2]);
  });

  test("nothing there, no answer and a refusal are said", () => {
    draw({ tasks: [] });
    expect(document.querySelector(".sw-empty")?.textContent).toContain("No tasks yet");
    draw({ failed: true });
    expect(document.querySelector(".sw-aside")?.textContent).toBe("No answer; shown as last heard");
    draw({ refused: { action: "pin", task: TASKS[0] as TaskState, error: { code: "expired", message: "Too late.", hint: "Run it again." } } });
    expect(document.querySelector(".sw-aside")?.textContent).toBe("Could not pin: Too late. Run it again.");
  });
});

class Model {
  readonly sent: unknown[] = [];
  heard: (content: unknown) => void = () => undefined;
  constructor(readonly traits: Partial<TasksTraits>) {}
  get = (key: keyof TasksTraits): unknown => ({ epoch: EPOCH, mode: "server", query: { tag: "x y", limit: 5 }, tasks: [], locale: "en", ...this.traits })[key];
  on = (_: string, then: (content: unknown) => void): void => void (this.heard = then);
  off = (): void => undefined;
  send = (content: unknown): void => void this.sent.push(content);
}

describe("the feed", () => {
  let server: TestServer;
  let ending: AbortController;
  let last: TasksModel;
  const open = (model: Model, client: Client | null): TasksFeed =>
    new TasksFeed({ model: model as unknown as AnyModel<TasksTraits>, client, clock: systemClock, signal: ending.signal, onModel: (shown) => (last = shown) });
  beforeEach(async () => {
    server = await serve();
    ending = new AbortController();
  });
  afterEach(async () => {
    ending.abort();
    await server.close();
  });
  const LIST = "GET tasks?tag=x+y&limit=5";

  test("reads only while somebody looks, and follows what is unfinished", async () => {
    server.routes.set(LIST, () => ({ json: { tasks: TASKS } }));
    server.routes.set(`GET tasks/${TASKS[0]?.id}`, () => ({ json: { ...TASKS[0], progress: 90, seq: 8 } }));
    const feed = open(new Model({ tasks: TASKS.slice(1) }), clientOf(server as unknown as FarEnd, systemClock));
    expect(last.tasks).toHaveLength(2);
    expect(server.requests).toHaveLength(0);
    feed.look(true);
    await until(() => last.tasks[0]?.progress === 90, "the followed task's record");
    expect(last.tasks).toHaveLength(3);
    feed.look(false);
  });

  test("a wish goes to the server, and its answer into the row", async () => {
    server.routes.set(LIST, () => ({ json: { tasks: TASKS } }));
    server.routes.set(`DELETE tasks/${TASKS[2]?.id}/pin`, () => ({ json: { ...TASKS[2], pinned: false, retain_until: 5 } }));
    const feed = open(new Model({ tasks: TASKS }), clientOf(server as unknown as FarEnd, systemClock));
    const done = feed.act("unpin", TASKS[2] as TaskState);
    await done;
    expect(server.requests[0]?.method).toBe("DELETE");
    server.routes.set(`POST tasks/${TASKS[1]?.id}/pin`, () => ({ status: 410, json: { code: "expired", message: "Too late." } }));
    await feed.act("pin", TASKS[1] as TaskState);
    expect(last.refused?.error.message).toBe("Too late.");
  });

  test("without a server of its own, or at another's, it asks the kernel", async () => {
    server.routes.set(LIST, () => ({ json: { tasks: [{ ...TASKS[0], epoch: "another" }] } }));
    for (const client of [null, clientOf(server as unknown as FarEnd, systemClock)]) {
      const model = new Model({});
      const feed = open(model, client);
      feed.look(true);
      await until(() => model.sent.length > 0, "the question");
      expect(model.sent).toEqual([{ type: "tasks" }]);
      model.heard({ type: "tasks", tasks: TASKS });
      await until(() => last.tasks.length === 3, "the answer");
      void feed.act("rerun", TASKS[1] as TaskState);
      expect(model.sent.at(-1)).toEqual({ type: "do", verb: "rerun", task: TASKS[1]?.id });
      model.heard({ type: "error", error: { code: "queue_full", message: "Too many." } });
      expect(last.refused).toMatchObject({ action: "rerun", error: { message: "Too many." } });
      feed.look(false);
    }
  });
});
