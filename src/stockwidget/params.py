"""What an analysis or a scan is asked for: validated, frozen, with one canonical JSON form.

Light on purpose: the server validates requests in its own process, without numpy or pandas.
Names that only a source or the column table can know are checked by ``stockwidget.jobs``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, Self, cast, get_args

from stockwidget.declared import OwnFactor, OwnRule, OwnSignal, read_all
from stockwidget.errors import InvalidRequest, UnknownParameter, nearest
from stockwidget.scorecards import Scorecard
from stockwidget.symbols import MARKETS, normalize

Adjust = Literal["adjusted", "raw"]
Op = Literal["<", "<=", ">", ">=", "==", "!="]
OPS: tuple[str, ...] = get_args(Op)
WEIGHTS: Mapping[str, float] = MappingProxyType(
    {"trend": 0.30, "technical": 0.25, "volume": 0.20, "volatility": 0.15, "momentum": 0.10}
)
"""Families of factors and their usual shares of a score."""
PLACES = ("store", "folder")
"""Kinds of universes that are named by a path on the machine that scans."""
MAX_SYNTHETIC = 99_999
MAX_SYMBOLS = 20_000


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
        _known_keys(cls, data)
        if "symbol" not in data:
            raise InvalidRequest("symbol is missing.", hint="Try symbol='AAPL'.", field="symbol")
        start, end, as_of = (_iso_date(data.get(name), name) for name in ("start", "end", "as_of"))
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
        if spoken not in {"en", "zh"}:
            raise InvalidRequest(
                f"commentary_locale must be 'en' or 'zh', not {spoken!r:.80}.",
                hint="It is the language of the commentary; locale= of sw.analyze sets it too.",
                field="commentary_locale",
            )
        return cls(
            symbol=normalize(data["symbol"]),
            source=_text(data.get("source", "sample"), "source"),
            start=start,
            end=end,
            adjust=cast("Adjust", adjust),
            as_of=as_of,
            benchmark=None if benchmark is None else normalize(benchmark, field="benchmark"),
            risk_free=_rate(data.get("risk_free", 0.0)),
            weights=_weights(data.get("weights")),
            commentary=None if commentary is None else _text(commentary, "commentary"),
            commentary_locale=cast("Literal['en', 'zh']", spoken if commentary else "en"),
            **_own_parts(data),
        )

    @property
    def last(self) -> str | None:
        """The last day that may be looked at."""
        return self.as_of or self.end

    def to_dict(self) -> dict[str, Any]:
        """Canonical JSON form: equal requests give equal dictionaries; defaults are left out."""
        plain = _without_defaults(self)
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """``column op value``, compared at a symbol's last bar."""

    column: str
    op: Op
    value: float

    def __str__(self) -> str:
        return f"{self.column} {self.op} {self.value:g}"


@dataclass(frozen=True, kw_only=True, slots=True)
class ScanParams:
    """Many symbols, the conditions that all must hold, and the order of what is found."""

    universe: str | tuple[str, ...]
    """``"sample"``, ``"synthetic:N"``, ``"market:US"`` (of ``source``), ``"store:/path"`` or
    normalised symbols without repeats."""
    cluster: str | None = None
    """Address of a Dask scheduler that computes the chunks, or ``"local:N"``."""
    source: str | None = None
    """Where a list of symbols is read from; None gives the sample, or the synthetic market."""
    market: str | None = None
    """Code of the market to which the universe is cut before any bar is read, as ``"CN"``."""
    min_bars: int | None = None
    """Symbols with fewer bars are left out."""
    min_turnover: float | None = None
    """So are those whose mean of close × volume over the last 20 bars is less, quote currency."""
    rule: str | None = None
    """A condition as text (docs/rules.md); None makes every symbol a hit."""
    where: tuple[Condition, ...] = ()
    """Sorted by column: the order of conditions changes nothing."""
    sort: str = "ret_20"
    """A column to order hits by."""
    rank: str | None = None
    """An expression to order hits by; goes before ``sort``."""
    descending: bool = True
    top: int | None = None
    columns: tuple[str, ...] | None = None
    """Columns to show beside symbol, name and last_date; None gives the usual ones."""
    as_of: str | None = None
    """The day whose knowledge counts, ISO; None: the newest bars."""
    pace_s: float | None = None
    """Seconds over which rows are told, for those who want to watch; None: as they are found."""
    function: OwnRule | None = None
    """A function of the user that judges each symbol, after ``rule`` and ``where``."""
    code: str | None = None
    """Digest of its code, which is kept apart from all that readers see."""

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Validate ``data``. Raises UnknownParameter or InvalidRequest, both with ``field``."""
        _known_keys(cls, data)
        descending = data.get("descending", True)
        if not isinstance(descending, bool):
            raise InvalidRequest(
                f"descending must be true or false, not {descending!r}.",
                hint="true puts the largest first.",
                field="descending",
            )
        columns = data.get("columns")
        return cls(
            universe=_universe(data.get("universe", "sample")),
            cluster=_cluster(data.get("cluster")),
            source=_expression(data.get("source"), "source"),
            market=_market(data.get("market")),
            min_bars=_whole(data.get("min_bars"), "min_bars"),
            min_turnover=_amount(data.get("min_turnover"), "min_turnover"),
            rule=_expression(data.get("rule"), "rule"),
            where=_where(data.get("where") or {}),
            sort=_text(data.get("sort", "ret_20"), "sort"),
            rank=_expression(data.get("rank"), "rank"),
            descending=descending,
            top=_whole(data.get("top"), "top"),
            columns=None if columns is None else _texts(columns, "columns"),
            as_of=_iso_date(data.get("as_of"), "as_of"),
            pace_s=_amount(data.get("pace_s"), "pace_s"),
            **_own_rule(data),
        )

    def to_dict(self) -> dict[str, Any]:
        """Canonical JSON form: equal requests give equal dictionaries; defaults are left out."""
        plain = _without_defaults(self)
        if self.where:
            plain["where"] = {c.column: [c.op, c.value] for c in self.where}
        if self.function:
            plain["function"] = self.function.plain()
        return plain

    def shown(self) -> dict[str, Any]:
        """Return what a result says it was asked for: the same whoever asked, from wherever."""
        return {name: value for name, value in self.to_dict().items() if name != "code"}


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
        if not _is_number(weight) or weight < 0:
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


def _known_keys(cls: type[Any], data: Mapping[str, Any]) -> None:
    known = [f.name for f in fields(cls)]
    for key in data:
        if key not in known:
            near = nearest(str(key), known)
            raise UnknownParameter(
                f"Unknown parameter {key!r}.",
                hint=f"Did you mean {near[0]}?" if near else f"Known: {', '.join(known)}.",
                field=str(key),
                nearest=near,
            )


def _without_defaults(params: AnalysisParams | ScanParams) -> dict[str, Any]:
    plain = {}
    for f in fields(params):
        value = getattr(params, f.name)
        if value != f.default:
            plain[f.name] = list(value) if isinstance(value, tuple) else value
    return plain


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
            f"start ({start}) is after {name} ({last}).", hint="Swap the dates.", field="start"
        )


def _rate(value: object) -> float:
    if _is_number(value) and -1.0 < cast("float", value) < 1.0:
        return float(cast("float", value))
    raise InvalidRequest(
        f"risk_free must be a year's rate as a fraction, not {value!r}.",
        hint="Write 3 % as 0.03.",
        field="risk_free",
    )


def _weights(value: object) -> tuple[tuple[str, float], ...] | None:
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
    code = _code(data.get("code"), "signals or factors", needed=bool(signals or factors))
    return {"scorecard": card, "signals": signals, "factors": factors, "code": code}


def _own_rule(data: Mapping[str, Any]) -> dict[str, Any]:
    """Function of a scan."""
    given = data.get("function")
    function = None if given is None else OwnRule.read(given, "function")
    if function is not None and data.get("cluster") is not None:
        raise InvalidRequest(
            "A function of your own runs beside the server, not on a Dask cluster.",
            hint="Leave cluster out, or say the rule as text (docs/rules.md).",
            field="cluster",
        )
    code = _code(data.get("code"), "a function", needed=function is not None)
    return {"function": function, "code": code}


def _code(value: object, what: str, *, needed: bool) -> str | None:
    """Digest of the functions' code, which goes with them and never alone."""
    if value is None and not needed:
        return None
    if isinstance(value, str) and needed and len(value) == 32 and value.isalnum():
        return value
    raise InvalidRequest(
        f"Code must come with {what}, and {what} with code.",
        hint="sw.analyze(…, signals=[…]) and sw.scan(…, rule=my_rule) send both.",
        field="code",
    )


def _text(value: object, name: str) -> str:
    if isinstance(value, str) and value.strip():
        return value.strip()
    raise InvalidRequest(
        f"{name} must be a name, not {value!r}.", hint="Pass non-empty text.", field=name
    )


def _expression(value: object, name: str) -> str | None:
    if callable(value):
        raise InvalidRequest(
            f"{name} must be text here, not a function.",
            hint="sw.scan(…, rule=my_rule) takes a function marked by @sw.rule; the rest is said "
            "in the rule language (docs/rules.md).",
            field=name,
        )
    return None if value is None else _text(value, name)


def _cluster(value: object) -> str | None:
    if value is None:
        return None
    kind, _, rest = value.strip().partition(":") if isinstance(value, str) else ("", "", "")
    count = rest.isascii() and rest.isdigit() and 1 <= int(rest) <= 256
    if (kind == "local" and count) or (kind in {"tcp", "tls", "ucx"} and rest.startswith("//")):
        return f"{kind}:{rest}"
    raise InvalidRequest(
        f"cluster must be a scheduler's address or 'local:N', not {value!r}.",
        hint="For example cluster='tcp://10.0.0.5:8786', or 'local:2' for two processes.",
        field="cluster",
    )


def _texts(value: object, name: str) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise InvalidRequest(
            f"{name} must be a list of names, not {value!r}.",
            hint="Put the names in brackets, even a single one.",
            field=name,
        )
    return tuple(dict.fromkeys(_text(v, name) for v in value))


def _iso_date(value: object, name: str) -> str | None:
    if value is None:
        return None
    if isinstance(value, datetime):  # pandas.Timestamp too
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    try:
        return date.fromisoformat(cast("str", value)).isoformat()
    except (TypeError, ValueError):
        raise InvalidRequest(
            f"{name} must be a date, not {value!r}.",
            hint="Write it as '2024-01-31'.",
            field=name,
        ) from None


def _universe(value: object) -> str | tuple[str, ...]:
    if isinstance(value, str):
        name = value.strip().lower()
        kind, colon, count = name.partition(":")
        if name == "sample":
            return name
        code = (count if kind == "market" else name).strip().upper()
        if code in MARKETS and (kind == "market" or not colon):
            return f"market:{code}"
        place = Path(value.strip().partition(":")[2])
        if kind in PLACES and place.is_absolute():
            return f"{kind}:{place}"
        if kind == "synthetic" and colon and count.isascii() and count.isdigit():
            n = int(count)
            if 1 <= n <= MAX_SYNTHETIC:
                return f"synthetic:{n}"
        near = nearest(name, ["sample", "synthetic:500", *(f"market:{m.lower()}" for m in MARKETS)])
        raise InvalidRequest(
            f"Unknown universe {value!r}." + (f" Did you mean {near[0]!r}?" if near else ""),
            hint="Use 'sample', 'synthetic:N' with N from 1 to 99999 (as 'synthetic:500'), a "
            f"market of a source ({', '.join(MARKETS)}), 'store:' or 'folder:' with a full path, "
            "or a list of symbols.",
            field="universe",
            nearest=near,
        )
    if not isinstance(value, Sequence) or not value:
        raise InvalidRequest(
            "universe must be 'sample', 'synthetic:N' or a list of at least one symbol.",
            hint="For example universe=['AAPL', 'MSFT'].",
            field="universe",
        )
    if len(value) > MAX_SYMBOLS:
        raise InvalidRequest(
            f"universe lists {len(value)} symbols; {MAX_SYMBOLS} is the most.",
            hint="Split the list into several scans.",
            field="universe",
        )
    return tuple(dict.fromkeys(normalize(v, field="universe") for v in value))


def _where(value: object) -> tuple[Condition, ...]:
    if not isinstance(value, Mapping):
        raise InvalidRequest(
            f"where must map columns to conditions, not {value!r}.",
            hint='For example where={"rsi_14": ("<", 30)}.',
            field="where",
        )
    found = [_condition(_text(column, "where"), rule) for column, rule in value.items()]
    return tuple(sorted(found, key=lambda c: c.column))


def _condition(column: str, rule: object) -> Condition:
    pair = tuple(rule) if isinstance(rule, Sequence) and not isinstance(rule, str) else ()
    if len(pair) != 2 or pair[0] not in OPS or not _is_number(pair[1]):
        raise InvalidRequest(
            f"The condition on {column} must be (operator, number), not {rule!r}.",
            hint=f'Operators: {" ".join(OPS)}. For example where={{"{column}": ("<", 30)}}.',
            field=f"where.{column}",
        )
    return Condition(column=column, op=pair[0], value=float(pair[1]))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _whole(value: object, name: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        return value
    raise InvalidRequest(
        f"{name} must be a whole number from 1, not {value!r}.",
        hint="Leave it out to keep all.",
        field=name,
    )


def _amount(value: object, name: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, int | float) and _is_number(value) and value > 0:
        return float(value)
    raise InvalidRequest(
        f"{name} must be a number above zero, not {value!r}.",
        hint="Leave it out to keep all.",
        field=name,
    )


def _market(value: object) -> str | None:
    if value is None:
        return None
    code = value.strip().upper() if isinstance(value, str) else value
    if code in MARKETS:
        return str(code)
    raise InvalidRequest(
        f"Unknown market {value!r}.",
        hint=f"Known: {', '.join(MARKETS)}.",
        field="market",
    )
