/** The one client of this page, shared by every widget whatever copy of the bundle it came with. */

import { Client, type Memory } from "./client.ts";
import { systemClock } from "./clock.ts";
import { type Host, hostOf } from "./host.ts";
import { Api } from "./http.ts";
import type { TaskState } from "./protocol.ts";
import { openWebSocket } from "./transports/websocket.ts";

/** Each widget model evaluates its own copy of the module, so a module variable would give one client a card. */
const KEY = Symbol.for("stockwidget.v1");

type Page = typeof globalThis & { [KEY]?: Client };

/** The page's client, or null where the page has no Jupyter server of its own. */
export function pageClient(page: Window & typeof globalThis = window): Client | null {
  const shared = page as unknown as Page;
  if (shared[KEY]) return shared[KEY];
  const host = hostOf(page.document, page.location);
  if (!host) return null;
  const client = connect(host, page);
  shared[KEY] = client;
  return client;
}

function connect(host: Host, page: Window & typeof globalThis): Client {
  const client = new Client({
    api: new Api(host, page.fetch.bind(page)),
    open: (sink) => openWebSocket({ url: host.socketUrl, clock: systemClock, WebSocket: page.WebSocket }, sink),
    memory: memoryIn(page),
  });
  page.addEventListener("online", () => client.retry());
  page.addEventListener("pagehide", () => client.suspend());
  page.addEventListener("pageshow", () => client.resume());
  page.document.addEventListener("visibilitychange", () => client.visible(!page.document.hidden));
  return client;
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
