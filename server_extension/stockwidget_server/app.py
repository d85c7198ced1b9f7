"""The extension application: its settings, and its life inside a Jupyter server."""

from __future__ import annotations

import os
import socket
import sys
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

from jupyter_core.paths import jupyter_data_dir, jupyter_runtime_dir
from jupyter_server.extension.application import ExtensionApp
from jupyter_server.serverapp import ServerApp
from traitlets import Bool, Float, Int, List, TraitError, Unicode, default, validate

from stockwidget.commentary import registry as commentators
from stockwidget.delivery.limits import Limits
from stockwidget.errors import InvalidRequest, PortInUse
from stockwidget.jobs import KINDS, allowing
from stockwidget.sources import registry
from stockwidget.tasks.executors import NICENESS, ProcessExecutor, cores
from stockwidget.tasks.kinds import Kind
from stockwidget.tasks.runner import Runner
from stockwidget.tasks.sqlite import SqliteStore
from stockwidget.tasks.store import Caps
from stockwidget.tasks.watchdog import Bounds
from stockwidget_server.base import SETTING
from stockwidget_server.connection_file import ConnectionFile, local_url
from stockwidget_server.metrics import Metrics
from stockwidget_server.pages import PAGE
from stockwidget_server.routes import handlers
from stockwidget_server.service import Service

HEARTBEAT_MOST_S = 20.0
"""Clients take 25 s of silence for a lost connection."""
T = TypeVar("T", int, float)
_NO = frozenset({"0", "false", "no", "off"})
_YES = frozenset({"", "1", "true", "yes", "on"})


class StockwidgetApp(ExtensionApp):
    """Runs stock analyses and market scans beside the kernels of a Jupyter server."""

    name = "stockwidget_server"
    app_name = "stockwidget"
    description = __doc__
    extension_url = PAGE
    load_other_extensions = True

    workers = Int(help="Worker processes at most. Default: as many as there are cores.").tag(
        config=True
    )
    warm_workers = Int(
        1,
        help="Workers started and warmed up with the server: a first task starts at once.",
    ).tag(config=True)
    niceness = Int(
        NICENESS,
        min=0,
        max=19,
        help="How far workers step back where the machine is busy, so that pages and kernels stay "
        "quick; 0: not at all, 19: as far as the system allows.",
    ).tag(config=True)
    data_dir = Unicode(
        help="Folder of the task journal. Default: stockwidget in Jupyter's data folder."
    ).tag(config=True)
    sources = List(
        Unicode(),
        list(registry.NAMES),
        help="Sources of bars that tasks may read from; others are refused.",
    ).tag(config=True)
    data_folders = List(
        Unicode(),
        None,
        allow_none=True,
        help="Folders below which bar stores and folders of files may lie that requests name. "
        "Default: anywhere this server's user can read. It is no wall for those who may start "
        "kernels or send functions: these read what they like.",
    ).tag(config=True)
    commentators = List(
        Unicode(),
        None,
        allow_none=True,
        help="Commentators that analyses may ask for. Default: all installed ones; [] allows none.",
    ).tag(config=True)
    analysis_retention_s = Int(
        KINDS["analysis"].retention_s, help="Seconds that an analysis is kept after its end."
    ).tag(config=True)
    scan_retention_s = Int(
        KINDS["scan"].retention_s, help="Seconds that a scan is kept after its end."
    ).tag(config=True)
    study_retention_s = Int(
        KINDS["study"].retention_s, help="Seconds that a study is kept after its end."
    ).tag(config=True)

    analysis_time_limit_s = Int(
        round(KINDS["analysis"].bounds.time_s or 0),
        help="Seconds after which an analysis is stopped. 0: never.",
    ).tag(config=True)
    scan_time_limit_s = Int(
        round(KINDS["scan"].bounds.time_s or 0),
        help="Seconds after which a scan is stopped. 0: never.",
    ).tag(config=True)
    study_time_limit_s = Int(
        round(KINDS["study"].bounds.time_s or 0),
        help="Seconds after which a study is stopped. 0: never.",
    ).tag(config=True)
    task_memory_mb = Int(
        (KINDS["scan"].bounds.memory or 0) >> 20,
        help="Mebibytes of memory that one task may take (Linux only). 0: any. "
        "Default: 4096, or three quarters of what there is.",
    ).tag(config=True)
    allow_code = Bool(
        True,
        help="Run functions that users send along (docs/own_parts.md), and on clusters that they "
        "name, for those who may start kernels: these may run anything as this server's user.",
    ).tag(config=True)
    max_queued = Int(1_000, help="Tasks that may wait for a worker; further ones are refused.").tag(
        config=True
    )
    max_tasks = Int(
        Caps().tasks, help="Ended tasks kept at most; the oldest that nobody follows go first."
    ).tag(config=True)
    max_journal_mb = Int(
        Caps().size >> 20, help="The same bound for the journal's size, in mebibytes."
    ).tag(config=True)

    realtime_enabled = Bool(
        help="Offer WebSocket and server-sent events. Without, readers poll. Default: the variable "
        "REALTIME_ENABLED, else true."
    ).tag(config=True)
    max_subscriptions = Int(
        Limits().subscriptions, help="Tasks that one connection or poll may follow."
    ).tag(config=True)
    queue_events = Int(
        Limits().queue_events,
        help="Events that may wait for a slow reader; beyond, a snapshot takes their place.",
    ).tag(config=True)
    queue_bytes = Int(Limits().queue_bytes, help="The same bound, in bytes.").tag(config=True)
    blocked_s = Float(
        Limits().blocked_s,
        help="Seconds after which a reader that takes nothing is let go; it may come back.",
    ).tag(config=True)
    heartbeat_s = Float(
        Limits().heartbeat_s,
        help="Seconds between heartbeats, at most 20: clients take 25 s of silence for a loss.",
    ).tag(config=True)

    @default("realtime_enabled")
    def _default_realtime_enabled(self) -> bool:
        said = os.environ.get("REALTIME_ENABLED", "").strip().lower()
        if said in _NO:
            return False
        if said not in _YES:
            self.log.warning(
                "REALTIME_ENABLED is %r; it must be true or false. Taken as true.", said
            )
        return True

    @default("workers")
    def _default_workers(self) -> int:
        return cores()

    @default("data_dir")
    def _default_data_dir(self) -> str:
        return str(Path(jupyter_data_dir()) / "stockwidget")

    @validate(
        "workers",
        "analysis_retention_s",
        "scan_retention_s",
        "study_retention_s",
        "max_subscriptions",
        "queue_events",
        "max_queued",
        "max_tasks",
        "max_journal_mb",
    )
    def _at_least_one(self, proposal: Any) -> int:
        return self._at_least(1, proposal)

    @validate(
        "warm_workers",
        "analysis_time_limit_s",
        "scan_time_limit_s",
        "study_time_limit_s",
        "task_memory_mb",
    )
    def _at_least_none(self, proposal: Any) -> int:
        return self._at_least(0, proposal)

    @validate("sources")
    def _known_sources(self, proposal: Any) -> list[str]:
        names: list[str] = proposal["value"]
        if not names:
            raise TraitError("StockwidgetApp.sources is empty; name one source or more.")
        for name in names:
            try:
                registry.check(name)
            except InvalidRequest as error:
                raise TraitError(f"StockwidgetApp.sources: {error}") from error
        return names

    @validate("data_folders")
    def _full_paths(self, proposal: Any) -> list[str] | None:
        names: list[str] | None = proposal["value"]
        for name in names or ():
            if not Path(name).expanduser().is_absolute():
                raise TraitError(f"StockwidgetApp.data_folders: {name!r} is not a full path.")
        return names

    @validate("commentators")
    def _known_commentators(self, proposal: Any) -> list[str] | None:
        names: list[str] | None = proposal["value"]
        for name in names or ():
            try:
                commentators.check(name)
            except InvalidRequest as error:
                raise TraitError(f"StockwidgetApp.commentators: {error}") from error
        return names

    @validate("queue_bytes")
    def _room_for_an_event(self, proposal: Any) -> int:
        return self._at_least(4096, proposal)

    @validate("blocked_s")
    def _at_least_a_second(self, proposal: Any) -> float:
        return self._at_least(1.0, proposal)

    @validate("heartbeat_s")
    def _heard_in_time(self, proposal: Any) -> float:
        value = self._at_least(1.0, proposal)
        if value > HEARTBEAT_MOST_S:
            raise TraitError(
                f"StockwidgetApp.heartbeat_s is {value}; it must be {HEARTBEAT_MOST_S} or less."
            )
        return value

    @staticmethod
    def _at_least(least: T, proposal: Any) -> T:
        value: T = proposal["value"]
        if value < least:
            raise TraitError(
                f"StockwidgetApp.{proposal['trait'].name} is {value}; it must be {least} or more."
            )
        return value

    # -- the life of an extension, called by Jupyter -----------------------------------------------

    def initialize_settings(self) -> None:
        """Make the service; nothing is opened or started yet."""
        self.service = Service(
            make_runner=self._make_runner,
            kinds=self.kinds(),
            version=version("stockwidget"),
            connection_file=ConnectionFile(Path(jupyter_runtime_dir())),
            describe=self._describe,
            touch=self._touch,
            log=self.log,
            limits=self.limits(),
            realtime=self.realtime_enabled,
        )
        self.settings[SETTING] = self.service
        self.metrics = Metrics(self.service.meter, lambda: self.service.tally)
        self.metrics.register()

    def initialize_handlers(self) -> None:
        """Register the routes."""
        self.handlers.extend(handlers())

    async def _start_jupyter_server_extension(self, _serverapp: Any) -> None:
        self.service.start()

    async def stop_extension(self) -> None:
        """Stop in bounded time; tasks that still run are taken up by the next start."""
        self.metrics.unregister()
        await self.service.stop()

    def current_activity(self) -> dict[str, int] | None:
        """Return what should keep the server alive."""
        return {"tasks": self.service.active} if self.service.active else None

    # -- its parts ---------------------------------------------------------------------------------

    def kinds(self) -> dict[str, Kind]:
        """Return the kinds of tasks, kept and bounded as configured."""
        kept = {name: getattr(self, f"{name}_retention_s") for name in KINDS}
        times = {name: getattr(self, f"{name}_time_limit_s") for name in KINDS}
        memory = self.task_memory_mb << 20 or None
        return {
            name: replace(
                allowing(
                    KINDS[name],
                    self.sources,
                    self.commentators,
                    clusters=self.allow_code,
                    folders=self.data_folders,
                ),
                retention_s=kept[name],
                bounds=Bounds(time_s=times[name] or None, memory=memory),
            )
            for name in KINDS
        }

    def limits(self) -> Limits:
        """Return the bounds of one reader, as configured."""
        return Limits(
            subscriptions=self.max_subscriptions,
            queue_events=self.queue_events,
            queue_bytes=self.queue_bytes,
            blocked_s=self.blocked_s,
            heartbeat_s=self.heartbeat_s,
        )

    def _make_runner(self, server_id: str) -> Runner:
        return Runner(
            store=SqliteStore(Path(self.data_dir).expanduser() / "tasks.sqlite"),
            executor=ProcessExecutor(
                workers=self.workers, warm_workers=self.warm_workers, niceness=self.niceness
            ),
            kinds=self.kinds(),
            server_id=server_id,
            max_queued=self.max_queued,
            allow_code=self.allow_code,
            caps=Caps(tasks=self.max_tasks, size=self.max_journal_mb << 20),
        )

    def _describe(self) -> dict[str, str]:
        server = self._server()
        return {"url": local_url(server), "base_url": server.base_url}

    def _touch(self) -> None:
        # Any setting that ends so counts for the server's idle time.
        self._server().web_app.settings["stockwidget_last_activity"] = datetime.now(UTC)

    def _server(self) -> ServerApp:
        if self.serverapp is None:
            raise RuntimeError("The extension has no server yet.")
        return self.serverapp


def main(argv: list[str] | None = None) -> None:
    """Run a Jupyter server with this extension: ``jupyter stockwidget``. ``PORT`` is honoured.

    ``jupyter stockwidget doctor`` says instead what works from here.
    """
    arguments = sys.argv[1:] if argv is None else argv
    if arguments[:1] == ["doctor"]:
        from stockwidget.notebook.doctor import main as doctor

        sys.exit(doctor(arguments[1:]))
    try:
        StockwidgetApp.launch_instance(  # type: ignore[no-untyped-call]
            [*_port(arguments, os.environ), *arguments]
        )
    except PortInUse as error:
        sys.exit(str(error))


def _port(arguments: list[str], environ: Any) -> list[str]:
    """Return the options that make the server listen at ``PORT`` and nowhere else.

    Raises PortInUse: Jupyter would try other ports, where nobody looks.
    """
    port = environ.get("PORT", "")
    if not port or any(argument.split("=")[0] in _PORT_OPTIONS for argument in arguments):
        return []
    if not (port.isascii() and port.isdigit()) or not 0 < int(port) < 1 << 16:
        sys.exit(f"PORT is {port!r}. It must be a number from 1 to 65535.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(port)))
        except OSError as error:
            raise PortInUse(
                f"Port {port} cannot be used: {(error.strerror or str(error)).lower()}.",
                hint="Set PORT to another one, or stop what listens there.",
                port=int(port),
            ) from error
    return [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]


_PORT_OPTIONS = {"--port", "--ServerApp.port"}
