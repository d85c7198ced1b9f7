"""``sw.diff``: what entered and what left between two scans."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd

from stockwidget.errors import InvalidRequest
from stockwidget.notebook.scan_result import ScanResult, rows_frame
from stockwidget.notebook.static_output import box, scan_table
from stockwidget.notebook.words import say

if TYPE_CHECKING:
    from stockwidget.notebook.handle import Scan

_ASKED = ("rule", "function", "where", "rank", "sort", "descending", "top", "universe")


class ScanDiff:
    """The way from an ``old`` scan to a ``new`` one; both are documents of docs/protocol.md."""

    def __init__(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        self.old = old
        self.new = new

    @cached_property
    def entered(self) -> pd.DataFrame:
        """Hits of the new scan alone, in its order; indexed by symbol."""
        return self._alone(self.new, self.old)

    @cached_property
    def left(self) -> pd.DataFrame:
        """Hits of the old scan alone; ``why`` says if they could not be judged any more."""
        found = self._alone(self.old, self.new)
        why = {failure["symbol"]: failure["message"] for failure in self.new["failures"]}
        found["why"] = [why.get(symbol) for symbol in found.index]
        return found

    @cached_property
    def stayed(self) -> pd.DataFrame:
        """Hits of both: place in the order (from 1) before and now, and how far each number moved.

        A column ``<name>`` is the new number less the old one, NaN where one of them is missing.
        """
        before, now = (rows_frame(d["columns"], d["rows"]) for d in (self.old, self.new))
        both = [symbol for symbol in now.index if symbol in before.index]
        found = pd.DataFrame(index=pd.Index(both, name="symbol"))
        for name, frame in (("place_before", before), ("place_now", now)):
            places = {symbol: k for k, symbol in enumerate(frame.index, 1)}
            found[name] = [places[symbol] for symbol in both]
        for name in now.columns:
            if name in before.columns and pd.api.types.is_numeric_dtype(now[name]):
                found[name] = now.loc[both, name] - before.loc[both, name]
        return found

    @property
    def changed(self) -> dict[str, tuple[Any, Any]]:
        """What the two scans were asked differently: parameter → old, new. Empty as a rule."""
        pairs = {key: (self.old["params"].get(key), self.new["params"].get(key)) for key in _ASKED}
        return {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}

    def __repr__(self) -> str:
        lines = [
            (
                f"<ScanDiff {self._dates()}: {len(self.entered)} entered, {len(self.left)} left, "
                f"{len(self.stayed)} stayed>"
            )
        ]
        if self.changed:
            lines.append(f"Asked differently: {', '.join(self.changed)}.")
        lines += [f"+ {symbol}" for symbol in self.entered.index[:20]]
        lines += [f"- {symbol}" for symbol in self.left.index[:20]]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from stockwidget.notebook.settings import CardSettings

        locale = CardSettings().locale
        head = say(
            locale,
            "diff",
            entered=len(self.entered),
            left=len(self.left),
            stayed=len(self.stayed),
            dates=self._dates(),
        )
        parts = [f"<b>{escape(head)}</b>"]
        if self.changed:
            asked = say(locale, "diff_asked", names=", ".join(self.changed))
            parts.append(f"<p style='margin:6px 0'>{escape(asked)}</p>")
        for key, document, other in (
            ("entered", self.new, self.old),
            ("left", self.old, self.new),
        ):
            rows = _rows_alone(document, other)
            if rows:
                parts.append(f"<p style='margin:6px 0'>{escape(say(locale, key))}</p>")
                parts.append(scan_table(document["columns"], rows, locale))
        return box("".join(parts))

    def _dates(self) -> str:
        return " → ".join(str(d["provenance"]["last"]) for d in (self.old, self.new))

    @staticmethod
    def _alone(document: Mapping[str, Any], other: Mapping[str, Any]) -> pd.DataFrame:
        return rows_frame(document["columns"], _rows_alone(document, other))


def diff(old: Scan | ScanResult, new: Scan | ScanResult) -> ScanDiff:
    """See ``stockwidget.diff``."""
    return ScanDiff(_document(old, "old"), _document(new, "new"))


def _document(scan: Any, field: str) -> Mapping[str, Any]:
    found = scan if isinstance(scan, ScanResult) else None
    if found is None and getattr(scan, "kind", None) == "scan":
        found = scan.result()
    if found is None:
        raise InvalidRequest(
            f"{field} must be a scan or its result, not {type(scan).__name__}.",
            hint="For example sw.diff(yesterday, today), both from sw.scan().",
            field=field,
        )
    return found.document


def _rows_alone(document: Mapping[str, Any], other: Mapping[str, Any]) -> list[Any]:
    theirs = {row[0] for row in other["rows"]}
    return [row for row in document["rows"] if row[0] not in theirs]
