"""Results as files, made by a process of their own: this one must stay light."""

from __future__ import annotations

import asyncio
import contextlib
import sys

from stockwidget.errors import ServerError

NAMES = {
    "application/vnd.apache.arrow.stream": "an Arrow stream",
    "application/vnd.apache.parquet": "a Parquet file",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "an Excel workbook",
}
"""Media type → what it is called; those that ``stockwidget.notebook.files`` writes."""
AT_ONCE = 2
WITHIN_S = 60.0
_PROGRAM = (sys.executable, "-P", "-m", "stockwidget.notebook.files")
_turns = asyncio.Semaphore(AT_ONCE)


def wanted(accept: str) -> str | None:
    """The media type that an Accept header asks for; None: JSON."""
    return next((kind for kind in NAMES if kind in accept), None)


async def to_file(document: bytes, kind: str) -> bytes:
    """A JSON document as media type ``kind``; costs a third of a second of imports.

    Raises ServerError.
    """
    async with _turns:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *_PROGRAM, kind, stdin=pipe, stdout=pipe, stderr=pipe
        )
        try:
            made, said = await asyncio.wait_for(process.communicate(document), WITHIN_S)
        except TimeoutError:
            made, said = b"", b"it took longer than a minute"
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if not made:
        last = said.decode(errors="replace").strip().rpartition("\n")[2]
        raise ServerError(
            f"The result could not be turned into {NAMES[kind]} ({last}).",
            hint="Ask for application/json, or report this.",
        )
    return made
