/** Numbers carry their sign and unit, missing values sort last, and each range button begins at the right bar. */

import { expect, test } from "vitest";

import { en } from "../../src/stockwidget/js/i18n/en.ts";
import { catalogueFor } from "../../src/stockwidget/js/i18n/locale.ts";
import { zh } from "../../src/stockwidget/js/i18n/zh.ts";
import { columnsOf } from "../../src/stockwidget/js/views/columns.ts";
import { habitOf } from "../../src/stockwidget/js/views/documents.ts";
import { Format } from "../../src/stockwidget/js/views/format.ts";
import { type Order, Ordered, type Row, type Sieve, sifted } from "../../src/stockwidget/js/views/order.ts";
import { sieveOf } from "../../src/stockwidget/js/views/sieve.ts";
import { firstBar, worthShowing } from "../../src/stockwidget/js/views/ranges.ts";

const english = new Format(en);
const chinese = new Format(zh);

test.each([
  [english.sentences("Few events.", "", "No reliable difference."), "Few events. No reliable difference."],
  [chinese.sentences("样本过少。", "", "没有差别。"), "样本过少。没有差别。"],
  [english.pair("Source", "sample"), "Source: sample"],
  [chinese.pair("数据来源", "sample"), "数据来源：sample"],
  [english.change(0.0123), "+1.23%"],
  [english.change(-0.3852), "−38.52%"],
  [english.change(-0.00001), "0.00%"],
  [english.signed(-1.559, 173.9), "−1.56"],
  [english.signed(0.53, 27.78), "+0.53"],
  [english.signed(0.0021, 0.4), "+0.0021"],
  [english.price(1234.5), "1,234.50"],
  [english.price(0.0421), "0.0421"],
  [english.volume(63_050_000), "63.05M"],
  [chinese.volume(63_050_000), "6305万"],
  [english.duration(84.3), "84 ms"],
  [english.duration(3_240), "3.2 s"],
  [english.duration(3_400, true), "3 s"],
  [english.duration(125_000), "2 min 5 s"],
  [chinese.duration(3_725_000), "1 小时 2 分"],
])("%s", (got, expected) => expect(got).toBe(expected));

const rows: Row[] = [["B", "Beta", 2], ["A", "alpha", null], ["C", "Gamma", -1]];
const collator = new Intl.Collator("en");
const columns = columnsOf(["symbol", "name", "ret(20)", "close", "volume", "rsi_14"], "ret(20)", english);
const wish = (text: string) => sieveOf(text, columns, 2);
const all = wish("");
function arrange(some: readonly Row[], order: Order | null, sieve: Sieve, by: Intl.Collator): readonly Row[] {
  const ordered = new Ordered(order, by);
  ordered.add(sifted(some, sieve));
  return ordered.rows;
}
const symbols = (sorted: readonly Row[]) => sorted.map((row) => row[0]).join("");

test("rows sort by number either way, and a missing number is last both times", () => {
  expect(symbols(arrange(rows, { column: 2, descending: true }, all, collator))).toBe("BCA");
  expect(symbols(arrange(rows, { column: 2, descending: false }, all, collator))).toBe("CBA");
  expect(symbols(rows)).toBe("BAC");
});

test("names sort as a reader of the language expects: numbers by value, capitals among small letters, Chinese by sound", () => {
  const by = (names: (string | null)[], lang: string, descending = false) =>
    arrange(names.map((name) => [name]), { column: 0, descending }, all, new Intl.Collator(lang)).map(([name]) => name);
  expect(by(["S10", "s9", "S1", null, "A"], "en")).toEqual(["A", "S1", "s9", "S10", null]);
  expect(by(["S10", "s9", "S1", null, "A"], "en", true)).toEqual(["S10", "s9", "S1", "A", null]);
  const chinese = ["中国平安", "贵州茅台", "宁德时代", "万科A", "比亚迪"];
  expect(by(chinese, "zh-CN")).toEqual([...chinese].sort(new Intl.Collator("zh-CN").compare));
});

test.each([["numbers", 1], ["texts", 0], ["numbers, then also texts", 2]])("rows that come piece by piece end as if all had come at once: %s", (_what, column) => {
  const letters = "zéB9中a";
  const cell = (i: number) => (i % 7 === 0 ? null : (i * 37) % 20);
  const many: Row[] = Array.from({ length: 90 }, (_, i) => [`${letters[Math.floor(i / 15)]}${(i * 31) % 13}`, cell(i), i > 40 && i % 5 === 0 ? `x${i % 3}` : cell(i)]);
  for (const descending of [false, true]) {
    const pieces = new Ordered({ column, descending }, collator);
    for (const [from, to] of [[0, 1], [1, 40], [40, 41], [41, 90]]) pieces.add(many.slice(from, to));
    expect(pieces.rows).toEqual(arrange(many, { column, descending }, all, collator));
  }
});

const numbers: Row[] = [["A", "", 0.1, 50, 2e6, 30], ["B", "", -0.04, 1000, 5e5, 71], ["C", "", null, 20, null, 29.9]];
test.each([
  [">5", "A"], ["<-1%", "B"], ["ret20>=10", "A"], ["rsi<30", "C"], ["rsi < 30", "C"], ["close>=1,000", "B"], ["close>30 rsi<70", "A"],
  ["volume>1M", "A"], ["成交量>100万", ""], ["volume>=50万", "AB"], ["rsi>", "ABC"], ["rsi>=30 b", "B"], ["close=20", "C"], ["ret(20)>−5", "AB"],
])("the filter %s", (text, left) => {
  const { unknown } = wish(text);
  expect(unknown).toBe(text.startsWith("成") ? "成交量" : null);
  if (unknown === null) expect(symbols(arrange(numbers, null, wish(text), collator))).toBe(left);
});

test("returns and drawdowns are shown in percent however their column is spelled", () => {
  const shown = (key: string) => columnsOf([key], "", english)[0];
  for (const key of ["ret_20", "ret(20)", "drawdown(252)"]) expect(shown(key)?.write(-0.123).text).toBe("▼ −12.30%");
  expect(shown("ret(20)")?.label).toBe("20d return");
  expect(shown("drawdown(252)")?.label).toBe("252d drawdown");
  expect(shown("rsi(14)")?.write(61.26).text).toBe("61.3");
  expect(shown("close / sma(200)")?.label).toBe("close / sma(200)");
});

test("the filter wants every word, in any case, in texts alone", () => {
  expect(symbols(arrange(rows, null, wish("ALPHA"), collator))).toBe("A");
  expect(symbols(arrange(rows, null, wish("a c"), collator))).toBe("C");
  expect(symbols(arrange(rows, null, wish("2"), collator))).toBe("");
});

const dates = ["2022-12-30", "2023-01-03", "2023-02-27", "2023-02-28", "2023-03-31"];
test.each([["1M", 3], ["3M", 1], ["6M", 0], ["YTD", 1], ["MAX", 0], ["5Y", 0]] as const)("%s begins at bar %i", (range, bar) => {
  expect(firstBar(range, dates)).toBe(bar);
});

test("a button that would show everything is left out, MAX never", () => {
  expect(worthShowing("5Y", dates)).toBe(false);
  expect(worthShowing("YTD", dates)).toBe(true);
  expect(worthShowing("MAX", dates)).toBe(true);
  expect(firstBar("1Y", [])).toBe(0);
});

test("columns are written as what they are", () => {
  const [ret, vol, rsi, sma, other] = columnsOf(["ret_20", "volatility_252", "rsi_14", "sma_200", "close"], "ret_20", chinese);
  expect(ret?.write(0.05)).toEqual({ text: "▲ +5.00%", tone: "up" });
  expect(vol?.write(0.281).text).toBe("28.1%");
  expect(rsi?.write(55.04).text).toBe("55.0");
  expect([ret, vol, rsi, sma, other].map((column) => column?.label)).toEqual(["20 日涨跌幅", "年化波动率", "RSI 14", "MA200", "收盘价"]);
  expect(rsi?.write(null)).toEqual({ text: "–", tone: null });
});

test("colour follows the reader, then the market, then most of the symbols", () => {
  expect(habitOf("green-up", "CN")).toBe("green-up");
  expect(habitOf("", "CN")).toBe("red-up");
  expect(habitOf("", "HK")).toBe("red-up");
  expect(habitOf("", "US")).toBe("green-up");
  expect(habitOf("", null, ["600519.SS", "00700.HK", "AAPL"])).toBe("red-up");
  expect(habitOf("", null, ["AAPL"])).toBe("green-up");
});

test("the language is the trait's, else the page's, else the browser's", () => {
  const page = (lang: string) => ({ documentElement: { lang } }) as Document;
  const browser = (language: string) => ({ language }) as Navigator;
  expect(catalogueFor("zh", page("en"), browser("en"))).toBe(zh);
  expect(catalogueFor("", page("zh-CN"), browser("en"))).toBe(zh);
  expect(catalogueFor("", page(""), browser("zh-TW"))).toBe(zh);
  expect(catalogueFor("en", page("zh"), browser("zh"))).toBe(en);
});

test("every text of a catalogue that takes values shows each of them", () => {
  for (const catalogue of [en, zh]) {
    const texts = Object.entries(catalogue) as [string, unknown][];
    for (const [key, text] of texts.filter(([, value]) => typeof value === "function")) {
      const given = Array.from({ length: (text as () => string).length }, (_, i) => `<${i}>`);
      const said = (text as (...values: string[]) => string)(...given);
      for (const value of given) expect(said, `${catalogue.lang} ${key}`).toContain(value);
    }
  }
});

test("Chinese leaves no text in English", () => {
  const same = Object.entries(zh).filter(([key, text]) => typeof text === "string" && text === en[key as keyof typeof en]);
  expect(same.map(([key]) => key)).toEqual([]);
});
