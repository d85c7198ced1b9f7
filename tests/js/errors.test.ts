/** What the server refuses has Chinese words of its own, made from the error's data; what is not known keeps the server's. */

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect, test } from "vitest";

import { errorsZh, rulesZh } from "../../src/stockwidget/js/i18n/errors.zh.ts";
import { en } from "../../src/stockwidget/js/i18n/en.ts";
import { zh } from "../../src/stockwidget/js/i18n/zh.ts";
import { Format } from "../../src/stockwidget/js/views/format.ts";

const RULES = join(dirname(fileURLToPath(import.meta.url)), "../../src/stockwidget/scan/rules");
const here = { state: { module: { errorsZh } } };
const chinese = new Format(zh, here);

test("every kind of wrong rule that the reader of rules knows has words", () => {
  const sources = readdirSync(RULES).filter((name) => name.endsWith(".py")).map((name) => readFileSync(join(RULES, name), "utf8")).join("\n");
  const raised = [...sources.matchAll(/\bkind=\(?\s*"(\w+)"/g)].map(([, name]) => name as string).filter((name) => name !== "number" && name !== "condition"); // Of values.
  expect(new Set(raised).size).toBeGreaterThan(35);
  expect(raised.filter((name) => !(name in rulesZh))).toEqual([]);
  expect(Object.keys(rulesZh).filter((name) => !sources.includes(`"${name}"`))).toEqual([]);
});

test.each([
  [{ code: "invalid_rule", message: "Unknown `rsj`.", hint: "Did you mean `rsi`?", kind: "unknown_name", name: "rsj", nearest: ["rsi"] }, "不认识 rsj。是否想写 rsi？"],
  [{ code: "invalid_rule", message: "…", kind: "too_many_settings", name: "sma", most: 1, given: 2, known: ["window"] }, "sma 最多 1 个参数（window），这里有 2 个。"],
  [{ code: "invalid_rule", message: "…", kind: "unknown_letter", letter: "&" }, "条件中不能使用“&”。条件之间请写 and。"],
  [{ code: "invalid_request", message: "…", kind: "start_after_end", start: "2024-02-01", end: "2024-01-01" }, "开始日期（2024-02-01）晚于结束日期（2024-01-01）。请对调。"],
  [{ code: "queue_full", message: "…", waiting: 1000 }, "已有 1000 个任务在排队，不能再添加。请等待部分任务结束，或取消不再需要的任务。"],
  [{ code: "memory_limit", message: "…", used: 3 * 2 ** 30, limit: 2 ** 31 }, "任务占用内存 3072 MiB，超过上限 2048 MiB，已被停止。请减少股票数量，或在服务器配置中提高内存上限。"],
])("%o", (error, words) => expect(chinese.why(error)).toBe(words));

test("what has no words yet, and English, are as the server says it", () => {
  const error = { code: "invalid_rule", message: "It is too odd.", hint: "Leave it.", kind: "odd" };
  expect(chinese.why(error)).toBe("It is too odd. Leave it.");
  expect(new Format(en, here).why({ ...error, kind: "empty" })).toBe("It is too odd. Leave it.");
});

test("the words are asked for once they are needed, and used when they are here", () => {
  const place = { state: { module: null as typeof here.state.module | null }, load: () => void (asked += 1) };
  let asked = 0;
  const format = new Format(zh, place);
  expect(asked).toBe(0);
  const error = { code: "invalid_rule", message: "The rule is empty.", hint: "", kind: "empty" };
  expect([format.why(error), asked]).toEqual(["The rule is empty.", 1]);
  place.state.module = { errorsZh };
  expect(format.why(error)).toBe("条件为空。例如 close > sma(200)。");
});
