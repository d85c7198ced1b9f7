"""What a scan is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self, TypeVar, get_args

from stockwidget.declared import OwnRule, is_number
from stockwidget.errors import InvalidRequest
from stockwidget.params.reading import (
    amount,
    code_digest,
    expression,
    expressions,
    iso_date,
    known_keys,
    switch,
    text,
    whole,
    without_defaults,
)
from stockwidget.params.universes import read_cluster, read_market, read_universe

Op = Literal["<", "<=", ">", ">=", "==", "!="]
OPS: tuple[str, ...] = get_args(Op)
T = TypeVar("T")


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
    """``"sample"``, ``"synthetic:N"``, ``"market:US"`` or ``"index:NAME"`` (of ``source``),
    ``"store:/path"`` or normalised symbols without repeats."""
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
    sparklines: bool = True
    """Whether each row comes with a small picture of its last closes."""
    function: OwnRule | None = None
    """A function of the user that judges each symbol, after ``rule`` and ``where``."""
    code: str | None = None
    """Digest of its code, which is kept apart from all that readers see."""

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Validate ``data``. Raises UnknownParameter or InvalidRequest, both with ``field``."""
        known_keys(cls, data)
        return cls(
            universe=read_universe(data.get("universe", "sample")),
            cluster=read_cluster(data.get("cluster")),
            source=_given(text, data, "source"),
            market=read_market(data.get("market")),
            min_bars=whole(data.get("min_bars"), "min_bars"),
            min_turnover=amount(
                data.get("min_turnover"), "min_turnover", "Leave it out to keep all."
            ),
            rule=_given(expression, data, "rule"),
            where=_where(data.get("where") or {}),
            sort=expression(data.get("sort", "ret_20"), "sort"),
            rank=_given(expression, data, "rank"),
            descending=switch(data, "descending", "true puts the largest first."),
            top=whole(data.get("top"), "top"),
            columns=_given(expressions, data, "columns"),
            as_of=_one_day(data.get("as_of")),
            pace_s=amount(
                data.get("pace_s"), "pace_s", "Leave it out to have rows as they are found."
            ),
            sparklines=switch(data, "sparklines", "false leaves them out."),
            **_own_rule(data),
        )

    def to_dict(self) -> dict[str, Any]:
        """Canonical JSON form: equal requests give equal dictionaries; defaults are left out."""
        plain = without_defaults(self)
        if self.where:
            plain["where"] = {c.column: [c.op, c.value] for c in self.where}
        if self.function:
            plain["function"] = self.function.plain()
        return plain

    def shown(self) -> dict[str, Any]:
        """Return what a result says it was asked for: the same whoever asked, from wherever."""
        return {name: value for name, value in self.to_dict().items() if name != "code"}


def _given(read: Callable[[object, str], T], data: Mapping[str, Any], name: str) -> T | None:
    """What is read of a parameter that may be left out."""
    return None if data.get(name) is None else read(data[name], name)


def _one_day(value: object) -> str | None:
    """The day of a scan."""
    if hasattr(value, "__len__") and not isinstance(value, str):
        raise InvalidRequest(
            "as_of is one day, not several.",
            hint="sw.study(universe, rule, dates=[…]) judges a rule on many days.",
            field="as_of",
        )
    return iso_date(value, "as_of")


def _where(value: object) -> tuple[Condition, ...]:
    if not isinstance(value, Mapping):
        raise InvalidRequest(
            f"where must map columns to conditions, not {value!r}.",
            hint='For example where={"rsi_14": ("<", 30)}.',
            field="where",
        )
    found = [_condition(expression(column, "where"), rule) for column, rule in value.items()]
    return tuple(sorted(found, key=lambda c: c.column))


def _condition(column: str, rule: object) -> Condition:
    pair = tuple(rule) if isinstance(rule, Sequence) and not isinstance(rule, str) else ()
    if len(pair) != 2 or pair[0] not in OPS or not is_number(pair[1]):
        raise InvalidRequest(
            f"The condition on {column} must be (operator, number), not {rule!r}.",
            hint=f'Operators: {" ".join(OPS)}. For example where={{"{column}": ("<", 30)}}.',
            field=f"where.{column}",
        )
    return Condition(column=column, op=pair[0], value=float(pair[1]))


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
    code = code_digest(data.get("code"), "a function", needed=function is not None)
    return {"function": function, "code": code}
