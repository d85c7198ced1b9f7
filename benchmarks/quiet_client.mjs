/**
 * The browser's own client, following a running task of a real server for some seconds over one
 * transport: prints how many changes it was told and which requests it made after it was connected. Called by quiet.py.
 */

import { Api, Client, Counters, openEventStream, openPoll, openWebSocket, subscribeTaskStatus, systemClock as clock } from "./client.mjs";

const { apiUrl, token, task, transport, seconds } = JSON.parse(process.argv[2]);

const asked = [];
const counted = (input, init = {}) => {
  asked.push(`${init.method ?? "GET"} ${new URL(input).pathname.split("/api/v1/")[1]}`);
  return fetch(input, init);
};
const counters = new Counters();
const api = new Api({ apiUrl, socketUrl: "", token, xsrf: () => "" }, counted, counters);
const over = { api, apiUrl, clock, counters };
const protocols = ["stockwidget.v1", `stockwidget.token.${Buffer.from(token).toString("hex")}`];
const openers = {
  ...(transport === "ws" && {
    ws: (sink, cursors) => openWebSocket({ url: `${apiUrl.replace("http", "ws")}ws`, protocols, clock, WebSocket, counters }, sink, cursors),
  }),
  sse: (sink, cursors) => openEventStream(over, sink, cursors),
  poll: (sink, cursors) => openPoll(over, sink, cursors),
};
const client = new Client({ api, openers, clock, counters, random: Math.random });
let changes = 0;
subscribeTaskStatus(client, task, () => (changes += 1), clock);
const until = async (done, ms) => {
  for (const end = Date.now() + ms; Date.now() < end && !done(); ) await new Promise((resolve) => setTimeout(resolve, 20));
};
await until(() => client.connection().state === "live" && client.connection().transport === transport, 20_000);
const { state, transport: used } = client.connection();
await new Promise((resolve) => setTimeout(resolve, 1000)); // The first look at the record may still be on its way.
asked.length = 0;
changes = 0;
await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
console.log(JSON.stringify({ state, transport: used, changes, requests: asked }));
process.exit(0);
