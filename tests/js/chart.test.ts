// @vitest-environment jsdom
/** The chart of an analysis: panes by choice, and everything by keyboard. */

import { describe, expect, test } from "vitest";

import { analysisEn } from "../../src/stockwidget/js/i18n/analysis.en.ts";
import { commandOf, HELP } from "../../src/stockwidget/js/views/chartkeys.ts";
import { choose } from "../../src/stockwidget/js/views/choices.ts";
import type { Memory } from "../../src/stockwidget/js/views/result.ts";
import { moved, zoomed } from "../../src/stockwidget/js/views/viewport.ts";
import { date, freshPages, one, open, press, texts, unfold } from "./opened.ts";

freshPages();

describe("the chart", () => {
  const panes = (element: Element): (string | undefined)[] => [...element.querySelectorAll<HTMLElement>(".sw-pane-legend")].map((legend) => legend.dataset.pane);
  const pick = (element: Element, label: string): void => {
    const found = [...element.querySelectorAll(".sw-menu label")].find((each) => each.textContent === label);
    if (!found) throw new Error(`No choice ${label}.`);
    one(found, "input").click();
  };

  test("offers only panes it has values for, and shows those picked, in their order", () => {
    const element = open();
    expect(texts(element, ".sw-menu fieldset:nth-of-type(2) label")).toEqual(["Volume", "MACD 12 26 9", "RSI 14", "Score"]);
    expect(panes(element)).toEqual(["volume", "macd"]);
    pick(element, "RSI 14");
    pick(element, "MACD 12 26 9");
    expect(panes(element)).toEqual(["volume", "rsi"]);
    one(element, '[data-pane=volume] .sw-pane-close').click();
    expect(panes(element)).toEqual(["rsi"]);
    expect(panes(open())).toEqual(["rsi"]);
  });

  test("a pane shows its values under the crosshair, a missing one as missing", () => {
    const element = open();
    expect(one(element, "[data-pane=macd]").textContent).toBe("MACD 12 26 9MACD0.030DIF0.200DEA0.170×");
    press(element, "Home");
    expect(one(element, "[data-pane=macd]").textContent).toBe("MACD 12 26 9MACD–DIF–DEA–×");
  });

  test("arrow keys move through the bars and say them", () => {
    const element = open();
    press(element, "End");
    press(element, "ArrowLeft");
    expect(date(element)).toBe("2024-12-27");
    expect(one(element, ".sw-chart > [aria-live]").textContent).toMatch(/^2024-12-27, 11\.50/);
    press(element, "ArrowLeft", { shiftKey: true });
    expect(date(element)).toBe("2024-12-26");
    press(element, "Escape");
    expect(date(element)).toBe("2024-12-30");
  });

  test("N and P go from signal to signal, and each explains itself", () => {
    const element = open();
    press(element, "p");
    expect(date(element)).toBe("2024-12-27");
    const tip = one(element, ".sw-tip");
    expect(tip.hidden).toBe(false);
    expect(tip.textContent).toBe("2024-12-27▲ Golden crossSMA 50 crosses above SMA 200: 11.20 / 11.10After 20 bars +3.00%, any day +0.80% (median, 40 times).");
    press(element, "Escape");
    expect(tip.hidden).toBe(true);
  });

  test("a signal of the list brings its bar under the crosshair", async () => {
    const element = open();
    await unfold(element, "signals");
    one(element, ".sw-fold-signals .sw-link").click();
    expect(date(element)).toBe("2024-12-27");
    expect(one(element, ".sw-tip").textContent).toContain("Golden cross");
  });

  test("the host's own keys are left to the host", () => {
    const key = (init: KeyboardEventInit): KeyboardEvent => new KeyboardEvent("keydown", init);
    expect(commandOf(key({ key: "l", ctrlKey: true }))).toBeNull();
    expect(commandOf(key({ key: "Enter" }))).toBeNull();
    expect(commandOf(key({ key: "L" }))).toEqual({ do: "log" });
    expect(commandOf(key({ key: "2" }))).toEqual({ do: "range", index: 1 });
    for (const [, name] of HELP) expect(analysisEn.keys[name]).toBeTruthy();
  });

  test("the logarithmic scale is switched by button and key, and remembered", () => {
    const element = open();
    const log = (where: Element): string | null => one(where, ".sw-log-button").getAttribute("aria-pressed");
    one(element, ".sw-log-button").click();
    expect(log(element)).toBe("true");
    press(element, "l");
    expect(log(element)).toBe("false");
    press(element, "l");
    expect(log(open())).toBe("true");
  });

  test("a view built again has the panes and the place of the one before, whatever was chosen elsewhere", () => {
    const memory: Memory = {};
    const element = open({}, memory);
    pick(element, "RSI 14");
    memory.chart = { ...memory.chart, view: { from: 0.5, to: 2 } };
    choose({ panes: [] });
    const again = open({}, memory);
    expect(panes(again)).toEqual(["volume", "macd", "rsi"]);
    expect(again.querySelector(".sw-range-button[aria-pressed=true]")).toBeNull();
    press(again, "r");
    expect(one(again, ".sw-range-button[aria-pressed=true]").textContent).toBe("MAX");
  });

  test("help lists every key", () => {
    const element = open();
    press(element, "?");
    expect((one(element, ".sw-help") as HTMLDetailsElement).open).toBe(true);
    expect(texts(element, ".sw-help dt")).toHaveLength(HELP.length);
    press(element, "Escape");
    expect((one(element, ".sw-help") as HTMLDetailsElement).open).toBe(false);
  });
});

describe("what is in view", () => {
  test("moves as far as there are bars", () => {
    expect(moved({ from: 10, to: 20 }, 5, 99, 2)).toEqual({ from: 15, to: 25 });
    expect(moved({ from: 10, to: 20 }, -50, 99, 2)).toEqual({ from: -0.5, to: 9.5 });
    expect(moved({ from: 10, to: 20 }, 500, 99, 2)).toEqual({ from: 91, to: 101 });
  });

  test("zooms about the bar under the pointer, between ten bars and all", () => {
    expect(zoomed({ from: 0, to: 100 }, 0.5, 50, 999, 2)).toEqual({ from: 25, to: 75 });
    expect(zoomed({ from: 0, to: 12 }, 0.5, 6, 999, 2)).toEqual({ from: 1, to: 11 });
    expect(zoomed({ from: 0, to: 100 }, 100, 50, 199, 2)).toEqual({ from: -0.5, to: 201 });
  });
});
