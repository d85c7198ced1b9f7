"""What a scan is asked for, as one plan: its rule, the order of hits, and the columns to show.

Light: the server compiles a request to check it. Conditions of ``where`` are a rule in other words:
``{"rsi_14": ("<", 70)}`` is ``rsi_14 < 70``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from stockwidget.errors import InvalidRule
from stockwidget.params import Condition, ScanParams
from stockwidget.scan.rules import Plan, compile_rule
from stockwidget.scan.rules.graph import Ref

IDENTITY = ("symbol", "name", "last_date")
USUAL = ("close", "ret_20", "rsi_14")


def order(params: ScanParams) -> str:
    """The number that hits are ordered by."""
    return params.sort if params.rank is None else params.rank


def shown(params: ScanParams) -> tuple[str, ...]:
    """Numbers of a row: asked for or usual, then those of ``where``, then the order's.

    Two of them may be one number in other words; ``compile_params`` shows that once.
    """
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
    names = shown(params)
    plan = compile_rule(rule=rule_of(params), rank=order(params), columns=names)
    asked = set(params.columns or ())
    wanted = [place for name, place in zip(names, plan.columns, strict=True) if name in asked]
    return replace(plan, columns=_once(plan, wanted))


def _once(plan: Plan, asked: Collection[int]) -> tuple[int, ...]:
    """Places of the columns that are shown, each number at its first place.

    A number keeps every name that it was ``asked`` by. Else ``where`` and the order name it, and a
    usual column gives way to them: whoever wrote ``rank="ret(20)"`` finds a column of that name.
    """
    names: dict[Ref, list[int]] = {}
    for place in dict.fromkeys(plan.columns):
        names.setdefault(plan.outputs[place].ref, []).append(place)
    shown: dict[int, None] = {}
    for place in plan.columns:
        same = names[plan.outputs[place].ref]
        if place in asked:
            shown[place] = None
        elif not any(other in asked for other in same):
            shown[same[-1]] = None
    return tuple(shown)


def sorted_by(plan: Plan) -> int:
    """Place of the column that shows the order of a plan of ``compile_params``."""
    assert plan.rank is not None  # always has one
    ref = plan.outputs[plan.rank].ref
    return next(place for place in plan.columns if plan.outputs[place].ref == ref)


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
