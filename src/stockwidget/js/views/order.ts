/** Which rows a table shows and in which order; pure, so that it is tested without a page. */

import type { Cell } from "./documents.ts";

export type Row = readonly Cell[];

export interface Order {
  readonly column: number;
  readonly descending: boolean;
}

/** A condition on the number in one place of a row. */
export interface Test {
  readonly column: number;
  passes(value: number): boolean;
}

export interface Sieve {
  /** In lower case. */
  readonly words: readonly string[];
  readonly tests: readonly Test[];
}

/** Rows that contain every word in one of their texts and pass every test. */
export function sifted(rows: readonly Row[], { words, tests }: Sieve): readonly Row[] {
  if (words.length + tests.length === 0) return rows;
  const fits = (row: Row): boolean =>
    tests.every(({ column, passes }) => typeof row[column] === "number" && passes(row[column])) && words.every((word) => row.some((cell) => has(cell, word)));
  return rows.filter(fits);
}

const has = (cell: Cell, word: string): boolean => typeof cell === "string" && cell.toLowerCase().includes(word);

/** What plain comparison puts in order; null is a missing value. */
type Key = number | string | null;

/** Rows in order: equal ones as they came, missing values last in either direction. To take more in is a merge, not a sort of all. */
export class Ordered {
  readonly #order: Order | null;
  readonly #letters: Letters;
  #rows: readonly Row[] = [];
  #keys: readonly Key[] = [];
  #numeric = true;

  constructor(order: Order | null, collator: Intl.Collator) {
    this.#order = order;
    this.#letters = new Letters(collator);
  }

  get rows(): readonly Row[] {
    return this.#rows;
  }

  add(rows: readonly Row[]): void {
    if (!this.#order) {
      this.#rows = this.#rows.concat(rows);
      return;
    }
    const { column, descending } = this.#order;
    const cells = (some: readonly Row[]): Cell[] => some.map((row) => row[column] ?? null);
    let more = rows;
    let values = cells(rows);
    const numeric = this.#numeric && values.every((cell) => cell === null || typeof cell === "number");
    const learnt = !numeric && this.#letters.learn(values);
    if (numeric !== this.#numeric || learnt) {
      more = this.#rows.concat(rows); // The keys of all are others now.
      values = cells(more);
      if (!numeric) this.#letters.learn(values);
      this.#rows = this.#keys = [];
      this.#numeric = numeric;
    }
    const keys = values.map((cell) => (numeric || cell === null ? cell : this.#letters.key(cell)));
    this.#merge(more, keys, descending ? -1 : 1);
  }

  #merge(rows: readonly Row[], keys: readonly Key[], sign: number): void {
    const compare = (a: Key, b: Key): number => (a === null || b === null ? Number(a === null) - Number(b === null) : a < b ? -sign : a > b ? sign : 0);
    const turn = keys.map((_, i) => i).sort((a, b) => compare(keys[a] as Key, keys[b] as Key));
    const [before, beforeKeys] = [this.#rows, this.#keys];
    const mergedRows: Row[] = [];
    const mergedKeys: Key[] = [];
    let at = 0;
    const take = (row: Row, key: Key): void => {
      mergedRows.push(row);
      mergedKeys.push(key);
    };
    for (const i of turn) {
      const key = keys[i] as Key;
      for (; at < before.length && compare(beforeKeys[at] as Key, key) <= 0; at += 1) take(before[at] as Row, beforeKeys[at] as Key);
      take(rows[i] as Row, key);
    }
    for (; at < before.length; at += 1) take(before[at] as Row, beforeKeys[at] as Key);
    this.#rows = mergedRows;
    this.#keys = mergedKeys;
  }
}

/** A number in a text counts by its value up to so many digits. */
const DIGITS = 12;
const [ZERO, NINE] = [48, 57];

/**
 * Texts as strings in which each character is its rank among all that have occurred, so that plain comparison gives the
 * collator's order. A collator compares 20 000 names in a third of a second; ranking their few thousand characters takes
 * a tenth of that.
 */
class Letters {
  readonly #collator: Intl.Collator;
  /** Code unit → rank, from 1; 0 has not occurred. */
  readonly #ranks = new Uint16Array(65_536);
  #known = [ZERO];

  constructor(collator: Intl.Collator) {
    this.#collator = collator;
  }

  /** Rank the characters of `cells` too; whether that gave others another rank. */
  learn(cells: readonly Cell[]): boolean {
    const before = this.#known.length;
    for (const cell of cells) {
      const text = lower(cell);
      for (let i = 0; i < text.length; i += 1) {
        const code = text.charCodeAt(i);
        if (this.#ranks[code] !== 0 || code === ZERO) continue;
        this.#ranks[code] = 1;
        this.#known.push(code);
      }
    }
    if (this.#known.length === before) return false;
    const texts = this.#known.map((code) => String.fromCharCode(code)).sort(this.#collator.compare);
    texts.forEach((text, i) => { this.#ranks[text.charCodeAt(0)] = i + 1; });
    return true;
  }

  key(cell: Cell): string {
    const text = lower(cell);
    const key: number[] = [];
    for (let i = 0; i < text.length; ) {
      let end = i;
      while (end < text.length && text.charCodeAt(end) >= ZERO && text.charCodeAt(end) <= NINE) end += 1;
      if (end > i) for (let missing = DIGITS - (end - i); missing > 0; missing -= 1) key.push(this.#ranks[ZERO] as number);
      for (end = Math.max(end, i + 1); i < end; i += 1) key.push(this.#ranks[text.charCodeAt(i)] as number);
    }
    return String.fromCharCode(...key);
  }
}

const lower = (cell: Cell): string => (cell === null ? "" : String(cell).toLowerCase());
