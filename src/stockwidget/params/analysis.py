"""What an analysis is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self, cast, get_args

from stockwidget.declared import OwnFactor, OwnSignal, is_number, read_all
from stockwidget.errors import InvalidRequest
from stockwidget.params.reading import (
    code_digest,
    iso_date,
    known_keys,
    text,
    without_defaults,
)
from stockwidget.params.weights import read_weights
from stockwidget.scorecards import Scorecard
from stockwidget.symbols import normalize

Adjust = Literal["adjusted", "raw"]


@dataclass(frozen=True, kw_only=True, slots=True)
class AnalysisParams:
    """One symbol over one range, and how it is judged. Dates are ISO and inclusive."""

    symbol: str
    source: str = "sample"
    start: str | None = None
    end: str | None = None
    adjust: Adjust = "adjusted"
    as_of: str | None = None
    """The day whose knowledge counts: nothing later is looked at, not even by adjustments."""
    benchmark: str | None = None
    """Symbol of the same source that beta and alpha are measured against."""
    risk_free: float = 0.0
    """A year's rate, a fraction."""
    weights: tuple[tuple[str, float], ...] | None = None
    """Families of the score and their shares, which sum to one; None gives the usual ones."""
    scorecard: Scorecard | None = None
    """Families, rules and bands of the user instead of the usual ones."""
    signals: tuple[OwnSignal, ...] = ()
    """Functions of the user that mark bars, beside the usual signals."""
    factors: tuple[OwnFactor, ...] = ()
    """Functions of the user that give points; the families share what their weights leave."""
    code: str | None = None
    """Digest of the code of these functions, which is kept apart from all that readers see."""
    commentary: str | None = None
    """Name of an installed commentator, whose words go below the report."""
    commentary_locale: Literal["en", "zh"] = "en"
    """The language that it is to speak."""

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Validate ``data``. Raises UnknownParameter or InvalidRequest, both with ``field``."""
        known_keys(cls, data)
        if "symbol" not in data:
            raise InvalidRequest("symbol is missing.", hint="Try symbol='AAPL'.", field="symbol")
        start, end, as_of = (iso_date(data.get(name), name) for name in ("start", "end", "as_of"))
        _range(start, end, as_of)
        adjust = data.get("adjust", "adjusted")
        if adjust not in get_args(Adjust):
            raise InvalidRequest(
                f"adjust must be 'adjusted' or 'raw', not {adjust!r}.",
                hint="'adjusted' (the default) removes the jumps of splits and dividends.",
                field="adjust",
            )
        benchmark = data.get("benchmark")
        commentary, spoken = data.get("commentary"), data.get("commentary_locale") or "en"
        if spoken not in ("en", "zh"):
            raise InvalidRequest(
                f"commentary_locale must be 'en' or 'zh', not {spoken!r:.80}.",
                hint="It is the language of the commentary; locale= of sw.analyze sets it too.",
                field="commentary_locale",
            )
        return cls(
            symbol=normalize(data["symbol"]),
            source=text(data.get("source", "sample"), "source"),
            start=start,
            end=end,
            adjust=cast("Adjust", adjust),
            as_of=as_of,
            benchmark=None if benchmark is None else normalize(benchmark, field="benchmark"),
            risk_free=_rate(data.get("risk_free", 0.0)),
            weights=read_weights(data.get("weights")),
            commentary=None if commentary is None else text(commentary, "commentary"),
            commentary_locale=cast("Literal['en', 'zh']", spoken if commentary else "en"),
            **_own_parts(data),
        )

    @property
    def last(self) -> str | None:
        """The last day that may be looked at."""
        return self.as_of or self.end

    def to_dict(self) -> dict[str, Any]:
        """Canonical JSON form: equal requests give equal dictionaries; defaults are left out."""
        plain = without_defaults(self)
        if self.weights:
            plain["weights"] = dict(self.weights)
        if self.scorecard:
            plain["scorecard"] = self.scorecard.plain()
        for name in ("signals", "factors"):
            if own := getattr(self, name):
                plain[name] = [each.plain() for each in own]
        return plain

    def shown(self) -> dict[str, Any]:
        """Return what a result says it was asked for: the same whoever asked, from wherever."""
        return {name: value for name, value in self.to_dict().items() if name != "code"}


def _range(start: str | None, end: str | None, as_of: str | None) -> None:
    if end and as_of:
        raise InvalidRequest(
            f"end ({end}) and as_of ({as_of}) both say where the range ends.",
            hint="as_of also hides what became known later; leave one of them out.",
            field="as_of",
        )
    last, name = (as_of, "as_of") if as_of else (end, "end")
    if start and last and start > last:
        raise InvalidRequest(
            f"start ({start}) is after {name} ({last}).",
            hint="Swap the dates.",
            field="start",
            kind="start_after_end",
            start=start,
            end=last,
        )


def _rate(value: object) -> float:
    if is_number(value) and -1.0 < cast("float", value) < 1.0:
        return float(cast("float", value))
    raise InvalidRequest(
        f"risk_free must be a year's rate as a fraction, not {value!r}.",
        hint="Write 3 % as 0.03.",
        field="risk_free",
    )


def _own_parts(data: Mapping[str, Any]) -> dict[str, Any]:
    """Scorecard and functions of an analysis."""
    card = None if data.get("scorecard") is None else Scorecard.read(data["scorecard"])
    if card is not None and data.get("weights") is not None:
        raise InvalidRequest(
            "weights are of the usual families, and a scorecard has its own.",
            hint="Leave one of them out.",
            field="weights",
        )
    signals = read_all(OwnSignal, data.get("signals"), "signals")
    factors = read_all(OwnFactor, data.get("factors"), "factors")
    if (total := sum(each.weight for each in factors)) > 1.0 + 1e-9:
        raise InvalidRequest(
            f"The weights of the factors sum to {total:g}, more than 1.",
            hint="They are shares of the whole score; the other families share the rest.",
            field="factors",
        )
    if both := {each.name for each in signals} & {each.name for each in factors}:
        raise InvalidRequest(
            f"A signal and a factor are both called {min(both)!r}.",
            hint="Give one of them another name=.",
            field="factors",
        )
    code = code_digest(data.get("code"), "signals or factors", needed=bool(signals or factors))
    return {"scorecard": card, "signals": signals, "factors": factors, "code": code}
