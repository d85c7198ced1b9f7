/** What a card can do for the table of its scan; who knows the server gives it (opening.ts). */

import type { Answer, Refusal } from "../client/http.ts";
import type { TaskState } from "../client/protocol.ts";
import type { Format } from "./format.ts";

/** A card that lives until the signal aborts, or why there is none; null: no server of ours is behind the page. */
export type Opened = { readonly is: "card"; readonly card: HTMLElement } | Refusal | null;

export interface ScanActions {
  /** The analysis of a symbol of `source`. */
  onOpen?(symbol: string, scan: TaskState, source: string, signal: AbortSignal): Promise<Opened>;
  /** Have the server write the result of a task as a file of this media type. */
  onFile?(task: string, type: string): Promise<Answer<Blob>>;
}

/** What the server said, or that it said nothing. */
export function wordsOf(refusal: Refusal, format: Format): string {
  const error = "error" in refusal ? refusal.error : null;
  return error ? format.why(error) : format.t.noAnswer;
}
