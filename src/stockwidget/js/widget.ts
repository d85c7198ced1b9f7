/** The anywidget module: joins the page's client, or the kernel's model, to a card. The only place that knows both. */

import type { AnyModel, InitializeProps, RenderProps } from "@anywidget/types";

import type { Channel } from "./bundle.ts";
import { systemClock } from "./client/clock.ts";
import { hostOf } from "./client/host.ts";
import { pageClient } from "./client/page.ts";
import type { Catalogue } from "./i18n/en.ts";
import { catalogueFor } from "./i18n/locale.ts";
import { Follower, type Traits } from "./follower.ts";
import { memoryOf } from "./memory.ts";
import { firstPaint, resultPaint } from "./marks.ts";
import { scanActions } from "./opening.ts";
import { type Parts, partsFrom } from "./parts.ts";
import { type CardModel, cardView } from "./views/card.ts";
import { Format } from "./views/format.ts";
import type { Memory } from "./views/result.ts";
import { addStyle } from "./views/style.ts";
import css from "./views/theme.css?inline";

const catalogueOf = (model: AnyModel<Traits>): Catalogue => catalogueFor(model.get("locale") ?? "", document, navigator);

/** What the views of one model share. */
interface Joined {
  readonly follower: Follower;
  readonly parts: Parts;
  close(): void;
}

const known = new WeakMap<AnyModel<Traits>, Joined>();

function joined(model: AnyModel<Traits>): Joined {
  const present = known.get(model);
  if (present) return present;
  const ending = new AbortController();
  const follower = new Follower(model, pageClient(), catalogueOf(model));
  const texts = model.get("parts") ?? {};
  const parts = partsFrom({ server: serverFor(model), kernel: model as unknown as Channel, texts, signal: ending.signal });
  const made = {
    follower, parts,
    close(): void {
      follower.close();
      ending.abort();
      known.delete(model);
    },
  };
  known.set(model, made);
  return made;
}

/** A kernel that found no server of ours has the bundle itself; asking the page's server would only print an error. */
function serverFor(model: AnyModel<Traits>): string | null {
  const host = model.get("mode") === "server" ? hostOf(document, location) : null;
  return host && new URL("../../", host.apiUrl).href;
}

/** Begin to follow before any view exists. Awaits nothing: anywidget gives this 2 s, a network may take longer. */
function initialize({ model, signal }: InitializeProps<Traits>): () => void {
  const { close } = joined(model);
  // Before 0.11 anywidget passes no signal, and calls the returned function alone.
  (signal as AbortSignal | undefined)?.addEventListener("abort", close);
  return close;
}

function render({ model, el, signal }: RenderProps<Traits>): () => void {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  (signal as AbortSignal | undefined)?.addEventListener("abort", end);

  const { follower, parts } = joined(model);
  const task = model.get("task_id");
  const format = new Format(catalogueOf(model), parts.errors);
  const card = cardView({
    format,
    clock: systemClock,
    signal: ending.signal,
    onAction: (action) => void follower.act(action),
    onRetry: () => follower.retry(),
    parts,
    memory: memoryOf<Memory>(task),
    scans: scanActions({ client: model.get("mode") === "server" ? pageClient() : null, format, parts, colors: model.get("colors") ?? "" }),
  });
  addStyle(el, "card", css);
  let painted = false;
  const draw = (model: CardModel): void => {
    if (!painted) el.replaceChildren(card.element); // Before it is drawn: a shadow root has its own stylesheets.
    card.update(model);
    if (!painted) firstPaint(task);
    painted = true;
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
