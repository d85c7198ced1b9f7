/** The anywidget module: joins the page's client, or the kernel's model, to a card. The only place that knows both. */

import type { AnyModel, InitializeProps, RenderProps } from "@anywidget/types";

import { systemClock } from "./client/clock.ts";
import { pageClient } from "./client/page.ts";
import type { Catalogue } from "./i18n/en.ts";
import { catalogueFor } from "./i18n/locale.ts";
import { Follower, type Traits } from "./follower.ts";
import { firstPaint, resultPaint } from "./marks.ts";
import { type CardModel, cardView } from "./views/card.ts";
import { Format } from "./views/format.ts";
import { type MonitorTraits, renderMonitor } from "./monitor.ts";
import { addStyle } from "./views/style.ts";

const catalogueOf = (model: AnyModel<Traits>): Catalogue => catalogueFor(model.get("locale") ?? "", document, navigator);

const followers = new WeakMap<AnyModel<Traits>, Follower>();

/** Several views of one model share what follows the task. */
function followerOf(model: AnyModel<Traits>): Follower {
  let follower = followers.get(model);
  if (!follower) {
    follower = new Follower(model, pageClient(), catalogueOf(model));
    followers.set(model, follower);
  }
  return follower;
}

/** Begin to follow before any view exists. Awaits nothing: anywidget gives this 2 s, a network may take longer. */
function initialize({ model, signal }: InitializeProps<Traits>): () => void {
  if (model.get("view") === "monitor") return () => undefined; // It asks only while it is seen.
  const follower = followerOf(model);
  const stop = (): void => {
    follower.close();
    followers.delete(model);
  };
  // Before 0.11 anywidget passes no signal, and calls the returned function alone.
  (signal as AbortSignal | undefined)?.addEventListener("abort", stop);
  return stop;
}

function render(props: RenderProps<Traits>): () => void {
  return props.model.get("view") === "monitor" ? renderMonitor(props as unknown as RenderProps<MonitorTraits>) : renderCard(props);
}

function renderCard({ model, el, signal }: RenderProps<Traits>): () => void {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  (signal as AbortSignal | undefined)?.addEventListener("abort", end);

  const follower = followerOf(model);
  const task = model.get("task_id");
  const format = new Format(catalogueOf(model));
  const card = cardView({
    format,
    clock: systemClock,
    signal: ending.signal,
    onCancel: () => void follower.cancel(),
    onRetry: () => follower.retry(),
  });
  addStyle(el);
  let painted = false;
  const draw = (model: CardModel): void => {
    card.update(model);
    if (!painted) {
      painted = true;
      el.replaceChildren(card.element);
      firstPaint(task);
    }
    if (model.outcome.is === "here") resultPaint(task);
  };
  const unwatch = follower.watch(draw);
  ending.signal.addEventListener("abort", () => {
    unwatch();
    card.element.remove();
  });
  return end;
}

export default { initialize, render };
