"""What one chunk of a study found, in a form that a later attempt can take over."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import numpy as np

from stockwidget.errors import StockwidgetError, from_dict
from stockwidget.sources.base import Provenance
from stockwidget.study.replay import Replayed
from stockwidget.study.tally import Hit, Tally


@dataclass(kw_only=True)
class Findings:
    """Counts; or what was replayed, where only all symbols together can be judged."""

    symbols: tuple[str, ...]
    """Those with bars, in the order of the chunk."""
    errors: dict[str, StockwidgetError] = field(default_factory=dict)
    origins: list[tuple[str, Provenance]] = field(default_factory=list)
    filtered: int = 0
    """Symbols that were traded and never passed the filters."""
    tally: Tally | None = None
    replayed: Replayed | None = None

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Findings:
        """Read what ``plain`` wrote."""
        return cls(
            symbols=tuple(data["symbols"]),
            errors={symbol: from_dict(error) for symbol, error in data["errors"].items()},
            origins=[(symbol, Provenance(**origin)) for symbol, origin in data["origins"]],
            filtered=data["filtered"],
            tally=_read_tally(data["tally"]) if "tally" in data else None,
            replayed=Replayed(**{name: _unpacked(each) for name, each in data["replayed"].items()})
            if "replayed" in data
            else None,
        )

    def plain(self) -> dict[str, Any]:
        """As JSON can hold it."""
        plain: dict[str, Any] = {
            "symbols": list(self.symbols),
            "errors": {symbol: error.to_dict() for symbol, error in self.errors.items()},
            "origins": [[symbol, asdict(origin)] for symbol, origin in self.origins],
            "filtered": self.filtered,
        }
        if self.tally is not None:
            plain["tally"] = _plain_tally(self.tally)
        if self.replayed is not None:
            arrays = {each.name: getattr(self.replayed, each.name) for each in fields(Replayed)}
            plain["replayed"] = {name: _packed(array) for name, array in arrays.items()}
        return plain


def together(findings: Sequence[Replayed]) -> Replayed:
    """Everything that was replayed, one set of symbols behind the other."""
    return Replayed(
        **{
            each.name: np.concatenate([getattr(part, each.name) for part in findings], axis=1)
            for each in fields(Replayed)
        }
    )


def _plain_tally(tally: Tally) -> dict[str, Any]:
    hits = [
        [[hit.symbol, *(_cell(v) for v in (hit.order, *hit.after))] for hit in day]
        for day in tally.hits
    ]
    return {
        **{e.name: getattr(tally, e.name).tolist() for e in fields(Tally) if e.name != "hits"},
        "hits": hits,
    }


def _read_tally(data: Mapping[str, Any]) -> Tally:
    counts = {name: np.array(data[name]) for name in data if name != "hits"}
    counts["total"] = counts["total"].astype(np.float64)
    return Tally(
        **counts,
        hits=tuple(
            tuple(
                Hit(symbol=symbol, order=_number(order), after=tuple(map(_number, after)))
                for symbol, order, *after in day
            )
            for day in data["hits"]
        ),
    )


def _cell(value: float) -> float | None:
    return None if value != value else value  # noqa: PLR0124 - NaN is not equal to itself


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def _packed(array: np.ndarray[Any, Any]) -> list[Any]:
    text = base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
    return [array.dtype.str, list(array.shape), text]


def _unpacked(packed: Sequence[Any]) -> np.ndarray[Any, Any]:
    kind, shape, text = packed
    return np.frombuffer(base64.b64decode(text), kind).reshape(shape)
