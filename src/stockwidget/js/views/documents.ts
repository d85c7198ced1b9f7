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
}

export interface AnalysisDocument {
  readonly kind: "analysis";
  readonly symbol: string;
  readonly name?: string | null;
  readonly market?: string | null;
  readonly currency?: string | null;
  readonly provenance: Provenance;
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
  readonly failures: readonly ScanFailure[];
  readonly counters: Readonly<Record<string, number>>;
}

export type ResultDocument = AnalysisDocument | ScanDocument;

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
  return null;
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
    failures: list<ScanFailure>("failures"),
    counters,
    // The defaults of ScanParams in params.py.
    sort: typeof params.sort === "string" ? params.sort : "ret_20",
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
