// @vitest-environment jsdom
/** What the reader chose lasts, as far as the browser keeps anything. */

import { describe, expect, test, vi } from "vitest";

import { choices, choose } from "../../src/stockwidget/js/views/choices.ts";
import { CHOICES, freshPages } from "./opened.ts";

freshPages();

describe("choices", () => {
  test("hold for the page where the browser keeps nothing", () => {
    const refuse = vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
      throw new DOMException("no", "SecurityError");
    });
    choose({ panes: ["kdj"] });
    expect(choices().panes).toEqual(["kdj"]);
    refuse.mockRestore();
  });

  test("of another form are not taken", () => {
    localStorage.setItem("stockwidget.choices.v1", JSON.stringify({ panes: "rsi", log: true, overlays: {}, other: 1 }));
    expect(choices()).toMatchObject({ panes: ["volume", "macd"], log: true, overlays: ["sma_20", "sma_50", "sma_200"] });
    localStorage.setItem("stockwidget.choices.v1", "{");
    expect(choices().log).toBe(false);
    Reflect.deleteProperty(globalThis, CHOICES);
    localStorage.setItem("stockwidget.choices.v1", "null");
    expect(choices().log).toBe(false);
  });
});
