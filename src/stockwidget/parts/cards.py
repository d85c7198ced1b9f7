"""Scorecards of the user: rules as text, compiled and read over all bars.

``check`` is light: the server compiles a card to check a request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from stockwidget import scorecards
from stockwidget.errors import InvalidRule
from stockwidget.scan.rules import Plan, compile_rule

if TYPE_CHECKING:
    from stockwidget.analysis.lines import Lines
    from stockwidget.analysis.scorecard import Rule, Scorecard
    from stockwidget.indicators.arrays import Floats

_ABOVE = {"gt": True, "ge": True, "lt": False, "le": False}


def check(card: scorecards.Scorecard) -> None:
    """Raise InvalidRule, with ``field`` and the place, for the first rule that cannot be read."""
    for _ in _plans(card):
        pass


def card_of(card: scorecards.Scorecard) -> Scorecard:
    """Return the card as the analysis knows its own. Raises InvalidRule."""
    from stockwidget.analysis.scorecard import BANDS, Band, Scorecard

    bands = BANDS
    if card.bands is not None:
        bands = tuple(
            Band(
                name=each.name,
                least=each.least,
                title=each.title,
                title_zh=each.title_zh,
                direction=each.direction,
            )
            for each in card.bands
        )
    return Scorecard(
        weights={each.name: each.weight for each in card.families},
        least_coverage=card.least_coverage,
        rules=tuple(_rule(family, rule, plan) for family, rule, plan in _plans(card)),
        bands=bands,
        titles={each.name: (each.title, each.title_zh) for each in card.families},
    )


def _plans(
    card: scorecards.Scorecard,
) -> Iterator[tuple[scorecards.CardFamily, scorecards.CardRule, Plan]]:
    for family in card.families:
        for rule in family.rules:
            field = f"scorecard.families.{family.name}.rules"
            try:
                plan = compile_rule(rule=rule.rule)
            except InvalidRule as error:
                error.data["field"] = field
                raise
            if plan.across:
                raise InvalidRule(
                    f"{rule.rule!r} compares symbols, and a score knows one.",
                    hint="rank() and zscore() across symbols are for scans.",
                    field=field,
                    text=rule.rule,
                )
            yield family, rule, plan


def _rule(family: scorecards.CardFamily, rule: scorecards.CardRule, plan: Plan) -> Rule:
    from stockwidget.analysis.scorecard import Rule
    from stockwidget.scan.rules.words import sentence

    place = plan.rule or 0
    node, part = plan.outputs[place].ref
    compared = plan.nodes[node].op in _ABOVE
    label = plan.outputs[place].label
    title = rule.title or sentence(label, "en").rstrip(".")
    return Rule(
        name=rule.rule,
        family=family.name,
        points=rule.points,
        rule=title,
        rule_zh=rule.title_zh or rule.title or sentence(label, "zh").rstrip("。"),
        reading=_reading(plan, node, part, compared=compared),
        above=_ABOVE.get(plan.nodes[node].op, True),
        share=lambda lines: _series(plan, lines, node, part),
        how="compared" if compared else "holds",
    )


def _reading(
    plan: Plan, node: int, part: int, *, compared: bool
) -> Callable[[Lines], tuple[Floats, Floats]]:
    """What a comparison compares; of any other condition, whether it holds."""
    import numpy as np

    def reading(lines: Lines) -> tuple[Floats, Floats]:
        if not compared:
            return _series(plan, lines, node, part), np.full(len(lines), np.nan)
        (left, of_left), (right, of_right) = plan.nodes[node].args
        return _series(plan, lines, left, of_left), _series(plan, lines, right, of_right)

    return reading


def _series(plan: Plan, lines: Lines, node: int, part: int) -> Floats:
    """A part of a node over all bars (n,); the plan is computed once for the same lines."""
    import numpy as np

    from stockwidget.scan.vm.reference import series

    key = ("plan", plan)
    if key not in lines.kept:
        names = ("open", "high", "low", "close", "volume")
        columns = {name: getattr(lines, name) for name in names}
        lines.kept[key] = series(plan, columns, lines.dates.astype(np.int64))
    found: Floats = lines.kept[key][node][part]
    return found
