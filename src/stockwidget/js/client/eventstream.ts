/**
 * The text/event-stream format, without network: `feed` takes text as it arrives, in pieces cut anywhere, and gives
 * the events that it completes. https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */

export interface StreamEvent {
  /** `message` where the stream names none. */
  readonly event: string;
  readonly data: string;
  /** The last `id` of the stream so far. */
  readonly id: string;
}

const BOM = "\uFEFF";
const LINE_END = /\r\n|\n|\r/g;

export class EventStreamParser {
  #rest = "";
  #started = false;
  /** The last piece ended in CR: an LF that begins the next one belongs to it. */
  #afterCr = false;
  #event = "";
  #data: string[] = [];
  #id = "";

  feed(piece: string): StreamEvent[] {
    if (piece === "") return [];
    let text = piece;
    if (!this.#started && text.startsWith(BOM)) text = text.slice(1);
    this.#started = true;
    if (this.#afterCr && text.startsWith("\n")) text = text.slice(1);
    this.#afterCr = piece.endsWith("\r");
    const events: StreamEvent[] = [];
    this.#rest += text;
    // Without a line's end there is nothing to do yet, and searching the whole again for each piece would be quadratic.
    if (!/[\r\n]/.test(text)) return events;
    let from = 0;
    for (const { index, 0: end } of this.#rest.matchAll(LINE_END)) {
      const event = this.#line(this.#rest.slice(from, index));
      if (event) events.push(event);
      from = index + end.length;
    }
    this.#rest = this.#rest.slice(from);
    return events;
  }

  /** Forget everything: another stream begins. */
  reset(): void {
    this.#rest = "";
    this.#started = false;
    this.#afterCr = false;
    this.#event = "";
    this.#data = [];
    this.#id = "";
  }

  #line(line: string): StreamEvent | null {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    if (colon === 0) return null; // A comment.
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (field === "event") this.#event = value;
    else if (field === "data") this.#data.push(value);
    else if (field === "id" && !value.includes("\0")) this.#id = value;
    return null;
  }

  #dispatch(): StreamEvent | null {
    const event = { event: this.#event || "message", data: this.#data.join("\n"), id: this.#id };
    const empty = this.#data.length === 0;
    this.#event = "";
    this.#data = [];
    return empty ? null : event;
  }
}
