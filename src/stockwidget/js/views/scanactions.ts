/** What a card can do for the table of its scan; who knows the server gives it (opening.ts). */

import type { FileKind } from "../client/http.ts";
import type { TaskState } from "../client/protocol.ts";

export type { FileKind };

/** A file, or why there is none. */
export type Fetched = { readonly file: Blob } | { readonly refused: string };

/** A card that lives until the signal aborts, or why there is none. */
export type Opened = { readonly card: HTMLElement } | { readonly refused: string };

export interface ScanActions {
  /** The analysis of a symbol of `source`. */
  onOpen?(symbol: string, scan: TaskState, source: string, signal: AbortSignal): Promise<Opened>;
  /** Have the server write the result of a task as a file. */
  onFile?(task: string, kind: FileKind): Promise<Fetched>;
}
