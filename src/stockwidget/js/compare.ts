/** The anywidget module of `sw.compare()`: a follower a task, and the card of the one that the reader opens. */

import type { AnyModel, InitializeProps, RenderProps } from "@anywidget/types";

import type { Channel } from "./bundle.ts";
import { systemClock } from "./client/clock.ts";
import { hostOf } from "./client/host.ts";
import { pageClient } from "./client/page.ts";
import { Follower } from "./follower.ts";
import { analysisEn } from "./i18n/analysis.en.ts";
import { analysisZh } from "./i18n/analysis.zh.ts";
import { compareEn } from "./i18n/compare.en.ts";
import { compareZh } from "./i18n/compare.zh.ts";
import { catalogueFor } from "./i18n/locale.ts";
import { memoryOf } from "./memory.ts";
import { type Parts, partsFrom } from "./parts.ts";
import { type CompareTraits, slotModel } from "./slots.ts";
import { cardView } from "./views/card.ts";
import css from "./views/compare.css?inline";
import { type CompareMemory, compareView } from "./views/compare.ts";
import { Format } from "./views/format.ts";
import type { Memory } from "./views/result.ts";
import { addStyle } from "./views/style.ts";
import card from "./views/theme.css?inline";

type Model = AnyModel<CompareTraits>;

/** What the views of one model share. */
interface Joined {
  readonly followers: readonly Follower[];
  readonly parts: Parts;
  close(): void;
}

const known = new WeakMap<Model, Joined>();

function joined(model: Model): Joined {
  const present = known.get(model);
  if (present) return present;
  const ending = new AbortController();
  const slots = model.get("slots");
  const client = pageClient();
  const texts = catalogueFor(model.get("locale") ?? "", document, navigator);
  const followers = slots.map((_, place) => new Follower(slotModel(model, place), client, texts));
  const host = slots.some(({ mode }) => mode === "server") ? hostOf(document, location) : null;
  const parts = partsFrom({
    server: host && new URL("../../", host.apiUrl).href, kernel: model as unknown as Channel, texts: model.get("parts") ?? {}, signal: ending.signal,
  });
  const made = {
    followers, parts,
    close(): void {
      for (const each of followers) each.close();
      ending.abort();
      known.delete(model);
    },
  };
  known.set(model, made);
  return made;
}

/** Begin to follow before any view exists: what the kernel sends unasked must find somebody. */
function initialize({ model, signal }: InitializeProps<CompareTraits>): () => void {
  const { close } = joined(model);
  (signal as AbortSignal | undefined)?.addEventListener("abort", close);
  return close;
}

function render({ model, el, signal }: RenderProps<CompareTraits>): () => void {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  (signal as AbortSignal | undefined)?.addEventListener("abort", end);

  const { followers, parts } = joined(model);
  const t = catalogueFor(model.get("locale") ?? "", document, navigator);
  const format = new Format(t, parts.errors);
  const english = t.lang === "en";
  const slots = model.get("slots");
  const models = followers.map(() => null as Parameters<Parameters<Follower["watch"]>[0]>[0] | null);
  const view = compareView({
    format,
    texts: english ? compareEn : compareZh,
    chartTexts: english ? analysisEn : analysisZh,
    clock: systemClock,
    signal: ending.signal,
    memory: memoryOf<CompareMemory>(slots.map(({ task_id }) => task_id).join(" ")),
    analysis: parts.analysis,
    colors: model.get("colors") ?? "",
    onAction: (place, action) => void followers[place]?.act(action),
    onOpen: (place, signal) => {
      const follower = followers[place] as Follower;
      const opened = cardView({
        format, clock: systemClock, signal, parts, memory: memoryOf<Memory>(slots[place]?.task_id ?? ""),
        onAction: (action) => void follower.act(action),
        onRetry: () => follower.retry(),
      });
      signal.addEventListener("abort", follower.watch(opened.update));
      return opened.element;
    },
  });
  addStyle(el, "card", card);
  addStyle(el, "compare", css);
  el.replaceChildren(view.element);
  const draw = (): void => {
    const entries = slots.flatMap(({ symbol }, i) => {
      const each = models[i];
      return each ? [{ symbol, model: each }] : [];
    });
    if (entries.length === slots.length) view.update(entries); // Each tells how it stands as soon as it is watched.
  };
  ending.signal.addEventListener("abort", parts.errors.watch(draw));
  followers.forEach((follower, place) => {
    const unwatch = follower.watch((model) => {
      models[place] = model;
      draw();
    });
    ending.signal.addEventListener("abort", unwatch);
  });
  ending.signal.addEventListener("abort", () => view.element.remove());
  return end;
}

export default { initialize, render };
