"""Families of factors and their shares of a score."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from stockwidget.declared import is_number
from stockwidget.errors import InvalidRequest, nearest

WEIGHTS: Mapping[str, float] = MappingProxyType(
    {"trend": 0.30, "technical": 0.25, "volume": 0.20, "volatility": 0.15, "momentum": 0.10}
)
"""Families of factors and their usual shares of a score."""


def check_weights(weights: Mapping[str, float]) -> None:
    """Raise InvalidRequest unless ``weights`` are shares of known families that sum to one."""
    for name, weight in weights.items():
        if name not in WEIGHTS:
            near = nearest(str(name), list(WEIGHTS))
            raise InvalidRequest(
                f"Unknown factor family {name!r}.",
                hint=f"Did you mean {near[0]}?" if near else f"Known: {', '.join(WEIGHTS)}.",
                field=f"weights.{name}",
            )
        if not is_number(weight) or weight < 0:
            raise InvalidRequest(
                f"The weight of {name} must be a number from 0, not {weight!r}.",
                hint="Weights are shares of the whole, such as 0.3.",
                field=f"weights.{name}",
            )
    total = sum(weights.values())
    if abs(total - 1.0) > 1e-9:
        raise InvalidRequest(
            f"The weights sum to {total:g}, not to 1.",
            hint="Shares of the whole: divide each by their sum.",
            field="weights",
        )


def read_weights(value: object) -> tuple[tuple[str, float], ...] | None:
    """Shares of the families in their order; the usual ones become None, so that equals compare."""
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise InvalidRequest(
            f"weights must map factor families to shares, not {value!r}.",
            hint='For example weights={"trend": 0.5, "momentum": 0.5}.',
            field="weights",
        )
    check_weights(value)
    chosen = {name: float(value[name]) for name in WEIGHTS if value.get(name)}
    return None if chosen == WEIGHTS else tuple(chosen.items())
