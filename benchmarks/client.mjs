/** The browser's own client, compiled from its sources, for a program of Node. */

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const { outputFiles } = await build({
  stdin: {
    contents: `
      export { nextMs } from "./cadence.ts";
      export { Client } from "./client.ts";
      export { systemClock } from "./clock.ts";
      export { Counters } from "./counters.ts";
      export { Api } from "./http.ts";
      export { subscribeTaskStatus } from "./taskstatus.ts";
      export { openPoll } from "./transports/poll.ts";
      export { openEventStream } from "./transports/sse.ts";
      export { openWebSocket } from "./transports/websocket.ts";`,
    resolveDir: join(dirname(fileURLToPath(import.meta.url)), "..", "src", "stockwidget", "js", "client"),
    loader: "ts",
  },
  bundle: true,
  format: "esm",
  target: "es2022",
  write: false,
});
export const { nextMs, Client, systemClock, Counters, Api, subscribeTaskStatus, openPoll, openEventStream, openWebSocket } = await import(
  `data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString("base64")}`
);
