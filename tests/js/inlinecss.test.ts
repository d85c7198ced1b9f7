/** A stylesheet below the root names it once, whatever its selectors hold; one that is not stays as it is. */

import { expect, test } from "vitest";

import { nested } from "../../src/stockwidget/js/inline-css.mjs";

test("a selector list within brackets does not keep a stylesheet from being nested", () => {
  const css = ".stockwidget .a:has(.b,.c:not([hidden])),.stockwidget .d{x:y}@media(max-width:9px){.stockwidget[data-e] .f{x:z}}";
  expect(nested(css)).toBe(".stockwidget{.a:has(.b,.c:not([hidden])),.d{x:y}@media(max-width:9px){&[data-e] .f{x:z}}}");
});

test("keyframes stay outside", () => {
  expect(nested(".stockwidget .a{x:y}@keyframes k{50%{x:z}}")).toBe(".stockwidget{.a{x:y}}@keyframes k{50%{x:z}}");
});

test("one selector of another root leaves all as they are", () => {
  const css = ".stockwidget .a{x:y}.other{x:z}";
  expect(nested(css)).toBe(css);
});
