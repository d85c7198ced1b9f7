"""Peer: Nchan in one nginx worker, with a publisher of its own on the same core."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pulse import ROOM, Metronome, arguments, message

PAD = 182
CONFIG = """
load_module {module};
worker_processes 1;
worker_rlimit_nofile 20000;
pid {folder}/nginx.pid;
error_log stderr warn;
daemon off;
events {{ worker_connections 12000; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  nchan_shared_memory_size 256m;
  server {{
    listen 127.0.0.1:{port} backlog=2048;
    nchan_channel_id $arg_id;
    location = /sub {{
      nchan_subscriber websocket eventsource;
      nchan_subscriber_first_message newest;
    }}
    location = /pub {{
      nchan_publisher;
      nchan_message_buffer_length 256;
    }}
  }}
}}
"""


def publish(port: int, beat: Metronome) -> None:
    """Emit for ever over one kept-alive connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    n = 0
    while True:
        time.sleep(beat.pause())
        if not beat.running():
            continue
        body = json.dumps(message(n, pad=PAD), separators=(",", ":"))
        connection.request("POST", f"/pub?id={ROOM}", body, {"Content-Type": "application/json"})
        connection.getresponse().read()
        n += 1


def main() -> None:
    options = arguments()
    nginx, module = os.environ["PULSE_NGINX"], os.environ["PULSE_NCHAN_MODULE"]
    with tempfile.TemporaryDirectory(prefix="nchan-") as folder:
        config = Path(folder, "nginx.conf")
        config.write_text(CONFIG.format(module=module, folder=folder, port=options.port))
        server = subprocess.Popen([nginx, "-p", folder, "-c", str(config), "-e", "stderr"])
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        try:
            while True:
                try:
                    publish(options.port, Metronome(options.rate, options.go))
                except ConnectionError:
                    if server.poll() is not None:
                        sys.exit(f"nginx ended with code {server.returncode}")
                    time.sleep(0.1)
        finally:
            server.terminate()
            server.wait(10)


if __name__ == "__main__":
    main()
