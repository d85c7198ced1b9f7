/** Each HTTP answer has the one meaning that docs/protocol.md gives it, seen over a real server. */

import { afterEach, beforeEach, expect, test } from "vitest";

import { Api } from "../../src/stockwidget/js/client/http.ts";
import { record } from "./frames.ts";
import { serve, type Reply, type TestServer } from "./server.ts";

let server: TestServer;
let api: Api;
beforeEach(async () => {
  server = await serve();
  api = new Api(server.host, fetch);
});
afterEach(() => server.close());

const answer = (reply: Reply) => {
  server.routes.set("GET tasks/t1", () => reply);
  return api.task("t1");
};
const error = { code: "unknown_task", message: "No such task.", hint: "Run it again." };

test("a record comes with token and XSRF header, below the base URL", async () => {
  expect(await answer({ json: record() })).toEqual({ is: "ok", value: record() });
  expect(server.requests[0]?.headers).toMatchObject({ authorization: "token secret", "x-xsrftoken": "x1" });
  expect(server.requests[0]?.url).toBe("/user/x/stockwidget/api/v1/tasks/t1");
});

test.each<[string, Reply, object]>([
  ["401", { status: 401, json: { code: "not_authorized", message: "Who?" } }, { is: "auth" }],
  ["a login page", { html: "<form>login</form>" }, { is: "auth" }],
  ["404 of ours", { status: 404, json: error }, { is: "missing", error }],
  ["404 of a server without us", { status: 404, html: "" }, { is: "missing", error: null }],
  ["410", { status: 410, json: { ...error, code: "expired" } }, { is: "gone", error: { code: "expired" } }],
  ["409", { status: 409, json: { ...error, code: "wrong_state" } }, { is: "refused", error: { code: "wrong_state" } }],
  ["429", { status: 429, json: error, headers: { "Retry-After": "7" } }, { is: "unreachable", retryMs: 7_000 }],
  ["429 without a time", { status: 429, json: error }, { is: "unreachable", retryMs: 30_000 }],
  ["a proxy's 502", { status: 502, html: "Bad gateway" }, { is: "unreachable", status: 502 }],
  ["503 of ours", { status: 503, json: { ...error, code: "store_unavailable" } }, { is: "unreachable", status: 503 }],
  ["a failed task's result", { status: 500, json: { ...error, code: "job_failed" } }, { is: "refused", error: { code: "job_failed" } }],
])("%s", async (_name, reply, expected) => {
  expect(await answer(reply)).toMatchObject(expected);
});

test("a redirect to the login page is a lost login", async () => {
  server.routes.set("GET login", () => ({ html: "<form>" }));
  expect(await answer({ status: 302, location: "/user/x/stockwidget/api/v1/login" })).toEqual({ is: "auth" });
});

test("403 is tried once more with the cookie read anew", async () => {
  server.routes.set("GET info", () => {
    server.host.cookie = "x2";
    return { json: {} };
  });
  server.routes.set("POST tasks/t1/cancel", ({ headers }) =>
    headers["x-xsrftoken"] === "x2" ? { status: 202, json: record({ status: "cancelling" }) } : { status: 403, json: error });
  expect(await api.cancel("t1")).toMatchObject({ is: "ok", value: { status: "cancelling" } });
});

test("403 that stays is forbidden, after exactly one more try", async () => {
  expect(await answer({ status: 403, json: error })).toMatchObject({ is: "forbidden" });
  expect(server.requests.filter(({ url }) => url?.endsWith("t1"))).toHaveLength(2);
});

test("a server that is not there is unreachable", async () => {
  await server.close();
  expect(await api.task("t1")).toEqual({ is: "unreachable", status: null, retryMs: null });
  server = await serve();
});
