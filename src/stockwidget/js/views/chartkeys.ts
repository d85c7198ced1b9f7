/** The keyboard over the chart, as a table; the help is made of it. */

export type Command =
  | { readonly do: "move"; readonly by: number }
  | { readonly do: "signal"; readonly by: 1 | -1 }
  | { readonly do: "pan"; readonly by: 1 | -1 }
  | { readonly do: "zoom"; readonly by: number }
  | { readonly do: "edge"; readonly end: "first" | "last" }
  | { readonly do: "range"; readonly index: number }
  | { readonly do: "log" | "reset" | "help" | "leave" };

/** A step of zooming in; out is its inverse. */
export const ZOOM_IN = 0.8;

const KEYS: Readonly<Record<string, Command>> = {
  ArrowLeft: { do: "move", by: -1 },
  ArrowRight: { do: "move", by: 1 },
  "Shift+ArrowLeft": { do: "move", by: -10 },
  "Shift+ArrowRight": { do: "move", by: 10 },
  ArrowUp: { do: "zoom", by: ZOOM_IN },
  ArrowDown: { do: "zoom", by: 1 / ZOOM_IN },
  "+": { do: "zoom", by: ZOOM_IN },
  "=": { do: "zoom", by: ZOOM_IN },
  "-": { do: "zoom", by: 1 / ZOOM_IN },
  PageUp: { do: "pan", by: -1 },
  PageDown: { do: "pan", by: 1 },
  Home: { do: "edge", end: "first" },
  End: { do: "edge", end: "last" },
  n: { do: "signal", by: 1 },
  p: { do: "signal", by: -1 },
  l: { do: "log" },
  r: { do: "reset" },
  "?": { do: "help" },
  Escape: { do: "leave" },
};

/** Each line of the help: its keys, and the name of its text. */
export const HELP = [
  ["← →", "move"],
  ["Shift ← →", "leap"],
  ["↑ ↓", "zoom"],
  ["PgUp PgDn", "pan"],
  ["Home End", "edge"],
  ["N P", "signal"],
  ["1 … 7", "range"],
  ["L", "log"],
  ["R", "reset"],
  ["Esc", "leave"],
] as const;

export function commandOf({ key, shiftKey, ctrlKey, metaKey, altKey }: KeyboardEvent): Command | null {
  if (ctrlKey || metaKey || altKey) return null; // The browser's and the host's own.
  if (/^[1-9]$/.test(key)) return { do: "range", index: Number(key) - 1 };
  const name = key.length === 1 ? key.toLowerCase() : key;
  return KEYS[shiftKey && name.startsWith("Arrow") ? `Shift+${name}` : name] ?? null;
}
