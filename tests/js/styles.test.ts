/** No stylesheet restyles another's elements by accident: those of one card are all below the same root. */

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect, test } from "vitest";

const VIEWS = join(dirname(fileURLToPath(import.meta.url)), "../../src/stockwidget/js/views");

/** Classes that a stylesheet gives rules of their own, those for widths and media aside. */
function classes(css: string): Set<string> {
  const plain = css.replace(/\/\*.*?\*\//gs, "").replace(/@[^{]+\{(?:[^{}]*\{[^{}]*\})*\s*\}/g, "");
  const selectors = [...plain.matchAll(/([^{}]+)\{/g)].flatMap(([, list]) => (list ?? "").split(","));
  return new Set(selectors.flatMap((one) => /^\s*\.stockwidget (\.sw-[\w-]+)\s*$/.exec(one)?.[1] ?? []));
}

test("a class is styled by one stylesheet", () => {
  const owners = new Map<string, string[]>();
  for (const name of readdirSync(VIEWS).filter((each) => each.endsWith(".css"))) {
    for (const one of classes(readFileSync(join(VIEWS, name), "utf8"))) owners.set(one, [...(owners.get(one) ?? []), name]);
  }
  expect(owners.size).toBeGreaterThan(150);
  expect([...owners].filter(([, names]) => names.length > 1)).toEqual([]);
});
