"""What server and worker say to each other over a pair of pipes.

A frame is two lengths (header, body), a JSON header and a binary body, which holds a packed
result, functions of the user, or nothing. Server → worker:
``{op: "run", run, entry, params, done, code}``, ``{op: "cancel", run}``.
Worker → server: ``{run, said: [...], end: null | {...}}``; the last frame of a run has an
``end``.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from stockwidget.tasks.documents import to_json
from stockwidget.tasks.steps import Checkpoint, Log, Partial, Step

LENGTHS = struct.Struct("!IQ")


@dataclass(frozen=True, kw_only=True, slots=True)
class Finished:
    """The job gave its result."""

    document: bytes
    """The packed JSON document, see ``documents.py``."""
    summary: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Failed:
    """The job raised or its worker died; ``error`` is ``StockwidgetError.to_dict()``."""

    error: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Stopped:
    """The work was asked to stop and has ended: nothing of it runs any more."""


Ending = Finished | Failed | Stopped
Item = Step | Partial | Log | Checkpoint
Said = Item | Ending


def encode(header: Mapping[str, Any], body: bytes = b"") -> bytes:
    """One frame. Raises TypeError on a header that JSON cannot hold."""
    head = to_json(header)
    return LENGTHS.pack(len(head), len(body)) + head + body


def encode_said(run: int, said: Sequence[Item]) -> bytes:
    """A frame with what a job said, without an end."""
    return encode({"run": run, "said": [_plain(item) for item in said], "end": None})


def encode_end(run: int, ending: Ending) -> bytes:
    """The last frame of a run."""
    match ending:
        case Finished():
            end: dict[str, Any] = {"finished": dict(ending.summary)}
            return encode({"run": run, "said": [], "end": end}, ending.document)
        case Failed():
            end = {"failed": dict(ending.error)}
        case Stopped():
            end = {"stopped": True}
    return encode({"run": run, "said": [], "end": end})


def decode(head: bytes, body: bytes) -> tuple[int, list[Said]]:
    """The run a frame belongs to and what was said; an ending is always the last item."""
    header = orjson.loads(head)
    said: list[Said] = [_item(word, values) for word, values in header["said"]]
    match header["end"]:
        case {"finished": summary}:
            said.append(Finished(document=body, summary=summary))
        case {"failed": error}:
            said.append(Failed(error=error))
        case {"stopped": _}:
            said.append(Stopped())
    return header["run"], said


def _plain(item: Item) -> tuple[str, dict[str, Any]]:
    match item:
        case Step():
            fields = {"stage": item.stage, "progress": item.progress, "counters": item.counters}
            return "step", fields
        case Partial():
            return "partial", {"set": item.set, "append": item.append}
        case Log():
            return "log", {"message": item.message, "level": item.level}
        case Checkpoint():
            return "chunk", {"chunk": item.chunk, "data": item.data}


def _item(word: str, values: Mapping[str, Any]) -> Item:
    match word:
        case "step":
            # NaN travels as null; the lifecycle reads NaN as "no progress known".
            share = values["progress"]
            return Step(
                stage=values["stage"],
                progress=float("nan") if share is None else share,
                counters=values["counters"],
            )
        case "partial":
            return Partial(set=values["set"], append=values["append"])
        case "chunk":
            return Checkpoint(chunk=values["chunk"], data=values["data"])
        case _:
            return Log(message=values["message"], level=values["level"])
