"""What one chunk of a study found, in a form that a later attempt can take over.

The form is small, since the journal keeps it, and has every bit, since a study that went on ends
with the same bytes as one that ran through.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from itertools import islice
from typing import Any

import numpy as np

from stockwidget.errors import StockwidgetError, from_dict
from stockwidget.sources.base import Provenance
from stockwidget.study.replay import Replayed
from stockwidget.study.tally import Hit, Tally

FORMAT = 2
"""Of what ``Findings.plain`` gives."""


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
            tally=_read_tally(data["tally"], data["symbols"]) if "tally" in data else None,
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
            plain["tally"] = _plain_tally(self.tally, self.symbols)
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


def _plain_tally(tally: Tally, symbols: Sequence[str]) -> dict[str, Any]:
    place = {symbol: k for k, symbol in enumerate(symbols)}
    flat = [hit for day in tally.hits for hit in day]
    columns = {
        "count": np.array([len(day) for day in tally.hits], np.int64),
        "symbol": np.array([place[hit.symbol] for hit in flat], np.int64),
        "order": np.array([hit.order for hit in flat], np.float64),
        "after": np.array([hit.after for hit in flat]).reshape(len(flat), tally.total.shape[1]),
    }
    return {
        **{e.name: getattr(tally, e.name).tolist() for e in fields(Tally) if e.name != "hits"},
        "hits": {name: _packed(column) for name, column in columns.items()},
    }


def _read_tally(data: Mapping[str, Any], symbols: Sequence[str]) -> Tally:
    counts = {name: np.array(data[name]) for name in data if name != "hits"}
    counts["total"] = counts["total"].astype(np.float64)
    kept = {name: _unpacked(each).tolist() for name, each in data["hits"].items()}
    hits = (
        Hit(symbol=symbols[k], order=order, after=tuple(after))
        for k, order, after in zip(kept["symbol"], kept["order"], kept["after"], strict=True)
    )
    return Tally(**counts, hits=tuple(tuple(islice(hits, count)) for count in kept["count"]))


def _packed(array: np.ndarray[Any, Any]) -> list[Any]:
    """An array as type, shape and text: all first bytes of its numbers, all second ones and so on.

    Signs, exponents and leading digits are alike from number to number, and compress.
    """
    turned = np.ascontiguousarray(np.moveaxis(array, -1, 0))
    planes = turned.view(np.uint8).reshape(turned.size, array.itemsize).T
    text = base64.b64encode(zlib.compress(planes.tobytes(), 1)).decode()
    return [array.dtype.str, list(turned.shape), text]


def _unpacked(packed: Sequence[Any]) -> np.ndarray[Any, Any]:
    kind, shape, text = packed
    planes = np.frombuffer(zlib.decompress(base64.b64decode(text)), np.uint8)
    turned = planes.reshape(np.dtype(kind).itemsize, -1).T.copy().view(kind).reshape(shape)
    return np.ascontiguousarray(np.moveaxis(turned, 0, -1))
