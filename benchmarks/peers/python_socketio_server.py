"""Peer: python-socketio on uvicorn (uvloop, httptools)."""

from __future__ import annotations

import asyncio

import socketio
import uvicorn
from pulse import EVENT, ROOM, Metronome, arguments, message

PAD = 162
options = arguments()
sio = socketio.AsyncServer(async_mode="asgi", cors_allowed_origins="*")
tasks: set[asyncio.Task[None]] = set()


@sio.event
async def subscribe(sid: str, room: str) -> bool:
    await sio.enter_room(sid, room)
    return True


async def emit() -> None:
    beat = Metronome(options.rate, options.go)
    n = 0
    while True:
        await asyncio.sleep(beat.pause())
        if beat.running():
            await sio.emit(EVENT, message(n, pad=PAD), room=ROOM)
            n += 1


async def started() -> None:
    tasks.add(asyncio.create_task(emit()))


app = socketio.ASGIApp(sio, on_startup=started)
uvicorn.run(app, host="127.0.0.1", port=options.port, log_level="warning", backlog=2048)
