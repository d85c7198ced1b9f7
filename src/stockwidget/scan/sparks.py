"""The last closes of hits, small enough to travel with their rows: a picture, not data.

A spark is base64 of: the first and the last close it shows, two float32, little-endian; then a byte
a bar, oldest first. Its lower seven bits are the close between the lowest (0) and the highest (127)
of the spark; 64 where all are equal. The highest bit is set where bars are missing before it.
"""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Sequence

import numpy as np

from stockwidget.store.snapshot import Block

BARS = 60
"""Bars of a spark, about a quarter; a younger symbol has fewer."""
LEVELS = 127
GAP_DAYS = 10
"""Calendar days without a bar that no run of holidays explains, as in ``analysis.quality``."""
GAP = 0x80


def sparks_of(block: Block, which: Sequence[int]) -> dict[str, str]:
    """Sparks of the symbols number ``which`` of ``block``, by symbol.

    Equal bars give equal sparks, however many bars before them the block holds.
    """
    if not which:
        return {}
    at = np.asarray(which, np.int64)
    stops = block.offsets[at + 1]
    rows = stops[:, None] + np.arange(-BARS, 0)
    shown = rows >= block.offsets[at][:, None]
    rows = np.maximum(rows, 0)
    closes = block.close[rows]
    low = np.where(shown, closes, np.inf).min(axis=1, keepdims=True)
    high = np.where(shown, closes, -np.inf).max(axis=1, keepdims=True)
    flat = high == low
    share = np.where(flat, 0.5, (closes - low) / np.where(flat, 1.0, high - low))
    codes = np.rint(np.where(shown, share, 0.0) * LEVELS).astype(np.uint8)
    apart = np.diff(block.dates[rows], axis=1) > GAP_DAYS
    codes[:, 1:] |= np.where(apart & shown[:, :-1], GAP, 0).astype(np.uint8)
    bars = shown.sum(axis=1)
    firsts = closes[np.arange(len(at)), BARS - bars]
    ends = np.stack([firsts, closes[:, -1]], axis=1).astype("<f4")
    return {
        block.symbols[k]: b2a_base64(
            end.tobytes() + code[BARS - n :].tobytes(), newline=False
        ).decode()
        for k, end, code, n in zip(which, ends, codes, bars.tolist(), strict=True)
    }
