/** The monitor's anywidget module: joins the server's statistics, or the kernel's, to its view. */

import type { AnyModel, RenderProps } from "@anywidget/types";

import type { Client } from "./client/client.ts";
import { type Clock, systemClock } from "./client/clock.ts";
import { pageClient } from "./client/page.ts";
import { catalogueFor } from "./i18n/locale.ts";
import { monitorEn } from "./i18n/monitor.en.ts";
import { monitorZh } from "./i18n/monitor.zh.ts";
import { StatsFeed, whileSeen } from "./statsfeed.ts";
import { Format } from "./views/format.ts";
import css from "./views/monitor.css?inline";
import { type MonitorModel, monitorView } from "./views/monitor.ts";
import { statsOf } from "./views/stats.ts";
import { addStyle } from "./views/style.ts";
import card from "./views/theme.css?inline";
import { followTheme } from "./views/theme.ts";

/** What Python's `MonitorModel` syncs; see README.md here. */
export interface MonitorTraits {
  epoch: string;
  mode: "server" | "kernel";
  /** The document as of the display: first paint. */
  stats: unknown;
  locale: string;
}

/** A kernel that runs a cell answers only once that has ended. */
const KERNEL_ANSWER_MS = 20_000;

function render({ model, el, signal }: RenderProps<MonitorTraits>): () => void {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  (signal as AbortSignal | undefined)?.addEventListener("abort", end);

  const t = catalogueFor(model.get("locale") ?? "", document, navigator);
  const view = monitorView(new Format(t), t.lang === "en" ? monitorEn : monitorZh);
  const source = new StatsSource(model, pageClient(), systemClock, ending.signal);
  const show = (shown: MonitorModel): void => view.update({ ...shown, feed: source.feed });
  const feed = new StatsFeed({ clock: systemClock, feed: source.feed, first: statsOf(model.get("stats")), read: () => source.read(), onModel: show });
  addStyle(el, "card", card);
  addStyle(el, "monitor", css);
  followTheme(view.element, window, ending.signal, () => undefined);
  el.replaceChildren(view.element);
  whileSeen(view.element, window, ending.signal, (seen) => feed.look(seen));
  ending.signal.addEventListener("abort", () => view.element.remove());
  return end;
}

/** Asks this page's server while it has the journal in question, else the kernel. */
export class StatsSource {
  feed: MonitorModel["feed"];
  readonly #model: AnyModel<MonitorTraits>;
  readonly #client: Client | null;
  readonly #clock: Clock;
  #answered: (stats: unknown) => void = () => undefined;

  constructor(model: AnyModel<MonitorTraits>, client: Client | null, clock: Clock, signal: AbortSignal) {
    this.#model = model;
    this.#client = client;
    this.#clock = clock;
    this.feed = model.get("mode") === "server" && client ? "server" : "kernel";
    const heard = (content: unknown): void => {
      const { type, stats = null } = (content ?? {}) as Record<string, unknown>;
      if (type === "stats" || type === "error") this.#answered(type === "stats" ? stats : null);
    };
    model.on("msg:custom", heard);
    signal.addEventListener("abort", () => model.off("msg:custom", heard));
  }

  async read(): Promise<unknown> {
    if (this.feed === "kernel" || !this.#client) return this.#kernel();
    const answer = await this.#client.stats();
    const foreign = answer.is === "missing" || (answer.is === "ok" && this.#isForeign(answer.value));
    if (!foreign) return answer.is === "ok" ? answer.value : null;
    this.feed = "kernel";
    return this.#kernel();
  }

  #isForeign(stats: unknown): boolean {
    const [wanted, epoch] = [this.#model.get("epoch"), (stats as { epoch?: unknown } | null)?.epoch];
    return wanted !== "" && typeof epoch === "string" && epoch !== wanted;
  }

  #kernel(): Promise<unknown> {
    return new Promise((resolve) => {
      const late = this.#clock.after(KERNEL_ANSWER_MS, () => resolve(null));
      this.#answered = (stats) => {
        this.#clock.cancel(late);
        resolve(stats);
      };
      this.#model.send({ type: "stats" });
    });
  }
}

export default { render };
