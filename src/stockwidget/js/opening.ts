/** What a row of a scan's table leads to: the analysis of its symbol as a card below the table, and the table as a file. */

import type { Client } from "./client/client.ts";
import { systemClock } from "./client/clock.ts";
import type { Refusal } from "./client/http.ts";
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
  const wordsOf = (refusal: Refusal): string => {
    const error = "error" in refusal ? refusal.error : null;
    return error ? `${error.message} ${error.hint ?? ""}`.trim() : t.noAnswer;
  };
  return {
    async onOpen(symbol, state, source, signal) {
      const ask = (): string => t.openFromKernel(`sw.analyze(${JSON.stringify(symbol)}, source=${JSON.stringify(source)})`);
      if (!client) return { refused: ask() };
      const day = typeof state.params.as_of === "string" ? { as_of: state.params.as_of } : {};
      const answer = await client.submit({ kind: "analysis", params: { symbol, source, ...day } });
      // A page of another server, or of none that has us.
      if (answer.is === "missing") return { refused: ask() };
      if (answer.is !== "ok") return { refused: wordsOf(answer) };
      const follower = new Follower(modelOf(answer.value, t.lang, colors), client, t);
      const card = cardView({
        format, clock: systemClock, signal, parts, memory: {},
        onAction: (action) => void follower.act(action),
        onRetry: () => follower.retry(),
      });
      follower.watch((model) => card.update(model));
      signal.addEventListener("abort", () => follower.close());
      return { card: card.element };
    },
    ...(client ? {
      async onFile(task, kind) {
        const answer = await client.file(task, kind);
        return answer.is === "ok" ? { file: answer.value } : { refused: wordsOf(answer) };
      },
    } : {}),
  };
}
