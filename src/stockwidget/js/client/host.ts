/** What the page we live in gives us to reach its server: address, token, XSRF cookie. */

export interface Host {
  /** Absolute, ends with `/`: everything of ours is below it. */
  readonly apiUrl: string;
  readonly socketUrl: string;
  /** What the socket's handshake offers; carries the token of a page without a login cookie. */
  readonly socketProtocols: readonly string[];
  /** Empty with a password, a Hub cookie or Voila: the cookie authenticates then. */
  readonly token: string;
  /** The `_xsrf` cookie as it is now; the server may renew it. */
  xsrf(): string;
}

/** The host of `document`, or null where the page is not a Jupyter server's (VS Code, a saved HTML file). */
export function hostOf(document: Document, location: Location): Host | null {
  const element = document.getElementById("jupyter-config-data");
  const config = parse(element?.textContent);
  if (!config || !location.protocol.startsWith("http")) return null;
  const base = typeof config.baseUrl === "string" ? config.baseUrl : "/";
  return hostAt(new URL(base, location.href).href, typeof config.token === "string" ? config.token : "", document);
}

/** As `websocket.py` reads it. */
const PROTOCOL = "stockwidget.v1";
const TOKEN = "stockwidget.token.";

export interface HostOptions {
  /**
   * Send the token with the socket too: a page that has no login cookie has no other way. As a subprotocol, for a script
   * can set no other header of a socket, and an address is no place for a secret.
   */
  readonly tokenInSocket?: boolean;
}

/** The Jupyter server at `base` (absolute), for a page of any kind. */
export function hostAt(base: string, token: string, document: Document, { tokenInSocket = false }: HostOptions = {}): Host {
  const api = new URL("stockwidget/api/v1/", base.endsWith("/") ? base : `${base}/`);
  const socket = new URL("ws", api);
  socket.protocol = api.protocol === "https:" ? "wss:" : "ws:";
  const socketProtocols = tokenInSocket && token ? [PROTOCOL, TOKEN + hex(token)] : [];
  return { apiUrl: api.href, socketUrl: socket.href, socketProtocols, token, xsrf: () => cookie(document.cookie, "_xsrf") };
}

function parse(text: string | null | undefined): Record<string, unknown> | null {
  if (!text) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** The header allows few characters, a token any. */
const hex = (text: string): string => [...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

function cookie(all: string, name: string): string {
  const found = all.split("; ").find((pair) => pair.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
}
