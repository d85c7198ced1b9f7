"""Peer: Flask-SocketIO with gevent, or (``PULSE_MODE=threading``) threads and simple-websocket."""

from __future__ import annotations

import os

MODE = os.environ.get("PULSE_MODE", "gevent")
if MODE == "gevent":
    from gevent import monkey

    monkey.patch_all()

from flask import Flask  # noqa: E402 - after the patch
from flask_socketio import SocketIO, join_room  # noqa: E402
from pulse import EVENT, ROOM, Metronome, arguments, message  # noqa: E402

PAD = 162
options = arguments()
app = Flask(__name__)
socketio = SocketIO(app, async_mode=MODE, cors_allowed_origins="*")


@socketio.on("subscribe")
def subscribe(room: str) -> bool:
    join_room(room)
    return True


def emit() -> None:
    beat = Metronome(options.rate, options.go)
    n = 0
    while True:
        socketio.sleep(beat.pause())
        if beat.running():
            socketio.emit(EVENT, message(n, pad=PAD), to=ROOM)
            n += 1


socketio.start_background_task(emit)
extra = {"allow_unsafe_werkzeug": True} if MODE == "threading" else {}
socketio.run(app, host="127.0.0.1", port=options.port, **extra)
