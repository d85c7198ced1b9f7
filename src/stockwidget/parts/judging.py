"""A user's functions and scorecard as the analysis knows its own: signals, rules and families."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from stockwidget.analysis.lines import Lines
from stockwidget.analysis.quality import Finding
from stockwidget.analysis.scorecard import Rule, Scorecard
from stockwidget.analysis.signals import TABLE, Signal
from stockwidget.declared import Own, OwnFactor, OwnSignal
from stockwidget.errors import InvalidRequest
from stockwidget.indicators.arrays import Floats
from stockwidget.params import AnalysisParams
from stockwidget.parts.calling import marks, shares
from stockwidget.parts.cards import card_of
from stockwidget.parts.foresight import foresight
from stockwidget.parts.unpacking import Functions

Evaluate = Callable[[Lines], npt.NDArray[np.generic]]


@dataclass(frozen=True, kw_only=True)
class Judges:
    """What an analysis judges by."""

    card: Scorecard
    table: Sequence[Signal]
    own: Mapping[str, Evaluate]
    """Functions of the user, by name."""
    factors: frozenset[str]
    """Those that are part of the score."""

    def examine(self, lines: Lines) -> tuple[list[Finding], frozenset[str]]:
        """Call each function on bars cut off earlier: what is odd, and whose past it changes.

        Raises PartFailed.
        """
        findings: list[Finding] = []
        ahead: set[str] = set()
        for name, evaluate in self.own.items():
            found = foresight(name, evaluate, lines)
            if found is not None:
                findings.append(found)
                ahead.add(name)
        return findings, frozenset(ahead)


def judges(params: AnalysisParams, functions: Functions) -> Judges:
    """Join the usual parts and the user's. Raises InvalidRule or InvalidRequest."""
    if params.scorecard is not None:
        card = card_of(params.scorecard)
    elif params.weights:
        card = Scorecard(weights=dict(params.weights))
    else:
        card = Scorecard()
    _distinct("signals", params.signals, [signal.name for signal in TABLE])
    _distinct("factors", params.factors, [rule.name for rule in card.rules])
    _free_families(params.factors, card)
    signals = tuple(
        _signal(own, _kept(own, partial(_marks, own, functions))) for own in params.signals
    )
    factors = {own.name: _kept(own, partial(_shares, own, functions)) for own in params.factors}
    if factors:
        card = card.beside(
            tuple(_factor(own, factors[own.name]) for own in params.factors),
            _weights(params.factors),
            _titles(params.factors),
        )
    own = {signal.name: signal.mask for signal in signals} | factors
    return Judges(
        card=card,
        table=(*TABLE, *signals) if signals else TABLE,
        own=own,
        factors=frozenset(factors),
    )


def _marks(own: OwnSignal, functions: Functions, lines: Lines) -> npt.NDArray[np.bool_]:
    return marks(own, functions.signals[own.name], lines.frame(), functions.cells)


def _shares(own: OwnFactor, functions: Functions, lines: Lines) -> Floats:
    return shares(own, functions.factors[own.name], lines.frame(), functions.cells)


def _kept(own: Own, evaluate: Callable[[Lines], npt.NDArray[np.generic]]) -> Callable[[Lines], Any]:
    """Call it once for the same lines."""
    key = (type(own).__name__, own.name)

    def once(lines: Lines) -> npt.NDArray[np.generic]:
        if key not in lines.kept:
            lines.kept[key] = evaluate(lines)
        found: npt.NDArray[np.generic] = lines.kept[key]
        return found

    return once


def _signal(own: OwnSignal, mask: Callable[[Lines], npt.NDArray[np.bool_]]) -> Signal:
    return Signal(
        name=own.name,
        title=own.title,
        title_zh=own.title_zh,
        direction=own.direction,
        rule=own.about or f"your function {own.name}",
        rule_zh=own.about or f"自定义函数 {own.name}",
        mask=mask,
    )


def _factor(own: OwnFactor, share: Callable[[Lines], Floats]) -> Rule:
    return Rule(
        name=own.name,
        family=own.family,
        points=own.weight,
        rule=own.title,
        rule_zh=own.title_zh,
        reading=lambda lines: (share(lines), np.full(len(lines), np.nan)),
        share=share,
        how="share",
    )


def _weights(factors: Sequence[OwnFactor]) -> dict[str, float]:
    found: dict[str, float] = {}
    for own in factors:
        found[own.family] = found.get(own.family, 0.0) + own.weight
    return found


def _titles(factors: Sequence[OwnFactor]) -> dict[str, tuple[str, str]]:
    """A family of one factor is called as the factor is."""
    found: dict[str, tuple[str, str]] = {}
    for own in factors:
        alone = own.family == own.name
        words = own.family.replace("_", " ")
        found.setdefault(own.family, (own.title, own.title_zh) if alone else (words, words))
    return found


def _distinct(field: str, own: Sequence[Own], taken: Sequence[str]) -> None:
    for each in own:
        if each.name in taken:
            raise InvalidRequest(
                f"One of the usual {field} is called {each.name!r} too.",
                hint="Give yours another name=.",
                field=field,
            )


def _free_families(factors: Sequence[OwnFactor], card: Scorecard) -> None:
    for own in factors:
        if own.family in card.weights:
            raise InvalidRequest(
                f"The factor {own.name} stands under {own.family!r}, which is a family already.",
                hint="Leave family= out, or choose another name: the usual families keep their "
                "rules, and share what weight yours leave.",
                field="factors",
            )
