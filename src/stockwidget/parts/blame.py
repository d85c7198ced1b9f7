"""A user's own error as they know it: their lines, without ours."""

from __future__ import annotations

import sysconfig
import traceback
from collections.abc import Mapping
from pathlib import Path

from stockwidget.declared import Own
from stockwidget.errors import PartFailed

TRACE_LETTERS = 8_000
MESSAGE_LETTERS = 500
_OURS = str(Path(__file__).parents[1])
_STDLIB = sysconfig.get_path("stdlib")
_WORDS = {"OwnSignal": "signal", "OwnFactor": "factor", "OwnRule": "rule"}


def raised(
    own: Own, error: BaseException, cells: Mapping[str, str], symbol: str | None = None
) -> PartFailed:
    """The error for a function that raised."""
    said = f"{type(error).__name__}: {error}"[:MESSAGE_LETTERS]
    where = f" on {symbol}" if symbol else ""
    return PartFailed(
        f"Your {called(own)} raised {said}{where}.".replace("..", "."),
        hint="The traceback shows your own lines.",
        part=own.name,
        exception=type(error).__name__,
        said=said,
        symbol=symbol,
        traceback=trace(error, cells) or None,
    )


def unusable(own: Own, what: str, hint: str, symbol: str | None = None) -> PartFailed:
    """The error for a function that gave what cannot be used."""
    where = f" on {symbol}" if symbol else ""
    message = f"Your {called(own)} {what}{where}."
    return PartFailed(message, hint=hint, part=own.name, symbol=symbol)


def called(own: Own) -> str:
    """``signal inside_day``."""
    return f"{_WORDS.get(type(own).__name__, 'function')} {own.name}"


def trace(error: BaseException, cells: Mapping[str, str]) -> str:
    """The traceback from the first line that is the user's, "" if none is.

    Cells are called as IPython calls them.
    """
    found = traceback.TracebackException.from_exception(error, compact=True)
    theirs = [place for place, f in enumerate(found.stack) if _theirs(f.filename, cells)]
    if not theirs:
        return ""
    del found.stack[: theirs[0]]
    cause = found.__cause__
    if cause is not None and not any(_theirs(f.filename, cells) for f in cause.stack):
        found.__cause__ = None  # how a library came to its error is its own business
    text = "".join(found.format())
    for name, label in cells.items():
        text = text.replace(f'File "{name}"', label)
    return text[-TRACE_LETTERS:]


def _theirs(name: str, cells: Mapping[str, str]) -> bool:
    """Whether a file is the user's: a cell, or what is neither ours nor a library's."""
    if name in cells:
        return True
    library = "site-packages" in name or name.startswith((_OURS, _STDLIB))
    return not library and Path(name).exists()
