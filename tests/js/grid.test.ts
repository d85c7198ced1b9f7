// @vitest-environment jsdom
/** The scan's table sorts, filters, holds still under the pointer, and keeps only the rows in sight in the page. */

import { beforeAll, beforeEach, expect, test } from "vitest";

import { en } from "../../src/stockwidget/js/i18n/en.ts";
import { choose } from "../../src/stockwidget/js/views/choices.ts";
import { Format } from "../../src/stockwidget/js/views/format.ts";
import { type GridView, gridView } from "../../src/stockwidget/js/views/grid.ts";
import { csv } from "../../src/stockwidget/js/views/sheet.ts";
import { completePage } from "./page.ts";

beforeAll(completePage);

let grid: GridView;
let opened: string[];
beforeEach(() => {
  opened = [];
  choose({ columnsHidden: [], columnOrder: [] });
  grid = gridView({ format: new Format(en), signal: new AbortController().signal, memory: {}, onOpen: (symbol) => opened.push(symbol) });
  document.body.replaceChildren(grid.element);
});

type Rows = (string | number | null)[][];
const three: Rows = [["AAPL", "Apple", 0.1], ["IBM", "Business Machines", 0.3], ["FB", "Facebook", null]];
const update = (rows: Rows) => grid.update({ columns: ["symbol", "name", "ret_20"], rows, sort: "ret_20", descending: true });
const symbols = () => [...grid.element.querySelectorAll("tbody th")].map((cell) => cell.textContent).join(" ");
const table = () => grid.element.querySelector("table") as HTMLElement;
const header = (i: number) => grid.element.querySelectorAll<HTMLElement>("thead th button")[i] as HTMLElement;
const key = (name: string, more = {}) => table().dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true, ...more }));

test("it opens in the scan's own order, with the missing value last", () => {
  update(three);
  expect(symbols()).toBe("IBM AAPL FB");
  expect(grid.element.querySelector("[aria-sort]")?.getAttribute("aria-sort")).toBe("descending");
});

test("a long table that is in the page with its head alone gets the rows of all its room", () => {
  Object.defineProperty(grid.element.querySelector(".sw-grid"), "clientHeight", { value: 29 });
  update(Array.from({ length: 900 }, (_, i) => [`S${i}`, "", i]));
  expect(grid.element.querySelectorAll("tbody th").length).toBeGreaterThanOrEqual(364 / 28);
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

test("rows that come while it is sorted and filtered fall into place as if all had come at once", () => {
  const all: Rows = Array.from({ length: 60 }, (_, i) => [`S${i}`, i % 3 ? "odd" : "third", ((i * 37) % 20) / 10]);
  update(all);
  grid.filter("third");
  const whole = symbols();
  grid.filter("");
  update(all.slice(0, 20));
  grid.filter("third");
  for (const end of [21, 45, 60]) update(all.slice(0, end));
  expect(symbols()).toBe(whole);
});

test("the filter narrows and reports", () => {
  const seen: [number, number][] = [];
  grid.onShown(({ shown, all }) => void seen.push([shown, all]));
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

const copied = (): string => {
  let text = "";
  const copy = new Event("copy", { bubbles: true, cancelable: true });
  Object.assign(copy, { clipboardData: { setData: (_type: string, data: string) => { text = data; } } });
  table().dispatchEvent(copy);
  return text;
};

test("arrows move, and copying takes the row as tab-separated text", () => {
  update(three);
  key("ArrowDown");
  key("ArrowDown");
  expect(grid.element.querySelector("tr[data-active] th")?.textContent).toBe("AAPL");
  expect(copied()).toBe("AAPL\tApple\t0.1");
});

test("Shift selects several rows, Ctrl+A all; they are copied with the names of their columns", () => {
  update(three);
  key("ArrowDown");
  key("ArrowDown", { shiftKey: true });
  expect([...grid.element.querySelectorAll('[aria-selected="true"] th')].map((cell) => cell.textContent)).toEqual(["IBM", "AAPL"]);
  expect(copied()).toBe("symbol\tname\tret_20\nIBM\tBusiness Machines\t0.3\nAAPL\tApple\t0.1");
  key("a", { ctrlKey: true });
  expect(copied().split("\n")).toHaveLength(4);
});

test("Enter opens the row it stands on, and so does a click on the symbol", () => {
  update(three);
  key("Enter");
  expect(opened).toEqual([]);
  key("ArrowDown");
  key("Enter");
  grid.element.querySelectorAll<HTMLElement>(".sw-open")[1]?.click();
  expect(opened).toEqual(["IBM", "AAPL"]);
});

test("columns can be put away and moved, and the symbol stays first", () => {
  const shown = () => [...grid.element.querySelectorAll("thead th")].map((cell) => cell.getAttribute("data-column"));
  update(three);
  choose({ columnsHidden: ["name", "symbol"] });
  grid.layOut();
  expect(shown()).toEqual(["symbol", "ret_20"]);
  choose({ columnsHidden: [], columnOrder: ["ret_20", "name"] });
  grid.layOut();
  expect(shown()).toEqual(["symbol", "ret_20", "name"]);
  expect(symbols()).toBe("IBM AAPL FB");
  expect(grid.sheet()).toMatchObject({ keys: ["symbol", "ret_20", "name"], places: [0, 2, 1] });
});

test("the bar of the ranked column has zero on its scale", () => {
  update([["A", "", 0.3], ["B", "", -0.1]]);
  const bar = (cell: HTMLElement) => [cell.style.getPropertyValue("--sw-from"), cell.style.getPropertyValue("--sw-to")];
  expect([...grid.element.querySelectorAll<HTMLElement>(".sw-barred")].map(bar)).toEqual([["25.0%", "100.0%"], ["0.0%", "25.0%"]]);
});

test("CSV quotes what must be quoted, keeps full precision and lets no cell be a formula", () => {
  const sheet = { keys: ["symbol", "name", "ret_20"], places: [0, 1, 2], rows: [["A", 'Say "A", Inc.', 0.1234567891], ["B", "=1+1", null]] };
  expect(csv(sheet)).toBe("\ufeffsymbol,name,ret_20\r\nA,\"Say \"\"A\"\", Inc.\",0.1234567891\r\nB,'=1+1,\r\n");
});
