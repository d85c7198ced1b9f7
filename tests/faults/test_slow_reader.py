"""One reader stops reading while a hundred others follow the same task: they miss nothing, and it is let go and comes back."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from lab_driver import Lab, running_lab
from websockets.asyncio.client import ClientConnection, connect

OTHERS, SMALL = 100, 200
LARGE, SIZE = 500, 30_000
"""15 MB: far more than the buffers of the system take in a reader's place."""
BLOCKED_S = 12
"""A reader that takes nothing for 10 s is let go."""


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    with running_lab(tmp_path, app="jupyter_server") as running:
        yield running


def opening(lab: Lab, **more: Any) -> connect:
    address = f"ws{lab.url.removeprefix('http')}stockwidget/api/v1/ws"
    headers = {"Authorization": f"token {lab.token}"}
    return connect(
        address, additional_headers=headers, compression=None, proxy=None, max_size=1 << 25, **more
    )


async def read(reader: ClientConnection, task: str) -> list[int]:
    """Follow ``task`` to its end; the numbers of the rows told."""
    await reader.send(json.dumps({"op": "subscribe", "tasks": {task: None}}))
    rows: list[int] = []
    async for message in reader:
        frame = json.loads(message)
        if frame.get("t") != task:
            continue
        if frame["k"] == "snapshot":
            rows = [row[0] for row in frame["d"].get("partial", {}).get("rows", [])]
            if frame["d"]["state"]["status"] == "completed":
                break
        elif frame["k"] == "partial":
            rows += [row[0] for row in frame["d"]["append"]["rows"]]
        elif frame["k"] == "end":
            break
    return rows


def small_pipe(port: int) -> socket.socket:
    """A socket that holds little, so that what is not read stays with the server."""
    pipe = socket.socket()
    pipe.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8_192)
    pipe.connect(("127.0.0.1", port))
    return pipe


@pytest.mark.timeout(120)
async def test_a_reader_that_stops_slows_nobody_and_comes_back(lab: Lab, tmp_path: Path) -> None:
    go = tmp_path / "go"
    large = lab.pace(rows=LARGE, size=SIZE, every_s=0.02, after=str(go))["id"]
    small = lab.pace(rows=SMALL, every_s=0.05, after=str(go))["id"]
    pipe = small_pipe(int(lab.url.split(":")[2].split("/")[0]))
    async with AsyncExitStack() as open_ones:
        stopped = await open_ones.enter_async_context(
            opening(lab, sock=pipe, max_queue=1, ping_interval=None)
        )
        await stopped.send(json.dumps({"op": "subscribe", "tasks": {large: None}}))
        others = [await open_ones.enter_async_context(opening(lab)) for _ in range(OTHERS)]
        beside = await open_ones.enter_async_context(opening(lab))
        following = [asyncio.create_task(read(other, small)) for other in others]
        large_one = asyncio.create_task(read(beside, large))
        go.touch()
        for rows in await asyncio.gather(*following):
            assert rows == list(range(SMALL))
        assert await large_one == list(range(LARGE))
        await asyncio.sleep(BLOCKED_S)
        assert lab.api("stockwidget/api/realtime/stats")["slow_readers"] == 1
    async with opening(lab) as back:
        assert await read(back, large) == list(range(LARGE))
