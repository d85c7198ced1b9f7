"""What is said while the kernels are compiled."""

from __future__ import annotations

from stockwidget import compiled
from stockwidget.tasks.steps import JobStream, Log

COMPILING = (
    "The indicators are being compiled for this machine. It takes a minute, once after an "
    "installation or an upgrade; `python -c 'from stockwidget.jobs import warm; warm()'` does it "
    "beforehand."
)


def first_time() -> JobStream:
    """Say why the first job on a machine takes so long."""
    if not compiled.before():
        yield Log(message=COMPILING)
