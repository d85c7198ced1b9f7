/** The demo page: joins the page's client, which client.js has put there, to the views. */

import type { Client } from "../client/client.ts";
import { systemClock } from "../client/clock.ts";
import type { FaultSettings } from "../client/faults.ts";
import type { TaskState } from "../client/protocol.ts";
import { errorsZh } from "../i18n/errors.zh.ts";
import { doctorEn } from "../i18n/doctor.en.ts";
import { doctorZh } from "../i18n/doctor.zh.ts";
import { en } from "../i18n/en.ts";
import { monitorEn } from "../i18n/monitor.en.ts";
import { monitorZh } from "../i18n/monitor.zh.ts";
import { pageEn } from "../i18n/page.en.ts";
import { pageZh } from "../i18n/page.zh.ts";
import { reasonsEn, reasonsZh } from "../i18n/reasons.ts";
import { zh } from "../i18n/zh.ts";
import type {} from "../page.ts";
import { StatsFeed, whileSeen } from "../statsfeed.ts";
import { pageList } from "../views/doctor.ts";
import doctor from "../views/doctor.css?inline";
import { h, set } from "../views/dom.ts";
import { Format } from "../views/format.ts";
import monitor from "../views/monitor.css?inline";
import { monitorView } from "../views/monitor.ts";
import { addStyle } from "../views/style.ts";
import card from "../views/theme.css?inline";
import { followTheme } from "../views/theme.ts";
import { eventsView } from "./events.ts";
import { frameView } from "./frame.ts";
import { type Break, BREAKS, ladderView, WHOLE } from "./ladder.ts";
import css from "./page.css?inline";
import { type Language, languageOf, remember, type ThemeChoice, themeChoiceOf, withoutToken } from "./preferences.ts";
import { Sight } from "./sight.ts";
import { snippetView } from "./snippet.ts";
import { refusedFor, startView } from "./start.ts";
import { talliesView } from "./tallies.ts";
import { tasksView } from "./tasks.ts";

const KEY = Symbol.for("stockwidget.v1");
const TICK_MS = 500;

/** client.js came before us: asking for the connection makes the page's client, if nothing has yet. */
function clientOfPage(): Client {
  window.stockwidget.connection();
  return (globalThis as unknown as Record<symbol, Client>)[KEY] as Client;
}

const SWITCH: Readonly<Record<Break, (broken: boolean) => Partial<FaultSettings>>> = {
  ws: (refuseWebSocket) => ({ refuseWebSocket }),
  sse: (muteSse) => ({ muteSse }),
  poll: (failPoll) => ({ failPoll }),
  http: (broken) => ({ failHttp: broken ? 503 : null }),
  offline: (offline) => ({ offline }),
};

interface PageData {
  readonly baseUrl: string;
  readonly stockwidget: { readonly symbols: Readonly<Record<string, string>> };
}

const data = JSON.parse(document.getElementById("jupyter-config-data")?.textContent ?? "{}") as PageData;
const base = new URL(`${data.baseUrl}stockwidget/`, location.href);
const client = clientOfPage();
const { faults } = client;
const sight = new Sight();
const store = ((): Storage | null => {
  try {
    return localStorage;
  } catch {
    return null;
  }
})();
const sources = { search: location.search, languages: navigator.languages, store };
const tasks = new Map<string, TaskState>();
let broken = WHOLE;
let language = languageOf(sources);
let theme = themeChoiceOf(sources);
let drawn = new AbortController();
/** Redraw what the connection shows; set by each drawing. */
let refresh: () => void = () => undefined;
/** Redraw the event log. */
let heard: () => void = () => undefined;

history.replaceState(history.state, "", withoutToken(location.href));
addStyle(document.body, "card", card);
addStyle(document.body, "monitor", monitor);
addStyle(document.body, "doctor", doctor);
addStyle(document.body, "page", css);
client.tap((frame, transport) => {
  sight.frame(frame, transport, Date.now());
  heard();
});
client.onConnection((status) => {
  sight.link(status, Date.now());
  heard();
  refresh();
});
const dark = matchMedia("(prefers-color-scheme: dark)");
dark.addEventListener("change", () => paint());
setInterval(() => refresh(), TICK_MS);

function paint(): void {
  const shade = theme === "auto" ? (dark.matches ? "dark" : "light") : theme;
  document.documentElement.dataset.theme = shade;
  // Cards read their theme as they do in Lab.
  set(document.body, { "data-jp-theme-light": String(shade === "light"), "data-jp-theme-name": shade });
}

function setBroken(next: typeof broken): void {
  const changed = BREAKS.filter((what) => next[what] !== broken[what]);
  broken = next;
  faults.set(Object.assign({}, ...changed.map((what) => SWITCH[what](next[what]))) as Partial<FaultSettings>);
  refresh();
}

function draw(): void {
  drawn.abort();
  drawn = new AbortController();
  const { signal } = drawn;
  const chinese = language === "zh";
  const [t, texts] = chinese ? [zh, pageZh] : [en, pageEn];
  const format = new Format(t, { state: { module: { errorsZh } } });
  document.documentElement.lang = t.lang;
  document.title = `stockwidget · ${texts.title}`;

  const snippet = snippetView(new URL("static/client.js", base).href, texts, signal);
  const cards = tasksView({ client, server: base.href, format, texts, signal, onChange: (shown) => snippet.update(shown[shown.length - 1] ?? null) });
  const start = startView({
    symbols: data.stockwidget.symbols, texts, t, signal,
    async onStart({ kind, params }) {
      const answer = await client.submit({ kind, params });
      if (answer.is !== "ok") {
        const error = "error" in answer ? answer.error : null;
        return error ? refusedFor(error, texts.refused(format.why(error))) : { words: texts.unreachable };
      }
      const task = answer.value;
      sight.named(task.id, task.title);
      tasks.set(task.id, task);
      cards.add(task);
      return null;
    },
  });
  const ladder = ladderView({
    format, texts, signal,
    onBreak: (what, cut) => setBroken({ ...broken, [what]: cut }),
    onHeal: () => setBroken(WHOLE),
    onTry: () => void client.retry(),
  });
  // Asked for by the reader: it opens a connection of each kind.
  const examined = pageList({
    format, signal, texts: chinese ? doctorZh : doctorEn, reasons: chinese ? reasonsZh : reasonsEn, look: () => client.examine(),
  });
  const checks = h("div", "stockwidget", {}, examined.element);
  followTheme(checks, window, signal, () => undefined);
  const tallies = talliesView(format, texts, signal, () => {
    sight.reset(client.connection());
    refresh();
  });
  const events = eventsView(sight.log, format, texts, signal);
  const statistics = monitorView(format, chinese ? monitorZh : monitorEn);
  followTheme(statistics.element, window, signal, () => undefined);
  const stats = new StatsFeed({
    clock: systemClock, feed: "server",
    read: async () => {
      const answer = await client.stats();
      return answer.is === "ok" ? answer.value : null;
    },
    onModel: (model) => statistics.update(model),
  });
  const frame = frameView({
    format, texts, language, theme, signal,
    onLanguage(chosen: Language) {
      language = chosen;
      remember(store, "lang", chosen);
      draw();
      document.querySelector<HTMLElement>('.dp-segment[aria-checked="true"]')?.focus();
    },
    onTheme(chosen: ThemeChoice) {
      theme = chosen;
      remember(store, "theme", chosen);
      paint();
    },
    main: [start, cards.element, h("div", "dp-panel dp-monitor", {}, statistics.element), snippet.element],
    side: [ladder.element, h("div", "dp-panel dp-monitor dp-doctor", {}, checks), tallies.element, events.element],
  });

  refresh = () => {
    const status = client.connection();
    const link = sight.model(status);
    ladder.update(link, broken, Date.now());
    frame.update(link);
    tallies.update(sight.tallies(status), sight.latency);
  };
  heard = () => events.changed();
  snippet.update(null);
  for (const task of tasks.values()) cards.add(task);
  refresh();
  document.body.replaceChildren(frame.element);
  whileSeen(statistics.element, window, signal, (seen) => stats.look(seen));
}

paint();
draw();
// Asks what the server offers, so that the first task opens nothing that it would refuse.
void client.retry();
