"""What a scan is asked for, as one plan: its rule, the order of hits, and the columns to show.

Light: the server compiles a request to check it. Conditions of ``where`` are a rule in other words:
``{"rsi_14": ("<", 70)}`` is ``rsi_14 < 70``.
"""

from __future__ import annotations

from collections.abc import Iterable

from stockwidget.errors import InvalidRule
from stockwidget.params import Condition, ScanParams
from stockwidget.scan.rules import Plan, compile_rule

IDENTITY = ("symbol", "name", "last_date")
USUAL = ("close", "ret_20", "rsi_14")


def order(params: ScanParams) -> str:
    """The number that hits are ordered by."""
    return params.sort if params.rank is None else params.rank


def shown(params: ScanParams) -> tuple[str, ...]:
    """Numbers of a row: asked for or usual, then those of ``where``, then the order's."""
    chosen = USUAL if params.columns is None else params.columns
    asked = [column for column in chosen if column not in IDENTITY]
    return _unique([*asked, *(c.column for c in params.where), order(params)])


def compile_params(params: ScanParams) -> Plan:
    """Compile it. Raises InvalidRule with ``field``, the place in it and the nearest words."""
    for condition in params.where:
        _check(condition)
    field = "sort" if params.rank is None else "rank"
    try:
        compile_rule(rank=order(params))
    except InvalidRule as error:
        error.data["field"] = field
        raise
    return compile_rule(rule=rule_of(params), rank=order(params), columns=shown(params))


def rule_of(params: ScanParams) -> str | None:
    """The rule and the conditions of ``where``, joined; None if every symbol is a hit."""
    where = [f"({c.column}) {c.op} {c.value!r}" for c in params.where]
    if not where:
        return params.rule
    return " and ".join(where if params.rule is None else [f"({params.rule})", *where])


def _check(condition: Condition) -> None:
    try:
        compile_rule(columns=[condition.column])
    except InvalidRule as error:
        error.data["field"] = f"where.{condition.column}"
        raise


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
