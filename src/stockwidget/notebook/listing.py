"""``sw.symbols``: what a source holds."""

from __future__ import annotations

from dataclasses import asdict

import pandas as pd

from stockwidget.sources.registry import get_source

_COLUMNS = ["name", "market", "currency", "first", "last", "bars", "origin", "licence"]


def list_symbols(source: str) -> pd.DataFrame:
    """See ``stockwidget.symbols``; a source without a listing gives the symbols alone."""
    holder = get_source(source)
    listings = getattr(holder, "listings", None)
    if listings is None:
        return pd.DataFrame(index=pd.Index(list(holder.symbols()), name="symbol"))
    frame = pd.DataFrame([asdict(each) for each in listings()]).set_index("symbol")[_COLUMNS]
    return frame.assign(first=pd.to_datetime(frame["first"]), last=pd.to_datetime(frame["last"]))
