"""What the handlers share: the runner with its life, the connections, the secret of the kernels.

Everything here starts in the background and none of it can hurt the notebook server: if the journal
cannot be opened, routes answer 503 with the reason, and the next request after a while tries again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from stockwidget.delivery.channel import Channels, Shared
from stockwidget.delivery.commands import RESTARTING
from stockwidget.delivery.event_stream import Blocks
from stockwidget.delivery.frames import PROTOCOL, Encoder
from stockwidget.delivery.limits import Limits
from stockwidget.delivery.meter import Meter, TransportName
from stockwidget.delivery.pump import Pump, Transport
from stockwidget.delivery.rounds import Rounds
from stockwidget.delivery.session import Session
from stockwidget.delivery.stats import document
from stockwidget.errors import RealtimeDisabled, StockwidgetError, StoreUnavailable
from stockwidget.tasks.clock import utc_ms
from stockwidget.tasks.kinds import Kind
from stockwidget.tasks.runner import Runner
from stockwidget.tasks.tally import Tally
from stockwidget_server.connection_file import ConnectionFile
from stockwidget_server.requests import BODY_BYTES
from stockwidget_server.settled import Settled

RETRY_S = 5.0
"""After a failed start, the next one is not tried before."""
STARTING_S = 20.0
"""A request waits no longer for a runner that is still starting."""
STOPPING_S = 8.0
"""jupyter_server itself sets no bound to the stop of an extension."""
LOOK_S = 10.0
"""So old, at most, are the counts of tasks in the metrics."""
_TRANSPORTS: tuple[TransportName, ...] = ("ws", "sse", "poll")
"""Best first."""


@dataclass(frozen=True, kw_only=True)
class Feed:
    """What a connection to one journal is made of; all connections share the parts."""

    encoder: Encoder
    blocks: Blocks
    begin: Callable[[Transport, Shared | None], Pump]
    """Make a started pump; see ``Pump`` for ``shared``."""


class Service:
    """One per server. ``make_runner`` is called for each attempt to start, with the server's id."""

    def __init__(
        self,
        *,
        make_runner: Callable[[str], Runner],
        kinds: Mapping[str, Kind],
        version: str,
        connection_file: ConnectionFile,
        describe: Callable[[], Mapping[str, Any]],
        touch: Callable[[], None],
        log: logging.Logger,
        limits: Limits | None = None,
        realtime: bool = True,
    ) -> None:
        self.server_id = uuid.uuid4().hex
        self.secret = secrets.token_urlsafe(32)
        self.limits = limits or Limits()
        self.transports = _TRANSPORTS if realtime else _TRANSPORTS[-1:]
        self.meter = Meter(transports=self.transports)
        self.tally: Tally | None = None
        """Of tasks, as last looked up: a scrape of metrics cannot wait for the journal."""
        self._since = time.monotonic()
        self._make_runner = make_runner
        self._kinds = kinds
        self._version = version
        self._connection_file = connection_file
        self._describe = describe
        """``url`` and ``base_url`` of the server, known once it listens."""
        self.touch = touch
        """Tells the server that somebody works."""
        self._log = log
        self._starting: asyncio.Task[Runner] | None = None
        self._failed_at = float("-inf")
        self._background: asyncio.Task[None] | None = None
        self._shared: dict[str, tuple[Encoder, Blocks, Channels]] = {}
        """By epoch, so that all readers of one journal share what is made once an event."""
        self._rounds: Rounds | None = None
        self._settled = Settled()
        self._pumps: set[Pump] = set()
        self._stopped = False

    async def info(self) -> dict[str, Any]:
        """Return the answer of ``GET info``."""
        runner = await self.runner()
        return {
            "server_id": self.server_id,
            "epoch": runner.epoch,
            "version": self._version,
            "protocol": PROTOCOL,
            "kinds": {
                kind.name: {"stages": kind.stages, "retention_s": kind.retention_s}
                for kind in self._kinds.values()
            },
            "transports": self.transports,
            "limits": {"body_bytes": BODY_BYTES, **self.limits.public()},
            "heartbeat_ms": round(self.limits.heartbeat_s * 1000),
        }

    async def connect(self, name: TransportName) -> Feed:
        """Return what a connection is made of. Raises RealtimeDisabled or StoreUnavailable."""
        if name not in self.transports:
            raise RealtimeDisabled(
                "This server offers polling only.",
                hint="GET stockwidget/api/v1/poll gives the same frames.",
                transports=list(self.transports),
            )
        runner = await self.runner()
        rounds = self._rounds = self._rounds or Rounds()
        shared = self._shared.get(runner.epoch)
        if shared is None:
            channels = Channels(runner.subscribe, rounds=rounds, meter=self.meter)
            shared = self._shared[runner.epoch] = Encoder(runner.epoch), Blocks(), channels
        encoder, blocks, channels = shared

        def begin(transport: Transport, together: Shared | None = None) -> Pump:
            session = Session(
                encoder=encoder,
                server_id=self.server_id,
                wall=utc_ms,
                now=time.monotonic(),
                limits=self.limits,
            )
            pump = Pump(
                tasks=runner,
                session=session,
                transport=transport,
                name=name,
                meter=self.meter,
                gathers=name == "poll",
                rounds=rounds,
                channels=channels,
                shared=together,
            )
            self._pumps.add(pump)
            if name != "poll":
                self._settled.opened()
            pump.start()
            return pump

        return Feed(encoder=encoder, blocks=blocks, begin=begin)

    def disconnect(self, pump: Pump) -> None:
        """Let go of a pump whose connection has ended."""
        pump.stop()
        if pump in self._pumps:
            self._pumps.discard(pump)
            if pump.name != "poll":
                self._settled.closed()

    async def stats(self) -> dict[str, Any]:
        """Return the answer of ``GET api/realtime/stats``. Raises StoreUnavailable."""
        runner = await self.runner()
        self.tally = tally = await runner.tally()
        return document(
            runner="server",
            server_id=self.server_id,
            epoch=runner.epoch,
            uptime_s=time.monotonic() - self._since,
            realtime_enabled=self.transports != ("poll",),
            meter=self.meter,
            tasks=tally,
            followed=[task for pump in self._pumps for task in pump.followed],
        )

    # -- life -----------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to start, unless that has been done; returns at once."""
        if self._starting is None and not self._stopped:
            self._write_connection_file(epoch=None)
            self._starting = asyncio.create_task(self._start())
            self._starting.add_done_callback(_seen)

    async def runner(self) -> Runner:
        """Return the running runner. Raises StoreUnavailable with what to do."""
        if self._stopped:
            raise StoreUnavailable("The server is stopping.", hint="Try again when it is back.")
        self.start()
        starting = self._starting
        if starting is None or (
            starting.done()
            and starting.exception() is not None
            and time.monotonic() - self._failed_at > RETRY_S
        ):
            starting = self._starting = asyncio.create_task(self._start())
            starting.add_done_callback(_seen)
        try:
            return await asyncio.wait_for(asyncio.shield(starting), STARTING_S)
        except TimeoutError:
            raise StoreUnavailable(
                "The task runner is still starting.", hint="Try again in a few seconds."
            ) from None

    async def stop(self) -> None:
        """End connections with a code that says "come back", then the runner, in bounded time."""
        self._stopped = True
        self._connection_file.remove()
        self._settled.stop()
        for pump in tuple(self._pumps):
            pump.close(RESTARTING, "The server stops. Resume with cursors.")
        for task in (self._background, self._starting):
            if task is not None and not task.done():
                task.cancel()
        if self._starting is None:
            return
        with contextlib.suppress(asyncio.CancelledError, StockwidgetError):
            runner = await self._starting
            try:
                await asyncio.wait_for(runner.stop(grace_s=1.0), STOPPING_S)
            except TimeoutError:
                self._log.warning("The task runner did not stop within %s s.", STOPPING_S)

    @property
    def active(self) -> int:
        """Tasks queued or running here."""
        starting = self._starting
        if starting is None or not starting.done() or starting.cancelled() or starting.exception():
            return 0
        return starting.result().active

    async def _start(self) -> Runner:
        try:
            runner = self._make_runner(self.server_id)
            await runner.start()
        except StockwidgetError as error:
            self._failed_at = time.monotonic()
            self._log.error("stockwidget cannot run tasks: %s", error)
            raise
        except Exception as error:
            self._failed_at = time.monotonic()
            self._log.error("stockwidget cannot run tasks.", exc_info=True)
            raise StoreUnavailable(
                f"The task runner could not start ({type(error).__name__}).",
                hint="The Jupyter server's log says why.",
            ) from error
        self._write_connection_file(epoch=runner.epoch)
        self._background = asyncio.create_task(self._look_around(runner))
        return runner

    async def _look_around(self, runner: Runner) -> None:
        while True:
            if runner.active:
                # A server whose tasks run is not idle, whatever a culler thinks of its kernels.
                self.touch()
            try:
                self.tally = await runner.tally()
            except StoreUnavailable:
                self.tally = None
            await asyncio.sleep(LOOK_S)

    def _write_connection_file(self, *, epoch: str | None) -> None:
        if self._stopped:
            return
        content = {
            **self._describe(),
            "pid": os.getpid(),
            "server_id": self.server_id,
            "epoch": epoch,
            "secret": self.secret,
        }
        try:
            self._connection_file.write(content)
        except OSError as error:
            self._log.warning(
                "Kernels will look for this server by other means: %s cannot be written (%s).",
                self._connection_file.path,
                error.strerror,
            )


def _seen(task: asyncio.Task[Runner]) -> None:
    """Retrieve the exception: it has been logged, and every request gets it again."""
    if not task.cancelled():
        task.exception()
