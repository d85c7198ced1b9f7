/** The way that news takes: what carries now and why, the ladder of ways, and the switches that break them. */

import type { Link } from "../client/link.ts";
import type { TransportName } from "../client/transports/transport.ts";
import { button, h, say, set } from "../views/dom.ts";
import type { Format } from "../views/format.ts";
import type { PageCatalogue } from "../i18n/page.en.ts";

export const RUNGS = ["ws", "sse", "poll"] as const;
export type Rung = (typeof RUNGS)[number];
export const BREAKS = [...RUNGS, "http", "offline"] as const;
export type Break = (typeof BREAKS)[number];
export type Broken = Readonly<Record<Break, boolean>>;

export const WHOLE: Broken = { ws: false, sse: false, poll: false, http: false, offline: false };

export interface LinkModel extends Pick<Link, "state" | "transport" | "since" | "reason" | "climbAt" | "offered"> {
  /** The rung that one stands on, whether it carries or not. */
  readonly rung: TransportName;
}

export type RungState = keyof PageCatalogue["rung"];

/** What there is to say of one way. */
export function rungState(rung: Rung, link: LinkModel, broken: Broken): RungState {
  if (link.offered && !link.offered.includes(rung)) return "off";
  if (link.transport === rung) return "carrying";
  if (broken[rung] || broken.offline || (broken.http && rung !== "ws")) return "broken";
  if (link.rung === rung && (link.state === "connecting" || link.state === "backoff")) return "trying";
  return RUNGS.indexOf(rung) < RUNGS.indexOf(link.rung as Rung) ? "failed" : "standby";
}

export interface LadderOptions {
  readonly format: Format;
  readonly texts: PageCatalogue;
  readonly signal: AbortSignal;
  readonly onBreak: (what: Break, broken: boolean) => void;
  readonly onHeal: () => void;
  readonly onTry: () => void;
}

export interface LadderView {
  readonly element: HTMLElement;
  update(link: LinkModel, broken: Broken, now: number): void;
}

export function ladderView({ format, texts, signal, onBreak, onHeal, onTry }: LadderOptions): LadderView {
  const look = h("strong", "dp-link-look");
  const since = h("span", "dp-quiet");
  const why = h("p", "dp-link-why");
  const again = button("dp-button dp-small", texts.tryNow, signal, onTry);
  const switches = new Map<Break, HTMLButtonElement>();
  const breaker = (what: Break): HTMLButtonElement => {
    const toggle = h("button", "dp-switch", { type: "button", role: "switch", "aria-checked": "false", title: texts.breakTip[what] },
      h("span", "dp-switch-label", {}, texts.breakIt[what]), h("span", "dp-switch-track", { "aria-hidden": "true" }));
    const name = what === "http" || what === "offline" ? texts.network : texts.way[what];
    set(toggle, { "aria-label": `${name}: ${texts.breakIt[what]}` });
    toggle.addEventListener("click", () => onBreak(what, toggle.getAttribute("aria-checked") !== "true"), { signal });
    switches.set(what, toggle);
    return toggle;
  };
  const rungs = new Map(RUNGS.map((rung) => [rung, rungView(rung, texts, breaker(rung))] as const));
  const heal = button("dp-button dp-small", texts.heal, signal, onHeal);
  const news = h("div", "dp-hidden", { "aria-live": "polite" });
  const element = h("section", "dp-panel dp-connection", { "aria-labelledby": "dp-connection" },
    h("header", "dp-panel-head", {}, h("h2", "", { id: "dp-connection" }, texts.connection), again),
    h("div", "dp-link", {}, h("span", "dp-beacon", { "aria-hidden": "true" }), h("div", "dp-link-words", {}, h("p", "dp-link-line", {}, look, since), why)),
    h("ol", "dp-ladder", { "aria-label": texts.ladderLabel }, ...[...rungs.values()].map((view) => view.element)),
    h("div", "dp-network", {}, h("span", "dp-quiet", {}, texts.network), breaker("http"), breaker("offline"), heal),
    h("p", "dp-note", {}, texts.faultsNote),
    news);

  return {
    element,
    update(link, broken, now) {
      const words = lookOf(link, format, texts);
      if (look.textContent !== words) {
        if (look.textContent !== "") say(news, words); // The first paint is no change.
        say(look, words);
      }
      say(since, link.state === "idle" ? "" : texts.since(format.clock(link.since)));
      say(why, whyOf(link, now, format, texts));
      again.hidden = link.climbAt === null && link.state !== "backoff" && link.state !== "auth";
      set(element, { "data-state": link.state });
      for (const [rung, view] of rungs) view.update(rungState(rung, link, broken));
      for (const [what, toggle] of switches) set(toggle, { "aria-checked": String(broken[what]) });
      heal.disabled = !Object.values(broken).some(Boolean);
    },
  };
}

function rungView(rung: Rung, texts: PageCatalogue, toggle: HTMLElement): { element: HTMLElement; update(state: RungState): void } {
  const state = h("span", "dp-rung-state");
  const element = h("li", "dp-rung", { "data-rung": rung },
    h("span", "dp-node", { "aria-hidden": "true" }),
    h("div", "dp-rung-words", {}, h("p", "dp-rung-name", {}, h("strong", "", {}, texts.way[rung]), state), h("p", "dp-quiet", {}, texts.wayText[rung])),
    toggle);
  return {
    element,
    update(now) {
      set(element, { "data-state": now, "aria-current": now === "carrying" ? "step" : null });
      say(state, texts.rung[now]);
    },
  };
}

/** What carries, in a few words. */
export function lookOf(link: LinkModel, { t }: Format, texts: PageCatalogue): string {
  if (link.state !== "live") return texts.looks[link.state];
  return onlyPolls(link) ? texts.pollingOnly : texts.looks.live(t.via[link.transport ?? "poll"]);
}

/** Why this way, and when a better one is tried. */
export function whyOf(link: LinkModel, now: number, format: Format, texts: PageCatalogue): string {
  if (onlyPolls(link)) return texts.pollingOnlyText;
  if (link.state === "idle") return texts.idleText;
  const because = texts.reason[link.reason?.code ?? "other"];
  const better = RUNGS.slice(0, Math.max(0, RUNGS.indexOf(link.rung as Rung))).filter((rung) => link.offered?.includes(rung) ?? true);
  const best = better[0];
  const nearest = better[better.length - 1];
  const live = link.state === "live";
  if (best === undefined || nearest === undefined) return live ? texts.best : link.reason ? texts.because(because) : "";
  const words = [live ? texts.whyLower(format.t.via[nearest], because) : texts.because(because)];
  if (live && link.climbAt !== null) {
    const left = Math.max(1_000, Math.ceil((link.climbAt - now) / 1_000) * 1_000);
    words.push(texts.nextTry(texts.way[best], format.duration(left, true).replaceAll(" ", "\u00a0")));
  }
  return words.join(format.t.lang.startsWith("zh") ? "" : " ");
}

const onlyPolls = ({ offered }: LinkModel): boolean => offered?.length === 1 && offered[0] === "poll";
