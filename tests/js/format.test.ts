/** Numbers carry their sign and unit, missing values sort last, and each range button begins at the right bar. */

import { expect, test } from "vitest";

import { en } from "../../src/stockwidget/js/i18n/en.ts";
import { catalogueFor } from "../../src/stockwidget/js/i18n/locale.ts";
import { zh } from "../../src/stockwidget/js/i18n/zh.ts";
import { columnsOf } from "../../src/stockwidget/js/views/columns.ts";
import { habitOf } from "../../src/stockwidget/js/views/documents.ts";
import { Format } from "../../src/stockwidget/js/views/format.ts";
import { arrange, type Row } from "../../src/stockwidget/js/views/order.ts";
import { firstBar, worthShowing } from "../../src/stockwidget/js/views/ranges.ts";

const english = new Format(en);
const chinese = new Format(zh);

test.each([
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
const symbols = (sorted: readonly Row[]) => sorted.map((row) => row[0]).join("");

test("rows sort by number either way, and a missing number is last both times", () => {
  expect(symbols(arrange(rows, { column: 2, descending: true }, "", collator))).toBe("BCA");
  expect(symbols(arrange(rows, { column: 2, descending: false }, "", collator))).toBe("CBA");
  expect(symbols(rows)).toBe("BAC");
});

test("the filter wants every word, in any case, in texts alone", () => {
  expect(symbols(arrange(rows, null, "ALPHA", collator))).toBe("A");
  expect(symbols(arrange(rows, null, "a c", collator))).toBe("C");
  expect(symbols(arrange(rows, null, "2", collator))).toBe("");
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
