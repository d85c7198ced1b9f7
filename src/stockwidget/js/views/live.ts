/** What the parts give that draw a task from its first news to its result: the table of a scan, the days of a study. */

import type { Snapshot } from "../client/protocol.ts";
import type { ResultDocument } from "./documents.ts";
import type { Format } from "./format.ts";
import type { Memory } from "./result.ts";
import type { ScanActions } from "./scanactions.ts";

export interface LiveView {
  readonly element: HTMLElement;
  /** `document` is the result, null while there is only what the snapshot's partial result holds. */
  update(snapshot: Snapshot, document: ResultDocument | null): void;
}

export interface LiveOptions {
  readonly format: Format;
  readonly signal: AbortSignal;
  /** The card. */
  readonly root: HTMLElement;
  readonly actions: ScanActions;
  readonly memory: Memory;
}

export interface LiveViews {
  liveView(options: LiveOptions): LiveView;
}
