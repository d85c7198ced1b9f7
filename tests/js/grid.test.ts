// @vitest-environment jsdom
/** The scan's table sorts, filters, holds still under the pointer, and keeps only the rows in sight in the page. */

import { beforeAll, beforeEach, expect, test } from "vitest";

import { en } from "../../src/stockwidget/js/i18n/en.ts";
import { Format } from "../../src/stockwidget/js/views/format.ts";
import { type GridView, gridView } from "../../src/stockwidget/js/views/grid.ts";
import { completePage } from "./page.ts";

beforeAll(completePage);

let grid: GridView;
beforeEach(() => {
  grid = gridView(new Format(en), new AbortController().signal);
  document.body.replaceChildren(grid.element);
});

type Rows = (string | number | null)[][];
const three: Rows = [["AAPL", "Apple", 0.1], ["IBM", "Business Machines", 0.3], ["FB", "Facebook", null]];
const update = (rows: Rows) => grid.update({ columns: ["symbol", "name", "ret_20"], rows, sort: "ret_20", descending: true });
const symbols = () => [...grid.element.querySelectorAll("tbody th")].map((cell) => cell.textContent).join(" ");
const scroller = () => grid.element.querySelector(".sw-grid") as HTMLElement;
const header = (i: number) => grid.element.querySelectorAll<HTMLElement>("thead th button")[i] as HTMLElement;
const key = (name: string) => scroller().dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true }));

test("it opens in the scan's own order, with the missing value last", () => {
  update(three);
  expect(symbols()).toBe("IBM AAPL FB");
  expect(grid.element.querySelector("[aria-sort]")?.getAttribute("aria-sort")).toBe("descending");
});

test("a header sorts by its column and then the other way, and the reader's order outlives new rows", () => {
  update(three);
  header(0).click();
  expect(symbols()).toBe("AAPL FB IBM");
  header(0).click();
  expect(symbols()).toBe("IBM FB AAPL");
  update([...three, ["MSFT", "Microsoft", 0.9]]);
  expect(symbols()).toBe("MSFT IBM FB AAPL");
});

test("the filter narrows and reports", () => {
  const seen: [number, number][] = [];
  grid.onShown((shown, all) => seen.push([shown, all]));
  update(three);
  grid.filter("machines");
  expect(symbols()).toBe("IBM");
  expect(seen.at(-1)).toEqual([1, 3]);
});

test("under the pointer nothing moves; new rows wait, and come when it leaves", () => {
  update(three);
  const body = grid.element.querySelector("tbody") as HTMLElement;
  body.dispatchEvent(new Event("pointerenter"));
  update([["NVDA", "Nvidia", 0.9], ...three]);
  expect(symbols()).toBe("IBM AAPL FB");
  expect(grid.element.querySelector(".sw-pill")?.textContent).toBe("1 new rows");
  body.dispatchEvent(new Event("pointerleave"));
  expect(symbols()).toBe("NVDA IBM AAPL FB");
});

test("20 000 rows put a few dozen in the page", () => {
  update(Array.from({ length: 20_000 }, (_, i) => [`S${i}`, "", -i]));
  const drawn = grid.element.querySelectorAll("tbody th").length;
  expect(drawn).toBeGreaterThan(10);
  expect(drawn).toBeLessThan(60);
  expect(grid.element.querySelector("table")?.getAttribute("aria-rowcount")).toBe("20001");
  key("End");
  expect(grid.element.querySelector("tr[data-active] th")?.textContent).toBe("S19999");
});

test("arrows move, and copying takes the row as tab-separated text", () => {
  update(three);
  key("ArrowDown");
  key("ArrowDown");
  expect(grid.element.querySelector("tr[data-active] th")?.textContent).toBe("AAPL");
  let copied = "";
  const copy = new Event("copy", { bubbles: true, cancelable: true });
  Object.assign(copy, { clipboardData: { setData: (_type: string, text: string) => { copied = text; } } });
  scroller().dispatchEvent(copy);
  expect(copied).toBe("AAPL\tApple\t0.1");
});
