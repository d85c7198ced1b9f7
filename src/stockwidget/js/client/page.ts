/** The one client of this page, shared by every widget whatever copy of the bundle it came with. */

import { Client, type Memory } from "./client.ts";
import { systemClock } from "./clock.ts";
import type { Openers } from "./connection.ts";
import { Counters } from "./counters.ts";
import { Faults } from "./faults.ts";
import { type Host, hostOf } from "./host.ts";
import { Api } from "./http.ts";
import type { TaskState } from "./protocol.ts";
import { shared, tabsOf } from "./tabs.ts";
import { openPoll } from "./transports/poll.ts";
import { openEventStream } from "./transports/sse.ts";
import type { OpenTransport } from "./transports/transport.ts";
import { openWebSocket } from "./transports/websocket.ts";

/** Each widget model evaluates its own copy of the module, so a module variable would give one client a card. */
const KEY = Symbol.for("stockwidget.v1");

type Page = typeof globalThis & { [KEY]?: Client };

/** The page's client; made for `host` if there is none yet. Null where the page has no Jupyter server of its own. */
export function pageClient(page: Window & typeof globalThis = window, host?: Host): Client | null {
  const known = page as unknown as Page;
  if (known[KEY]) return known[KEY];
  const server = host ?? hostOf(page.document, page.location);
  if (!server) return null;
  const client = connect(server, page);
  known[KEY] = client;
  return client;
}

function connect(host: Host, page: Window & typeof globalThis): Client {
  const clock = systemClock;
  const counters = new Counters();
  const faults = new Faults();
  const api = new Api(host, faults.fetch(page.fetch.bind(page)), counters);
  const over = { api, apiUrl: host.apiUrl, clock, counters };
  const tabs = tabsOf(page, host.apiUrl, clock);
  const share = (name: "sse" | "poll", open: OpenTransport): OpenTransport => (tabs ? shared(name, open, () => tabs(name)) : open);
  const openers: Openers = {
    ws: (sink, cursors) => openWebSocket({ url: host.socketUrl, protocols: host.socketProtocols, clock, WebSocket: page.WebSocket, counters }, sink, cursors),
    sse: share("sse", (sink, cursors) => openEventStream(over, sink, cursors)),
    poll: share("poll", (sink, cursors) => openPoll(over, sink, cursors)),
  };
  const client = new Client({ api, openers: faults.openers(openers, clock), clock, counters, faults, memory: memoryIn(page) });
  watch(page, client);
  return client;
}

/** Tell the client what the browser knows about the network, the page and its reader. */
function watch(page: Window & typeof globalThis, client: Client): void {
  const { document } = page;
  const loopback = /^(localhost|127\.|\[::1\])/.test(page.location.hostname);
  const on = (target: EventTarget, name: string, then: () => void): void => target.addEventListener(name, then);
  on(page, "online", () => client.online());
  // Without any network this machine still reaches itself.
  if (!loopback) on(page, "offline", () => client.offline());
  on(page, "pagehide", () => client.suspend());
  on(page, "pageshow", () => client.resume());
  on(document, "freeze", () => client.suspend());
  on(document, "resume", () => client.resume());
  on(document, "visibilitychange", () => client.visible(!document.hidden));
  on(page, "focus", () => client.focused());
  if (document.hidden) client.visible(false);
}

const memoryKey = (task: string): string => `stockwidget:${task}`;

/** Session storage, where the page may use it; a page that may not loses nothing but the smooth reload. */
function memoryIn(page: Window): Memory {
  return {
    load(task) {
      try {
        const text = page.sessionStorage.getItem(memoryKey(task));
        return text === null ? null : (JSON.parse(text) as TaskState);
      } catch {
        return null;
      }
    },
    save(state) {
      try {
        page.sessionStorage.setItem(memoryKey(state.id), JSON.stringify(state));
      } catch {
        // Full or forbidden.
      }
    },
  };
}
