/** Result documents as docs/protocol.md gives them, and the check at the border. */

type Maybe = number | null;

export interface Provenance {
  readonly source: string;
  readonly synthetic?: boolean;
  readonly adjust?: string;
  readonly first?: string;
  readonly last?: string;
  readonly bars?: number;
  readonly origin?: string;
  readonly licence?: string;
  readonly note?: string;
  /** When this version of the data came from its vendor: UTC milliseconds, or ISO; null if nobody said. */
  readonly fetched_at?: number | string | null;
}

export interface AnalysisDocument {
  readonly kind: "analysis";
  readonly symbol: string;
  readonly name?: string | null;
  readonly market?: string | null;
  readonly currency?: string | null;
  readonly provenance: Provenance;
  /** What was asked for; `signals` are functions of the user. */
  readonly params?: { readonly signals?: readonly { readonly name: string }[] };
  readonly bars: {
    readonly date: readonly string[];
    readonly open: readonly Maybe[];
    readonly high: readonly Maybe[];
    readonly low: readonly Maybe[];
    readonly close: readonly Maybe[];
    readonly volume: readonly Maybe[];
  };
  readonly indicators: Readonly<Record<string, readonly Maybe[]>>;
  readonly summary: Readonly<Record<string, number | string | null>>;
  readonly score?: Score;
  readonly signals?: Signals;
  readonly levels?: readonly Level[];
  readonly trend?: Trend;
  readonly risk?: Readonly<Record<string, number | string | null>>;
  readonly seasonality?: Seasonality;
  readonly sizing?: Sizing;
  readonly record?: Records;
  readonly fundamentals?: Fundamentals;
  /** By language: the document in sentences. */
  readonly report?: Readonly<Record<string, readonly Paragraph[]>>;
  /** A language model's words; only where they were asked for. */
  readonly commentary?: Commentary;
  readonly quality?: Quality;
  /** The words for the keys of the other parts. */
  readonly terms?: Readonly<Record<string, Readonly<Record<string, Term>>>>;
}

/** A key of `terms.reasons` or `terms.findings`, whose title has `{name}` where a parameter goes. */
export interface Keyed {
  readonly key: string;
  readonly params: Readonly<Record<string, unknown>>;
}

export interface Commentary {
  readonly by: string;
  readonly locale: string;
  readonly parts: readonly { readonly text: string; readonly unmatched: boolean }[];
  readonly numbers: number;
  readonly unmatched: number;
  readonly missing: { readonly key: "failed" | "late" | "long" | "empty"; readonly detail: string } | null;
}

type Words = Readonly<Record<"en" | "zh", string>>;

export interface Term {
  readonly title: Words;
  readonly rule: Words | null;
}

/** A part that nobody has. */
export interface Absent {
  readonly available: boolean;
  readonly reason?: Keyed;
}

/** What was known of the company on the day of the analysis. */
export interface Fundamentals extends Absent {
  readonly as_of?: string;
  readonly figures?: readonly Figure[];
  /** Ratios that cannot be had, and why. */
  readonly abstained?: readonly { readonly key: string; readonly reason: Keyed }[];
  /** Keys of figures that the source does not have. */
  readonly lacking?: readonly string[];
  readonly events?: readonly CompanyEvent[];
  readonly notes?: readonly Keyed[];
}

/** Keys are those of `terms.facts`; a null `source` means that adjusted closes imply it. */
export interface Figure {
  readonly key: string;
  readonly value: Maybe;
  readonly unit: "ratio" | "fraction" | "amount" | "per_share" | "shares";
  readonly currency: string;
  readonly period_end: string | null;
  readonly published: string | null;
  readonly source: string | null;
  /** What a ratio was made of, at the close of `date`. */
  readonly of: readonly string[];
  readonly date: string | null;
  readonly stale: boolean;
}

export interface CompanyEvent {
  readonly key: string;
  readonly date: string;
  /** A dividend's amount for a share, a split's new shares for an old one, earnings per share. */
  readonly value: Maybe;
  readonly currency: string;
  readonly fraction: Maybe;
  readonly published: string | null;
  readonly source: string | null;
}

export interface Factor {
  readonly key: string;
  readonly value: Maybe;
  readonly threshold: Maybe;
  /** Whether the points are earned above the threshold, or below. */
  readonly above: boolean;
  /** Of a factor that compares nothing: `value` is the share of its points that it gives, or 1 where its condition holds. */
  readonly how?: "share" | "holds";
  readonly points: Maybe;
  readonly max: number;
  readonly date: string;
  readonly source: string;
  readonly abstained: boolean;
  readonly reason: Keyed | null;
}

export interface Family {
  readonly key: string;
  readonly score: Maybe;
  readonly points: number;
  readonly judged: number;
  readonly max: number;
  readonly coverage: number;
  readonly factors: readonly Factor[];
}

export interface Score {
  readonly value: Maybe;
  readonly band: string | null;
  readonly coverage: number;
  readonly least_coverage: number;
  readonly date: string;
  readonly reason: Keyed | null;
  /** Said where factors of the user take part. */
  readonly scaled?: Keyed | null;
  readonly families: readonly Family[];
  /** Highest first. */
  readonly bands: readonly { readonly key: string; readonly least: number }[];
  /** One value a bar. */
  readonly history: readonly Maybe[];
}

/** One list a column, one place a signal, in order of date. */
export interface Signals {
  /** The bar, from 0. */
  readonly row: readonly number[];
  readonly key: readonly string[];
  readonly direction: readonly number[];
  readonly value: readonly Maybe[];
  readonly threshold: readonly Maybe[];
}

export interface Level {
  readonly kind: "support" | "resistance";
  readonly price: number;
  readonly touches: number;
  readonly first: string;
  readonly last: string;
  /** From the last close, a fraction of it. */
  readonly distance: number;
}

export interface Trend {
  readonly state: string;
  readonly strong: boolean | null;
  readonly adx?: Maybe;
  readonly reasons: readonly { readonly key: string; readonly holds: boolean | null }[];
}

export interface Seasonality {
  readonly months: readonly {
    readonly month: number;
    readonly n: number;
    readonly median: Maybe;
    readonly hit_rate: Maybe;
    readonly worst: Maybe;
    readonly best: Maybe;
    readonly few: boolean;
  }[];
  readonly returns: { readonly year: readonly number[]; readonly month: readonly number[]; readonly value: readonly number[] };
  readonly least_years: number;
}

export interface Sizing {
  readonly close: number;
  readonly atr: Maybe;
  readonly multiple: number;
  readonly risk: number;
  readonly capital: number;
  readonly reason: Keyed | null;
}

/** What followed a signal, or a band of the score, after `horizon` bars; returns are fractions. */
export interface TrackRecord {
  readonly key: string;
  readonly direction: number;
  readonly horizon: number;
  readonly n: number;
  /** Of these, such that do not overlap. */
  readonly independent: number;
  readonly hit_rate: Maybe;
  readonly base_hit_rate: Maybe;
  readonly median: Maybe;
  readonly base_median: Maybe;
  readonly edge: Maybe;
  readonly edge_low: Maybe;
  readonly edge_high: Maybe;
  readonly warnings: readonly string[];
}

export interface Records {
  readonly horizons: readonly number[];
  readonly level: number;
  readonly signals: readonly TrackRecord[];
  readonly score: readonly TrackRecord[];
  /** The same across all symbols of the source. */
  readonly universe: Absent & { readonly symbols?: readonly string[]; readonly warnings?: readonly string[]; readonly signals?: readonly TrackRecord[]; readonly score?: readonly TrackRecord[] };
}

export interface Quality {
  readonly bars: number;
  readonly halted: number;
  readonly longest_gap_days: number;
  readonly adjust: string;
  readonly findings: readonly (Keyed & { readonly level: string })[];
}

export type Cell = string | number | null;

export interface ScanFailure {
  readonly symbol: string;
  readonly code: string;
  readonly message: string;
}

export interface ScanDocument {
  readonly kind: "scan";
  readonly provenance?: Provenance;
  readonly columns: readonly string[];
  readonly sort?: string;
  readonly descending?: boolean;
  readonly rows: readonly (readonly Cell[])[];
  /** One a row, unless the scan was asked for none; see sparkline.ts. */
  readonly sparks?: readonly string[];
  readonly failures: readonly ScanFailure[];
  readonly counters: Readonly<Record<string, number>>;
}

export interface Paragraph {
  readonly key: string;
  readonly title: string;
  readonly lines: readonly string[];
}

type Column<T> = readonly T[];

/** What followed the hits after so many bars, beside the universe; returns are fractions. */
export interface Forward {
  readonly horizon: number;
  readonly n: number;
  readonly days: number;
  readonly independent: number;
  readonly mean: number | null;
  readonly base_mean: number | null;
  readonly edge: number | null;
  readonly edge_low: number | null;
  readonly edge_high: number | null;
  readonly up: number | null;
  readonly base_up: number | null;
  readonly ended: number;
  readonly warnings: readonly string[];
}

/** A study: lists of `days` and `after` have one value a date. While it runs there are only `judged` and `hits`. */
export interface StudyDocument {
  readonly kind: "study";
  readonly provenance?: Provenance;
  readonly dates: Column<string>;
  readonly days: { readonly judged: Column<number>; readonly hits: Column<number>; readonly new?: Column<number | null>; readonly gone?: Column<number | null> };
  readonly horizons?: Column<number>;
  readonly after?: Readonly<Record<string, { readonly hits: Column<number | null>; readonly base: Column<number | null> }>>;
  readonly forward?: readonly Forward[];
  readonly events?: { readonly day: Column<number>; readonly symbol: Column<string>; readonly after: Readonly<Record<string, Column<number | null>>> } | null;
  readonly failures: readonly ScanFailure[];
  readonly warnings?: readonly string[];
  readonly counters: Readonly<Record<string, number>>;
  readonly words?: Readonly<Record<string, readonly string[]>>;
}

export type ResultDocument = AnalysisDocument | ScanDocument | StudyDocument;

/** The document if it has the parts that are drawn, else null. */
export function documentOf(value: unknown): ResultDocument | null {
  if (!isObject(value)) return null;
  if (value.kind === "analysis") {
    const whole = isObject(value.bars) && Array.isArray(value.bars.date) && isObject(value.indicators);
    return whole && isObject(value.summary) && isObject(value.provenance) ? (value as unknown as AnalysisDocument) : null;
  }
  if (value.kind === "scan") {
    const whole = Array.isArray(value.columns) && Array.isArray(value.rows) && Array.isArray(value.failures);
    return whole && isObject(value.counters) ? (value as unknown as ScanDocument) : null;
  }
  return value.kind === "study" && Array.isArray(value.dates) && isObject(value.days) ? (value as unknown as StudyDocument) : null;
}

/** What a scan has found so far: its partial result in the shape of its document. */
export function partialScan(
  partial: Readonly<Record<string, unknown>>,
  counters: Readonly<Record<string, number>>,
  params: Readonly<Record<string, unknown>>,
): ScanDocument {
  const list = <T>(key: string): readonly T[] => (Array.isArray(partial[key]) ? (partial[key] as T[]) : []);
  return {
    kind: "scan",
    columns: list<string>("columns"),
    rows: list<readonly Cell[]>("rows"),
    sparks: list<string>("sparks"),
    failures: list<ScanFailure>("failures"),
    counters,
    sort: typeof partial.sort === "string" ? partial.sort : "ret_20", // As ScanParams in params/scan.py.
    descending: params.descending !== false,
    ...(isObject(partial.provenance) ? { provenance: partial.provenance as unknown as Provenance } : {}),
  };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export type Habit = "red-up" | "green-up";

/** Which colour means up: the reader's choice, else the market's habit (red in China and Hong Kong). */
export function habitOf(chosen: string, market: string | null | undefined, symbols: readonly string[] = []): Habit {
  if (chosen === "red-up" || chosen === "green-up") return chosen;
  if (market) return market === "CN" || market === "HK" ? "red-up" : "green-up";
  const chinese = symbols.filter((symbol) => /\.(SS|SH|SZ|BJ|HK)$/i.test(symbol)).length;
  return chinese * 2 > symbols.length ? "red-up" : "green-up";
}
