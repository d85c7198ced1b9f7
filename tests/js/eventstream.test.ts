/** An event stream gives the same events however it is cut, whatever ends its lines. */

import { expect, test } from "vitest";

import { EventStreamParser, type StreamEvent } from "../../src/stockwidget/js/client/eventstream.ts";

/** Bytes in pieces of `size`, decoded as a stream. */
function read(text: string, size = Number.POSITIVE_INFINITY): StreamEvent[] {
  const bytes = new TextEncoder().encode(text);
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const parser = new EventStreamParser();
  const events: StreamEvent[] = [];
  for (let from = 0; from < bytes.length; from += size) {
    events.push(...parser.feed(decoder.decode(bytes.subarray(from, from + size), { stream: true })));
  }
  return events;
}
const data = (text: string): string[] => read(text).map((event) => event.data);

const STREAM = ': padding\n\nevent: progress\nid: {"t1":1}\ndata: {"漲":"42 %"}\n\ndata: one\ndata: two\n\nevent: hb\ndata\n\n';
const EVENTS = [
  { event: "progress", data: '{"漲":"42 %"}', id: '{"t1":1}' },
  { event: "message", data: "one\ntwo", id: '{"t1":1}' },
  { event: "hb", data: "", id: '{"t1":1}' },
];

test.each([1, 2, 3, 5, 7, 1000])("in pieces of %d bytes", (size) => expect(read(STREAM, size)).toEqual(EVENTS));

test.each([["CRLF", "\r\n"], ["CR", "\r"]])("with lines that end in %s, in pieces of any size", (_name, end) => {
  for (const size of [1, 2, 3, 4, 1000]) expect(read(STREAM.replaceAll("\n", end), size)).toEqual(EVENTS);
});

// The examples of the standard, section 9.2.6 of https://html.spec.whatwg.org/multipage/server-sent-events.html
test.each<[string, string, string[]]>([
  ["two lines are one event", "data: YHOO\ndata: +2\ndata: 10\n\n", ["YHOO\n+2\n10"]],
  ["a space after the colon is dropped, a second one kept", "data:test\n\ndata: test\n\ndata:  test\n\n", ["test", "test", " test"]],
  ["an unfinished event is none", "data\n\ndata\ndata\n\ndata:", ["", "\n"]],
  ["an event without data is none", "event: x\nid: 1\n\ndata: y\n\n", ["y"]],
  ["unknown fields are ignored", "retry: 10\nfoo: bar\ndata: y\n\n", ["y"]],
])("%s", (_name, text, expected) => expect(data(text)).toEqual(expected));

test("a byte order mark is dropped at the very start alone", () => {
  expect(data("\uFEFFdata: a\n\n")).toEqual(["a"]);
  expect(data("data: a\n\n\uFEFFdata: b\n\n")).toEqual(["a"]);
});

test("an id lasts until the next one; one with a null is ignored", () => {
  expect(read("id: 1\ndata: a\n\ndata: b\n\nid: x\0y\ndata: c\n\nid\ndata: d\n\n").map(({ id }) => id)).toEqual(["1", "1", "1", ""]);
});

test("after a reset half an event is forgotten", () => {
  const parser = new EventStreamParser();
  parser.feed("id: 7\nevent: log\ndata: half");
  parser.reset();
  expect(parser.feed("data: whole\n\n")).toEqual([{ event: "message", data: "whole", id: "" }]);
});
