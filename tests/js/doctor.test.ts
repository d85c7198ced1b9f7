// @vitest-environment jsdom
/** A page tries every way by itself: only news of a task proves one, and what fails says why and what to do. */

import { expect, test, vi } from "vitest";

import type { Openers } from "../../src/stockwidget/js/client/connection.ts";
import { examine } from "../../src/stockwidget/js/client/examine.ts";
import { systemClock } from "../../src/stockwidget/js/client/clock.ts";
import type { Answer, ServerInfo } from "../../src/stockwidget/js/client/http.ts";
import type { OpenTransport, Sink } from "../../src/stockwidget/js/client/transports/transport.ts";
import { doctorEn } from "../../src/stockwidget/js/i18n/doctor.en.ts";
import { doctorZh } from "../../src/stockwidget/js/i18n/doctor.zh.ts";
import { en } from "../../src/stockwidget/js/i18n/en.ts";
import { reasonsEn } from "../../src/stockwidget/js/i18n/reasons.ts";
import { pageChecks, pageList } from "../../src/stockwidget/js/views/doctor.ts";
import { Format } from "../../src/stockwidget/js/views/format.ts";

const words = { format: new Format(en), texts: doctorEn, reasons: reasonsEn };
const info = (transports: string[]) => async (): Promise<Answer<ServerInfo>> => ({ is: "ok", value: { transports } });
const closed = vi.fn();
/** A transport that does `then` once it stands. */
const way = (then: (sink: Sink, asked: string[]) => void): OpenTransport => (sink, cursors) => {
  queueMicrotask(() => then(sink, Object.keys(cursors())));
  return { name: "ws", beats: true, prompt: true, send: () => undefined, close: closed };
};
const works = way((sink, asked) => {
  sink.frame({ k: "hello", d: {} });
  for (const t of asked) sink.frame({ k: "error", t, d: { code: "unknown_task", message: "never heard of it" } });
});
const refused = way((sink) => sink.ended({ code: "refused", why: "closed (1006)" }));
const mute = way((sink) => sink.frame({ k: "hello", d: {} }));
const looking = (openers: Openers, offered = ["ws", "sse", "poll"]) => examine({ openers, clock: systemClock, info: info(offered) });
const said = async (openers: Openers, offered?: string[]): Promise<string[]> =>
  pageChecks(await looking(openers, offered), words).map(({ name, state }) => `${name} ${state}`);

test("a way that tells of a task works; every one is closed again", async () => {
  closed.mockClear();
  expect(await said({ ws: works, sse: works, poll: works })).toEqual(["server ok", "ws ok", "sse ok", "poll ok"]);
  expect(closed).toHaveBeenCalledTimes(3);
});

test("one that is refused could be better while another works, and hinders when none does", async () => {
  expect(await said({ ws: refused, sse: works, poll: works })).toEqual(["server ok", "ws warn", "sse ok", "poll ok"]);
  expect(await said({ ws: refused, sse: refused, poll: refused })).toEqual(["server ok", "ws fail", "sse fail", "poll fail"]);
  const [, check] = pageChecks(await looking({ ws: refused, sse: works, poll: works }), words);
  expect(check?.found).toBe("Does not work: the opening was refused.");
  expect(check?.advice).toContain("Upgrade");
});

test("a greeting alone proves nothing", async () => {
  vi.useFakeTimers();
  const looked = looking({ ws: works, sse: mute, poll: works });
  await vi.advanceTimersByTimeAsync(12_000);
  vi.useRealTimers();
  expect(pageChecks(await looked, words)[2]).toMatchObject({ state: "warn", found: expect.stringContaining("holds the stream back") });
});

test("what the server does not offer is left out", async () => {
  expect(await said({ ws: works, sse: works, poll: works }, ["poll"])).toEqual(["server ok", "ws skip", "sse skip", "poll ok"]);
});

test("without an answer of the server no way is tried, and the reason is said", async () => {
  for (const is of ["auth", "suspended"] as const) {
    const found = await examine({ openers: { ws: works }, clock: systemClock, info: async () => ({ is }) });
    expect(pageChecks(found, words)).toEqual([expect.objectContaining({ name: "server", state: "fail", found: doctorEn.server[is] })]);
  }
});

test("a page without a server says that its kernel feeds it; its list looks again when asked", async () => {
  const { signal } = new AbortController();
  const alone = pageList({ ...words, signal, look: null });
  alone.run();
  expect(alone.element.textContent).toContain(doctorEn.noServer);
  const look = vi.fn(() => looking({ ws: works, sse: works, poll: works }));
  const list = pageList({ ...words, signal, look });
  list.run();
  await vi.waitFor(() => expect(list.element.querySelectorAll('[data-state="ok"]')).toHaveLength(4));
  list.element.querySelector("button")?.click();
  expect(look).toHaveBeenCalledTimes(2);
});

test("both languages say everything", () => {
  const keys = (value: object): string[] => Object.entries(value).flatMap(([key, each]) => (typeof each === "object" ? [key, ...keys(each as object)] : [key]));
  expect(keys(doctorZh)).toEqual(keys(doctorEn));
});
