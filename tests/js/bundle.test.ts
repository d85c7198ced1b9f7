// @vitest-environment jsdom
/** A part of the card comes once a page, from the server or else the kernel, and its absence is said and mends. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { Bundle, fromKernel, fromText, type Way } from "../../src/stockwidget/js/bundle.ts";
import * as views from "../../src/stockwidget/js/analysis.ts";
import { systemClock } from "../../src/stockwidget/js/client/clock.ts";
import * as detailsViews from "../../src/stockwidget/js/details.ts";
import { en } from "../../src/stockwidget/js/i18n/en.ts";
import type { Parts } from "../../src/stockwidget/js/parts.ts";
import { bodyView } from "../../src/stockwidget/js/views/body.ts";
import { documentOf } from "../../src/stockwidget/js/views/documents.ts";
import { Format } from "../../src/stockwidget/js/views/format.ts";
import { snapshot } from "./frames.ts";
import { analysis, completePage } from "./page.ts";

const KEY = Symbol.for("stockwidget.bundles.v1");
const part = { name: "part" };
const refuse = (): Promise<never> => Promise.reject(new TypeError("Failed to fetch dynamically imported module"));
const make = (...ways: Way<unknown>[]): Bundle<unknown> => new Bundle({ name: "part.js", digest: "d1", clock: systemClock, ways });
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

beforeEach(() => Reflect.deleteProperty(globalThis, KEY));
afterEach(() => vi.useRealTimers());

test("the server is asked first, the kernel only if that has failed", async () => {
  const server = vi.fn(refuse);
  const kernel = vi.fn(() => Promise.resolve(part));
  const bundle = make(server, kernel);
  bundle.load();
  bundle.load();
  await settled();
  expect([server.mock.calls.length, kernel.mock.calls.length]).toEqual([1, 1]);
  expect(bundle.state).toEqual({ module: part, failed: false });
  const other = vi.fn(() => Promise.resolve(part));
  make(other, kernel).load();
  await settled();
  expect(other).toHaveBeenCalledTimes(0);
});

test("what one card loads is every card's, of the same version alone", async () => {
  const second = make(() => new Promise(() => undefined));
  const changed = vi.fn();
  second.watch(changed);
  second.load();
  make(() => Promise.resolve(part)).load();
  await settled();
  expect(changed).toHaveBeenCalledTimes(1);
  expect(second.state.module).toBe(part);
  expect(new Bundle({ name: "part.js", digest: "d2", clock: systemClock, ways: [] }).state.module).toBeNull();
});

test("a failure is told, and mended by another try", async () => {
  let up = false;
  const bundle = make(() => (up ? Promise.resolve(part) : refuse()));
  const changed = vi.fn();
  const stop = bundle.watch(changed);
  bundle.load();
  await settled();
  expect(bundle.state.failed).toBe(true);
  up = true;
  bundle.retry();
  await settled();
  expect(bundle.state).toEqual({ module: part, failed: false });
  const before = changed.mock.calls.length;
  stop();
  bundle.retry();
  expect(changed.mock.calls.length).toBe(before);
});

test("an answer that is long in coming is said to be missing, and still taken", async () => {
  vi.useFakeTimers();
  let answer: (value: unknown) => void = () => undefined;
  const bundle = make(() => new Promise((resolve) => (answer = resolve)));
  bundle.load();
  vi.advanceTimersByTime(7_900);
  expect(bundle.state.failed).toBe(false);
  vi.advanceTimersByTime(200);
  expect(bundle.state.failed).toBe(true);
  answer(part);
  await vi.runAllTimersAsync();
  expect(bundle.state).toEqual({ module: part, failed: false });
});

describe("from the kernel", () => {
  const listeners = new Set<(content: unknown) => void>();
  const sent: unknown[] = [];
  const model = {
    send: (content: object) => void sent.push(content),
    on: (_name: string, callback: (content: unknown) => void) => void listeners.add(callback),
    off: (_name: string, callback: (content: unknown) => void) => void listeners.delete(callback),
  };
  const say = (content: unknown): void => [...listeners].forEach((listener) => listener(content));

  test("it is asked by name, and a kernel without it is no answer", async () => {
    const way = fromKernel(model, "part.js", new AbortController().signal)();
    expect(sent).toEqual([{ type: "bundle", name: "part.js" }]);
    say({ type: "bundle", name: "other.js", text: "" });
    say({ type: "bundle", name: "part.js", text: null });
    await expect(way).rejects.toThrow("no such bundle");
    expect(listeners.size).toBe(0);
  });

  test("a card that ends listens no more", () => {
    const ending = new AbortController();
    void fromKernel(model, "part.js", ending.signal)();
    expect(listeners.size).toBe(1);
    ending.abort();
    expect(listeners.size).toBe(0);
  });

  test("its text is evaluated from a blob, which is let go again", async () => {
    // Node imports no blob: addresses; a data: address is the same module.
    const made: string[] = [];
    const gone: string[] = [];
    vi.stubGlobal("Blob", class { constructor(readonly parts: string[]) {} });
    Object.assign(URL, {
      createObjectURL: (blob: { parts: string[] }) => (made.push(blob.parts[0] ?? ""), `data:text/javascript,${encodeURIComponent(blob.parts[0] ?? "")}`),
      revokeObjectURL: (address: string) => gone.push(address),
    });
    expect(await fromText<{ answer: number }>("export const answer = 42;")).toMatchObject({ answer: 42 });
    expect([made.length, gone.length]).toEqual([1, 1]);
    vi.unstubAllGlobals();
  });
});

describe("a card without it", () => {
  const open = (way: Way<unknown>): { element: HTMLElement; show(document: unknown): void } => {
    completePage();
    Reflect.deleteProperty(globalThis, KEY);
    const details = new Bundle({ name: "details.js", digest: "here", clock: systemClock, ways: [async () => detailsViews] });
    const parts = { analysis: make(way), details, scan: make(way), study: make(way) } as Parts;
    const view = bodyView({ format: new Format(en), signal: new AbortController().signal, parts, memory: {} });
    const root = document.createElement("section");
    root.append(view.element);
    document.body.replaceChildren(root);
    return {
      element: view.element,
      show: (value) => view.update(snapshot({ state: { status: value ? "completed" : "running" } }), documentOf(value), false, root),
    };
  };

  test("asks for it while the task runs, keeps its room, and draws the result once it is here", async () => {
    let give: (value: unknown) => void = () => undefined;
    const way = vi.fn(() => new Promise((resolve) => (give = resolve)));
    const { element, show } = open(way);
    show(null);
    expect(way).toHaveBeenCalledTimes(1);
    show(analysis());
    expect(element.querySelector(".sw-chart-ghost")).not.toBeNull();
    give(views);
    await settled();
    expect(element.querySelector(".sw-chart-ghost")).toBeNull();
    expect(element.querySelector(".sw-chart canvas")).not.toBeNull();
  });

  test("says what to do when it cannot be had, and tries again", async () => {
    let up = false;
    const { element, show } = open(() => (up ? Promise.resolve(views) : refuse()));
    show(analysis());
    await settled();
    expect(element.textContent).toContain("could not be loaded");
    up = true;
    element.querySelector<HTMLButtonElement>(".sw-retry")?.click();
    await settled();
    expect(element.querySelector(".sw-chart canvas")).not.toBeNull();
  });
});
