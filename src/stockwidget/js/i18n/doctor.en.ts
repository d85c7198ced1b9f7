/** English texts of the doctor's view: what this page reaches by itself. */

export const doctorEn = {
  title: "Doctor",
  page: "From this page",
  again: "Check now",
  looking: "Looking…",
  noServer: "This page is not a Jupyter server's: cards are fed by their kernel.",
  way: { server: "server", ws: "WebSocket", sse: "event stream", poll: "polling" },
  works: (ms: string) => `Works; first news after ${ms} ms.`,
  answers: (ms: string) => `Answers in ${ms} ms.`,
  notOffered: "The server does not offer it (REALTIME_ENABLED=false, or an older version).",
  fails: (why: string) => `Does not work: ${why}.`,
  server: {
    auth: "The login is not valid any more. Log in again and reload the page.",
    forbidden: "The server refuses this page. Ask whoever runs it for access.",
    missing: "The server has no stockwidget extension. Install stockwidget in its environment and restart it.",
    gone: "The server answers with an error.",
    refused: "The server answers with an error.",
    suspended: "The Hub stopped this server. Start it again.",
    unreachable: "The server does not answer. Is it still running, and does the network reach it?",
  },
  advice: {
    ws: "Let the proxy pass the upgrade: HTTP/1.1 with the headers Upgrade and Connection. Until then news comes another way.",
    sse: "Switch buffering and compression off for …/stockwidget/api/v1/events in the proxy.",
    poll: "Let the proxy pass requests that last 30 s.",
  },
  state: { ok: "works", warn: "could be better", fail: "does not work", skip: "left out" } as Readonly<Record<string, string>>,
};

export type DoctorCatalogue = typeof doctorEn;
