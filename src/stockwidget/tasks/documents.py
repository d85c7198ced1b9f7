"""Result documents: one JSON object as bytes, compressed where the job ran.

The server stores and sends the bytes; it never parses them.
"""

from __future__ import annotations

import zlib
from typing import Any

import orjson

# Level 1: a 20-year analysis packs 4 times faster than at level 6 and is 10 % larger.
LEVEL = 1


def _plain(value: Any) -> Any:
    """Turn what orjson leaves over (strided arrays, foreign scalars) into lists and numbers."""
    if callable(convert := getattr(value, "tolist", None)):
        return convert()
    raise TypeError(f"A {type(value).__name__} cannot be part of a JSON document.")


def to_json(value: Any) -> bytes:
    """Encode to JSON; NaN and infinities become null. Raises TypeError on what JSON cannot hold."""
    return orjson.dumps(
        value, default=_plain, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS
    )


def pack(document: bytes) -> bytes:
    """Compress a document for the pipe and the journal."""
    return zlib.compress(document, LEVEL)


def unpack(packed: bytes) -> bytes:
    """The inverse of ``pack``."""
    return zlib.decompress(packed)
