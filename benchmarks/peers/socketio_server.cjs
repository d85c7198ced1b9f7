// Peer: Socket.IO on Node. Same schedule and event as pulse.py.
const { existsSync } = require("node:fs");
const { parseArgs } = require("node:util");
const { Server } = require("socket.io");

const { values } = parseArgs({
  options: { port: { type: "string" }, rate: { type: "string", default: "10" }, go: { type: "string" } },
});
const period = 1000 / Number(values.rate);
const pad = "x".repeat(162);
const io = new Server({ serveClient: false, cors: { origin: "*" } });

io.on("connection", (socket) => {
  socket.on("subscribe", (room, done) => {
    socket.join(room);
    done(true);
  });
});

let n = 0;
let next = performance.now() + period;
const beat = () => {
  if (existsSync(values.go)) {
    // hrtime reads CLOCK_MONOTONIC, as Python's monotonic_ns does.
    const at = Number(process.hrtime.bigint() / 1000n);
    io.to("pulse").emit("task_progress", { n, at, pad });
    n += 1;
  }
  next += period;
  setTimeout(beat, Math.max(0, next - performance.now()));
};
setTimeout(beat, period);

io.listen(Number(values.port));
