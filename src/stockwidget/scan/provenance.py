"""Where the bars of a scan come from, in one record of its result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from stockwidget.scan.past import IDLE_DAYS
from stockwidget.scan.supply import Supply
from stockwidget.sources.base import Provenance


def provenance(
    supply: Supply, origins: Sequence[Provenance], ended: Sequence[str] = ()
) -> dict[str, Any]:
    """Sum up where the bars of all symbols come from; ``version`` is that of a store.

    ``ended`` are the dates of the last bars of the hits of a scan of today: each is judged on its
    own, so that it is told where some left the market long before the newest bar of all.
    """
    lasts = sorted({origin.last for origin in origins})
    notes = list(dict.fromkeys(origin.note for origin in origins))
    if len(lasts) > 1:
        notes = [f"Last bars differ by symbol, from {lasts[0]} to {lasts[-1]}: see last_date."]
    since = str(np.datetime64(lasts[-1], "D") - IDLE_DAYS)
    if old := sorted(day for day in ended if day <= since):
        notes.append(
            f"Hits without a bar in the {IDLE_DAYS} days before {lasts[-1]}: {len(old)} of "
            f"{len(ended)}, the oldest of {old[0]}; as_of leaves them out."
        )
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
