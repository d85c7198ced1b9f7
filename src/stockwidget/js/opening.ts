/** What a row of a scan's table leads to: the analysis of its symbol as a card below the table, and the table as a file. */

import type { Client } from "./client/client.ts";
import { systemClock } from "./client/clock.ts";
import { Follower } from "./follower.ts";
import type { Parts } from "./parts.ts";
import { modelOf } from "./servermodel.ts";
import { cardView } from "./views/card.ts";
import type { Format } from "./views/format.ts";
import type { ScanActions } from "./views/scanactions.ts";

export interface OpeningOptions {
  /** Null where no server of ours is behind the page: then the reader is told what to type. */
  readonly client: Client | null;
  readonly format: Format;
  readonly parts: Parts;
  readonly colors: string;
}

export function scanActions({ client, format, parts, colors }: OpeningOptions): ScanActions {
  const { t } = format;
  return {
    async onOpen(symbol, { params }, source, signal) {
      if (!client) return null;
      if (t.lang !== "en") parts.errors.load(); // A refusal is said once.
      const { as_of } = params;
      const answer = await client.submit({ kind: "analysis", params: { symbol, source, ...(as_of ? { as_of } : {}) } });
      if (answer.is !== "ok") return answer;
      const follower = new Follower(modelOf(answer.value, t.lang, colors), client, t);
      const { element, update } = cardView({
        format, clock: systemClock, signal, parts, memory: {},
        onAction: (action) => void follower.act(action),
        onRetry: () => follower.retry(),
      });
      follower.watch(update);
      signal.addEventListener("abort", () => follower.close());
      return { is: "card", card: element };
    },
    ...(client && { onFile: (task: string, type: string) => client.file(task, type) }),
  };
}
