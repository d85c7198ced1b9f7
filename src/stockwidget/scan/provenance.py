"""Where the bars of a scan come from, in one record of its result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stockwidget.scan.supply import Supply
from stockwidget.sources.base import Provenance


def provenance(supply: Supply, origins: Sequence[Provenance]) -> dict[str, Any]:
    """Sum up where the bars of all symbols come from; ``version`` is that of a store."""
    lasts = sorted({origin.last for origin in origins})
    notes = list(dict.fromkeys(origin.note for origin in origins))
    if len(lasts) > 1:
        notes = [f"Last bars differ by symbol, from {lasts[0]} to {lasts[-1]}: see last_date."]
    found: dict[str, Any] = {
        "source": supply.name,
        "synthetic": any(origin.synthetic for origin in origins),
        "adjust": "adjusted",
        "first": min(origin.first for origin in origins),
        "last": lasts[-1],
        "origin": "; ".join(dict.fromkeys(origin.origin for origin in origins)),
        "licence": "; ".join(dict.fromkeys(origin.licence for origin in origins)),
        "note": " ".join(notes),
    }
    if supply.version is not None:
        found["version"] = supply.version
    return found
