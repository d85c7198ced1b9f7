"""A spark of a scan as a small picture without scripts; twin of ``views/sparkline.ts``."""

from __future__ import annotations

import base64
import struct
from html import escape

from stockwidget.notebook.words import say

BARS, LEVELS, GAP, HEAD = 60, 127, 0x80, 8
"""As docs/protocol.md has them."""


def spark_svg(spark: str, colours: tuple[str, str, str], locale: str) -> str:
    """Inline SVG with its words; a dash for an empty one.

    ``colours`` are those of a rise, of a fall, and of neither.
    """
    data = base64.b64decode(spark)
    if len(data) <= HEAD:
        return "–"
    first, last = struct.unpack("<2f", data[:HEAD])
    codes = data[HEAD:]
    start = BARS - len(codes)
    path = "".join(
        f"{'M' if i == 0 or code & GAP else 'L'}{start + i} {LEVELS - (code & LEVELS)}"
        for i, code in enumerate(codes)
    )
    up, down, flat = colours
    words = say(
        locale, "spark", bars=len(codes), first=f"{first:,.2f}", last=f"{last:,.2f}",
        change=f"{last / first - 1:+.2%}",
    )  # fmt: skip
    colour = up if last > first else down if last < first else flat
    return (
        f"<svg viewBox='0 -6 {BARS - 1} {LEVELS + 12}' width='96' height='20' role='img' "
        f"preserveAspectRatio='none' aria-label='{escape(words)}'><title>{escape(words)}</title>"
        f"<path d='{path}' fill='none' stroke='{colour}' stroke-width='1.25' "
        "vector-effect='non-scaling-stroke'/></svg>"
    )
