/**
 * Keeps news coming, over the best transport that works: opens it, waits, opens it again, goes down and up the ladder.
 * Knows no task. Which rung is `ladder.ts`'s to say; whether a transport carries is `line.ts`'s.
 *
 * Up to three lines are open: `main` on the ladder's rung; a `bridge` that polls while main has not greeted for 2 s; a
 * `climber` that tries a better rung. One that takes over does so once it has told its snapshots, and only then is the
 * other closed; what both tell is told once, since the session drops repetitions.
 */

import { Audit } from "./audit.ts";
import type { Backoff } from "./backoff.ts";
import { Climb } from "./climb.ts";
import type { Clock, Timer } from "./clock.ts";
import type { Answer, ServerInfo } from "./http.ts";
import { LIMITS, type Ladder } from "./ladder.ts";
import { Line } from "./line.ts";
import type { Link, Reason } from "./link.ts";
import type { ClientMessage, Cursors, Frame, UtcMillis } from "./protocol.ts";
import { type Phase, Standing } from "./standing.ts";
import type { Ended, OpenTransport, TransportName } from "./transports/transport.ts";

export type { Link } from "./link.ts";

const BRIDGE_AFTER_MS = 2_000;
const STEADY_MS = 10_000;
const SUSPENDED_RETRY_MS = 30_000;
/** `online` may never be told: some hosts lose it while asleep. */
const OFFLINE_RETRY_MS = 60_000;

export type Openers = Readonly<Partial<Record<TransportName, OpenTransport>>>;

export interface ConnectionOptions {
  readonly openers: Openers;
  readonly ladder: Ladder;
  readonly clock: Clock;
  readonly backoff: Backoff;
  /** Does plain HTTP work, and does it know us? */
  readonly probe: () => Promise<Answer<ServerInfo>>;
  readonly cursors: () => Cursors;
  readonly onFrame: (frame: Frame, transport: TransportName) => void;
  readonly onLink: (link: Link) => void;
}

export class Connection {
  readonly #options: ConnectionOptions;
  #phase: Phase = "idle";
  /** Why the best does not carry; null while it does. */
  #reason: Reason | null = null;
  #main: Line | null = null;
  #bridge: Line | null = null;
  readonly #climb: Climb;
  readonly #audit: Audit;
  readonly #standing: Standing;
  #waiting: Timer | undefined;
  #bridging: Timer | undefined;
  #steady: Timer | undefined;
  #holding: Timer | undefined;
  /** Changes with every new start of `main`: an answer to a question of before is void. */
  #turn = 0;
  #authTried = false;
  #offline = false;
  #visible = true;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#audit = new Audit({ clock: options.clock, poll: () => this.#open("poll"), heldBack: () => this.#heldBack() });
    this.#climb = new Climb({
      ladder: options.ladder,
      clock: options.clock,
      can: (name) => options.openers[name] !== undefined,
      open: (name) => this.#open(name),
      standing: () => this.#main?.greeted ?? false,
    });
    this.#standing = new Standing(options.clock.now());
  }

  get link(): Link {
    return this.#standing.link;
  }

  /** Connect unless connected, waiting, or stopped by a refused login (that takes `retry`). */
  start(): void {
    if (this.#phase !== "idle") return;
    this.#connect();
  }

  /** Connect now, whatever was being waited for; where a lower rung carries, try the better ones now. */
  retry(): void {
    if (this.#phase === "idle") return;
    if (this.#main?.greeted) return this.#climb.now();
    if (this.#main === null) this.#connect();
  }

  stop(): void {
    this.#drop();
    this.#phase = "idle";
    this.#standing.stopped();
    this.#publish();
  }

  /** The server does not know us any more; only the reader can change that. */
  authLost(): void {
    this.#drop();
    this.#phase = "auth";
    this.#publish({ code: "not_authorized", words: "" });
  }

  /** The Hub has stopped the server. */
  suspended(): void {
    this.#drop();
    this.#phase = "suspended";
    this.#waiting = this.#options.clock.after(SUSPENDED_RETRY_MS, () => this.#connect());
    this.#publish({ code: "suspended", words: "" });
  }

  send(message: ClientMessage): void {
    if (message.op === "visible") this.#visible = message.visible;
    for (const line of this.#lines()) line.send(message);
  }

  /** The server has said what it offers. */
  offered(names: readonly string[]): void {
    const { ladder, clock } = this.#options;
    const moved = ladder.offer(names, clock.now());
    this.#standing.note({ offered: names });
    if (moved && (this.#phase === "connecting" || this.#phase === "backoff")) return this.#stand({ code: "disabled", words: "" });
    this.#climb.arm();
    this.#publish();
  }

  online(): void {
    this.#offline = false;
    this.retry();
  }

  /** The browser says that the network is gone, which it may be wrong about: ask the line first. */
  offline(): void {
    this.#offline = true;
    for (const line of this.#lines()) line.check();
  }

  /** Try the better rungs now. */
  climb(): void {
    this.#climb.now();
  }

  #connect(): void {
    const { clock, ladder } = this.#options;
    clock.cancel(this.#waiting);
    clock.cancel(this.#steady);
    this.#audit.stop();
    this.#turn += 1;
    this.#main?.close();
    this.#phase = "connecting";
    this.#main = this.#open(ladder.rung);
    this.#armBridge(BRIDGE_AFTER_MS);
    this.#climb.arm();
    this.#publish();
  }

  #open(name: TransportName): Line {
    const { openers, clock, cursors } = this.#options;
    const open = openers[name];
    if (!open) throw new RangeError(`There is no way to open ${name}.`);
    const line = new Line(name, open, cursors, clock, {
      greeted: (greeted) => this.#greeted(greeted),
      proven: (proven) => this.#proven(proven),
      frame: (frame, from) => this.#frame(frame, from),
      staleness: () => this.#publish(),
      ended: (ended, end) => this.#lineEnded(ended, end),
    });
    if (!this.#visible) line.send({ op: "visible", visible: false });
    return line;
  }

  #frame(frame: Frame, line: Line): void {
    this.#standing.note({ heard: this.#options.clock.now() });
    if (this.#audit.has(line)) this.#audit.told(frame);
    else if (line === this.#main && this.#options.openers.poll) this.#audit.heard(line);
    this.#options.onFrame(frame, line.name);
  }

  #heldBack(): void {
    const line = this.#main;
    if (line === null) return;
    line.close();
    this.#lineEnded(line, { code: "buffered", why: "held back on the way" });
  }

  #greeted(line: Line): void {
    const { clock, backoff, ladder } = this.#options;
    if (this.#audit.has(line)) return;
    this.#authTried = false;
    if (!this.#visible) line.send({ op: "visible", visible: false });
    if (line === this.#main) {
      ladder.greeted();
      clock.cancel(this.#bridging);
      this.#steady = clock.after(STEADY_MS, () => backoff.reset());
      this.#phase = "connecting";
    }
    this.#publish();
    this.#climb.arm();
  }

  #proven(line: Line): void {
    if (line === this.#climb.line) return this.#takeOver(line);
    if (line !== this.#main) return;
    this.#bridge?.close();
    this.#bridge = null;
    this.#publish();
  }

  #takeOver(line: Line): void {
    const { clock, ladder } = this.#options;
    const old = this.#main;
    this.#turn += 1;
    this.#main = line;
    this.#climb.release();
    this.#audit.stop();
    ladder.climbed(line.name, clock.now());
    old?.close();
    this.#bridge?.close();
    this.#bridge = null;
    clock.cancel(this.#waiting);
    clock.cancel(this.#bridging);
    clock.cancel(this.#holding);
    this.#holding = clock.after(LIMITS.holdMs, () => ladder.held());
    this.#phase = "connecting";
    this.#standing.count("upgrades");
    this.#climb.arm();
    this.#publish(ladder.better.length === 0 ? null : { code: "probe", words: "" });
  }

  #lineEnded(line: Line, end: Ended): void {
    if (this.#audit.has(line)) return this.#audit.stop();
    if (line === this.#climb.line) {
      this.#climb.release();
      this.#notOffered(line.name, end);
      return this.#climb.below(line.name);
    }
    if (line === this.#bridge) {
      this.#bridge = null;
      const { answer } = end;
      if (answer?.is === "suspended") return this.suspended();
      if (answer?.is === "auth") void this.#auth();
      else if (!this.#notOffered(line.name, end)) this.#armBridge((answer?.is === "unreachable" && answer.retryMs) || 2 * BRIDGE_AFTER_MS);
      return this.#publish();
    }
    if (line === this.#main) this.#mainEnded(line, end);
  }

  #mainEnded(line: Line, end: Ended): void {
    const { clock, ladder, backoff } = this.#options;
    this.#main = null;
    this.#audit.stop();
    clock.cancel(this.#steady);
    this.#phase = "backoff";
    this.#standing.note({ why: end.why });
    this.#armBridge(BRIDGE_AFTER_MS);
    const { answer } = end;
    const reason = { code: end.code, words: end.why };
    if (answer?.is === "auth") return void this.#auth();
    if (answer?.is === "suspended") return this.suspended();
    if (answer?.is === "unreachable" && answer.retryMs !== null) return this.#wait(answer.retryMs, reason);
    if (this.#notOffered(line.name, end)) return this.#down(reason);
    if (end.code === "restarting") return this.#wait(backoff.afterRestart(), reason);
    if (this.#offline) return this.#wait(OFFLINE_RETRY_MS, { code: "offline", words: end.why });
    const mute = end.code === "timeout" || end.code === "buffered";
    if (ladder.ended(line.life(clock.now()), clock.now(), mute) === "again") return this.#wait(backoff.next(), reason);
    this.#publish(reason);
    void this.#doubt(reason);
  }

  /** The rung breaks more than it carries: is it the rung, or the network? */
  async #doubt(reason: Reason): Promise<void> {
    const { probe, ladder, clock, backoff } = this.#options;
    const turn = this.#turn;
    const answer = await probe();
    if (turn !== this.#turn || this.#phase !== "backoff") return;
    if (answer.is === "auth") return void this.#auth();
    if (answer.is === "suspended") return this.suspended();
    if (answer.is === "unreachable" && answer.retryMs !== null) return this.#wait(answer.retryMs, { code: "limited", words: reason.words });
    const works = answer.is !== "unreachable";
    const network: Reason = { code: answer.is === "unreachable" && answer.status !== null ? "server_error" : "offline", words: reason.words };
    if (ladder.verdict(works, clock.now()) === "down") this.#down(reason);
    else this.#wait(backoff.next(), works ? reason : network);
  }

  /** On the rung that the ladder has gone down to. */
  #down(reason: Reason): void {
    this.#standing.count("downgrades");
    this.#stand(reason);
  }

  #stand(reason: Reason): void {
    this.#audit.stop();
    this.#main?.close();
    this.#main = null;
    this.#reason = reason;
    // The bridge polls already; where the new rung is polling, it is the same request again.
    const { ladder, clock } = this.#options;
    if (this.#bridge?.greeted && ladder.rung === this.#bridge.name) {
      clock.cancel(this.#waiting);
      this.#turn += 1;
      this.#main = this.#bridge;
      this.#bridge = null;
      this.#phase = "connecting";
      ladder.greeted();
      this.#publish();
      return this.#climb.arm();
    }
    this.#connect();
  }

  /** 404 or a refusal in place of a transport: the server has none. */
  #notOffered(name: TransportName, { answer }: Ended): boolean {
    const { ladder, clock } = this.#options;
    return (answer?.is === "missing" || answer?.is === "refused") && ladder.without(name, clock.now());
  }

  async #auth(): Promise<void> {
    if (this.#authTried) return this.authLost();
    this.#authTried = true; // The host may just have renewed its cookie.
    const turn = this.#turn;
    const answer = await this.#options.probe();
    if (turn !== this.#turn || this.#phase === "idle") return;
    if (answer.is === "auth") this.authLost();
    else if (this.#main === null) this.#wait(this.#options.backoff.next(), { code: "not_authorized", words: "" });
  }

  #wait(ms: number, reason: Reason): void {
    const { clock } = this.#options;
    clock.cancel(this.#waiting);
    this.#phase = "backoff";
    this.#waiting = clock.after(ms, () => this.#connect());
    this.#publish(reason);
  }

  #armBridge(ms: number): void {
    const { clock, ladder, openers } = this.#options;
    if (this.#bridge || ladder.rung === "poll" || !ladder.has("poll") || !openers.poll) return;
    clock.cancel(this.#bridging);
    this.#bridging = clock.after(ms, () => {
      if (this.#main?.greeted || this.#bridge || ladder.rung === "poll") return;
      if (this.#phase !== "connecting" && this.#phase !== "backoff") return;
      this.#bridge = this.#open("poll");
    });
  }

  #lines(): Line[] {
    return [this.#main, this.#bridge, this.#climb.line].filter((line) => line !== null);
  }

  #drop(): void {
    const { clock } = this.#options;
    this.#turn += 1;
    for (const timer of [this.#waiting, this.#bridging, this.#steady, this.#holding]) clock.cancel(timer);
    this.#climb.rest();
    const lines = this.#lines();
    this.#audit.stop();
    this.#climb.release();
    this.#main = this.#bridge = null;
    for (const line of lines) line.close();
  }

  #publish(reason: Reason | null = this.#reason): void {
    const { clock, ladder } = this.#options;
    // On the best rung with a greeting all is well, whatever was before.
    this.#reason = this.#main?.greeted && ladder.better.length === 0 ? null : reason;
    const carrier = this.#main?.greeted ? this.#main : this.#bridge?.greeted ? this.#bridge : null;
    const climbAt = this.#main?.greeted ? (ladder.climbAt as UtcMillis | null) : null;
    this.#options.onLink(this.#standing.change(carrier, this.#phase, this.#reason, climbAt, clock.now()));
  }
}
