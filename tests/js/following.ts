/** A client as page.ts makes it, over a far end, and what a page has been told by it. */

import { Client, type ClientOptions } from "../../src/stockwidget/js/client/client.ts";
import type { Clock } from "../../src/stockwidget/js/client/clock.ts";
import type { Openers } from "../../src/stockwidget/js/client/connection.ts";
import { Counters } from "../../src/stockwidget/js/client/counters.ts";
import { Faults } from "../../src/stockwidget/js/client/faults.ts";
import { Api } from "../../src/stockwidget/js/client/http.ts";
import type { Snapshot } from "../../src/stockwidget/js/client/protocol.ts";
import { subscribeTaskStatus, type TaskStatus } from "../../src/stockwidget/js/client/taskstatus.ts";
import { openPoll } from "../../src/stockwidget/js/client/transports/poll.ts";
import { openEventStream } from "../../src/stockwidget/js/client/transports/sse.ts";
import { openWebSocket } from "../../src/stockwidget/js/client/transports/websocket.ts";
import type { FarEnd } from "./farend.ts";
import { NodeSocket } from "./server.ts";

export function clientOf(far: FarEnd, clock: Clock, options: Partial<ClientOptions> & { share?: (openers: Openers) => Openers } = {}): Client {
  const { share = (openers) => openers, ...rest } = options;
  const counters = new Counters();
  const faults = new Faults();
  const api = new Api(far.host, faults.fetch(fetch), counters);
  const over = { api, apiUrl: far.host.apiUrl, clock, counters };
  const openers: Openers = {
    ws: (sink, cursors) => openWebSocket({ url: far.host.socketUrl, clock, WebSocket: NodeSocket, counters }, sink, cursors),
    sse: (sink, cursors) => openEventStream(over, sink, cursors),
    poll: (sink, cursors) => openPoll(over, sink, cursors),
  };
  return new Client({ api, openers: faults.openers(share(openers), clock), clock, counters, faults, random: () => 0.5, restMs: 10_000, ...rest });
}

/** What a page is told of one task. */
export class Reader {
  readonly statuses: TaskStatus[] = [];
  readonly stop: () => void;
  #snapshot: Snapshot | null = null;

  constructor(client: Client, task: string, clock: Clock) {
    client.subscribe(task, ({ snapshot }) => (this.#snapshot = snapshot ?? this.#snapshot));
    this.stop = subscribeTaskStatus(client, task, (status) => this.statuses.push(status), clock);
  }

  get last(): TaskStatus | undefined {
    return this.statuses.at(-1);
  }

  /** Each log line, in the order in which it stands. */
  get logs(): string[] {
    return (this.#snapshot?.logs ?? []).map(({ message }) => message);
  }

  get done(): boolean {
    return this.last?.result !== undefined;
  }
}
