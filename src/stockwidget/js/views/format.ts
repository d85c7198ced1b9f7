/** Numbers, times and durations as this card writes them: true minus signs, signs shown, units said once. */

import type { TaskFailure } from "../client/protocol.ts";
import type { Catalogue } from "../i18n/en.ts";
import type { Said } from "../i18n/errors.zh.ts";

export const MISSING = "–";

/** What errors.ts gives. */
export interface ErrorWords {
  errorsZh(error: TaskFailure): Said | null;
}

/** Where they are: a bundle, or what is here already. */
export interface ErrorWordsPlace {
  readonly state: { readonly module: ErrorWords | null };
  load?(): void;
}

export class Format {
  readonly t: Catalogue;
  readonly #errors: ErrorWordsPlace | undefined;
  readonly #cache = new Map<string, Intl.NumberFormat>();

  constructor(t: Catalogue, errors?: ErrorWordsPlace) {
    this.t = t;
    this.#errors = errors;
  }

  /** What an error says and what to do. The server says it in English; other words come when they are needed first. */
  said(error: TaskFailure): Said {
    const other = this.t.lang === "en" ? null : this.#errors;
    other?.load?.();
    return other?.state.module?.errorsZh(error) ?? [error.message, error.hint ?? ""];
  }

  /** The same in one line. */
  why(error: TaskFailure): string {
    return this.sentences(...this.said(error));
  }

  /** Sentences one after the other: no space follows a Chinese full stop. */
  sentences(...all: readonly string[]): string {
    return all.filter(Boolean).reduce((text, next) => text + (/[!-~]$/.test(text) ? " " : "") + next, "");
  }

  /** What something is called, and what it is. */
  pair(name: string, what: string): string {
    return name + (this.t.lang === "en" ? ": " : "：") + what;
  }

  /** An integer with grouping. */
  count(value: number): string {
    return this.#number(value, { maximumFractionDigits: 0 });
  }

  /** A price: two decimals, four below 1, so that a penny stock keeps its digits. */
  price(value: number, digits = value !== 0 && Math.abs(value) < 1 ? 4 : 2): string {
    return this.#number(value, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  }

  decimal(value: number, digits: number): string {
    return this.#number(value, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  }

  /** A fraction as a percentage, without a plus sign. */
  share(value: number, digits = 1): string {
    return `${this.decimal(value * 100, digits)}%`;
  }

  /** A change as a percentage, always with its sign. */
  change(value: number): string {
    return `${signOf(value, 4)}${this.decimal(Math.abs(value) * 100, 2)}%`;
  }

  /** A change of a price, with as many decimals as the price itself. */
  signed(value: number, price: number): string {
    const digits = Math.abs(price) < 1 ? 4 : 2;
    return `${signOf(value, digits)}${this.price(Math.abs(value), digits)}`;
  }

  /** A volume: 62.3M, or 6230万 in Chinese. */
  volume(value: number): string {
    return this.#number(value, { notation: "compact", maximumSignificantDigits: 4 });
  }

  /** How long something took; a `running` clock counts whole seconds. */
  duration(ms: number, running = false): string {
    const seconds = Math.max(0, ms) / 1000;
    if (seconds < 1 && !running) return this.t.milliseconds(String(Math.round(seconds * 1000)));
    if (seconds < 10 && !running) return this.t.seconds(this.decimal(seconds, 1));
    const whole = Math.round(seconds);
    if (whole < 60) return this.t.seconds(String(whole));
    if (whole < 3600) return this.t.minutes(Math.floor(whole / 60), whole % 60);
    return this.t.hours(Math.floor(whole / 3600), Math.floor((whole % 3600) / 60));
  }

  /** A time of day, in the reader's zone. */
  clock(utc: number): string {
    return new Intl.DateTimeFormat(this.t.lang, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false }).format(utc);
  }

  /** A time to come: with its date unless it is today. */
  until(utc: number, now: number): string {
    const today = new Date(utc).toDateString() === new Date(now).toDateString();
    return today ? new Intl.DateTimeFormat(this.t.lang, { hour: "2-digit", minute: "2-digit", hour12: false }).format(utc) : this.dateTime(utc);
  }

  dateTime(utc: number): string {
    return new Intl.DateTimeFormat(this.t.lang, { dateStyle: "medium", timeStyle: "short" }).format(utc);
  }

  #number(value: number, options: Intl.NumberFormatOptions): string {
    const key = JSON.stringify(options);
    let format = this.#cache.get(key);
    if (!format) {
      format = new Intl.NumberFormat(this.t.lang, options);
      this.#cache.set(key, format);
    }
    return format.format(value).replace("-", "−");
  }
}

/** "+", "−" or nothing for what rounds to zero, so that no "−0.00%" appears. */
function signOf(value: number, digits: number): string {
  const rounded = Math.round(value * 10 ** digits);
  return rounded > 0 ? "+" : rounded < 0 ? "−" : "";
}

/** ▲ and ▼ stand beside the colour, so that the colour is never alone. */
export const arrow = (value: number): string => (value > 0 ? "▲" : value < 0 ? "▼" : "");
export const direction = (value: number): "up" | "down" | "flat" => (value > 0 ? "up" : value < 0 ? "down" : "flat");

export const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);
