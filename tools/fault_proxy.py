"""A proxy of our own that breaks connections by a schedule: the same seed breaks the n-th one in the same way."""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

CHUNK = 65_536
BLOCK = 4_096
FATES = {"pass": 8, "refuse": 4, "delay": 4, "cut": 4, "drop": 1, "buffer": 3}
"""What may happen to a connection, and how often in comparison."""
LIFE_S = 1.0, 12.0
"""All that is left is cut after so long, so that there is always something to recover from."""


@dataclass(frozen=True, kw_only=True)
class Fate:
    """What happens to one connection."""

    kind: str
    life_s: float
    """When it is cut or, if its packets are dropped, dead without a word; from its beginning."""
    delay_s: float


def fate(seed: int, number: int) -> Fate:
    """The fate of connection ``number``, counted from 0."""
    rng = random.Random(f"{seed}:{number}")
    (kind,) = rng.choices(list(FATES), list(FATES.values()))
    life_s = rng.uniform(0.0, 3.0) if kind in {"cut", "drop"} else rng.uniform(*LIFE_S)
    return Fate(kind=kind, life_s=life_s, delay_s=rng.uniform(0.0, 0.6))


class FaultProxy:
    """Passes TCP on to ``upstream``; ``broken`` counts what it did to connections since ``begin()``."""

    def __init__(self, upstream: int, seed: int) -> None:
        self.port = 0
        self.broken: Counter[str] = Counter()
        self._upstream = upstream
        self._seed = seed
        self._count = 0
        self._calm: set[asyncio.StreamWriter] | None = set()
        """What is open, before the schedule begins."""

    def begin(self) -> None:
        """Cut what is open, and break what comes from now on by the schedule."""

        def now() -> None:
            calm, self._calm = self._calm or (), None
            for writer in calm:
                writer.transport.abort()

        self._loop.call_soon_threadsafe(now)

    async def listen(self) -> asyncio.Server:
        """Begin to accept connections at ``port``."""
        self._loop = asyncio.get_running_loop()
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._calm is None:
            mine = fate(self._seed, self._count)
            self._count += 1
            self.broken[mine.kind] += 1
        else:
            mine = Fate(kind="calm", life_s=0.0, delay_s=0.0)
            self._calm.add(writer)
        if mine.kind == "refuse":
            writer.transport.abort()
            return
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self._upstream)
        ways = asyncio.gather(
            self._pump(reader, up_writer, mine, up=True),
            self._pump(up_reader, writer, mine, up=False),
        )
        with contextlib.suppress(OSError, TimeoutError, asyncio.CancelledError):
            await asyncio.wait_for(ways, None if mine.kind in {"calm", "drop"} else mine.life_s)
        for each in (writer, up_writer):
            each.transport.abort()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, mine: Fate, *, up: bool
    ) -> None:
        loop = asyncio.get_running_loop()
        dead_at = loop.time() + mine.life_s if mine.kind == "drop" else float("inf")
        kept = b""
        while data := await reader.read(CHUNK):
            if loop.time() >= dead_at:
                continue  # packets are lost, and nobody is told
            if mine.kind == "delay":
                await asyncio.sleep(mine.delay_s)
            if mine.kind == "buffer" and not up:
                kept += data
                full = len(kept) // BLOCK * BLOCK
                data, kept = kept[:full], kept[full:]
            writer.write(data)
            await writer.drain()
        writer.write(kept)
        with contextlib.suppress(OSError):
            writer.write_eof()


@contextmanager
def running_fault_proxy(upstream: int, seed: int) -> Iterator[FaultProxy]:
    """Run a ``FaultProxy`` on a thread of its own; it breaks nothing before ``begin()``."""
    proxy = FaultProxy(upstream, seed)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(proxy.listen(), loop).result(10)
    try:
        yield proxy
    finally:

        async def end() -> None:
            server.close()
            everything = [
                each for each in asyncio.all_tasks() if each is not asyncio.current_task()
            ]
            for each in everything:
                each.cancel()
            await asyncio.gather(*everything, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(end(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
