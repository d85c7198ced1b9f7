"""A user's own scorecard as data: families with weights, rules as text, bands.

::

    sw.Scorecard(
        families={
            "trend": {"weight": 0.6, "rules": {"close > sma(200)": 2, "sma(50) > sma(200)": 1}},
            "calm": {"weight": 0.4, "title": "Calm", "rules": {"natr(14) < 3": 1}},
        },
        bands={"buy": 70, "hold": 40, "sell": 0},
        least_coverage=0.5,
    )

Light: the server reads it from requests. What the rules say is compiled by ``stockwidget.parts``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self, cast

from stockwidget.declared import DIRECTIONS, is_number, known_keys, name_of, text_of
from stockwidget.errors import InvalidRequest

MOST_FAMILIES = 20
MOST_RULES = 100
MOST_BANDS = 10
_UP, _DOWN = 60.0, 40.0
"""A band from here on, or below, is taken to expect a rise, or a fall, unless it says otherwise."""


def total(points: Iterable[float]) -> float:
    """Points added from first to last, each sum rounded, as scans and histories of scores add.

    Since Python 3.12 the built-in ``sum`` keeps what is rounded away: it gives other last bits.
    """
    found = 0.0
    for each in points:
        found += each
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class CardRule:
    """A condition of the rule language (docs/rules.md), and its points within its family."""

    rule: str
    points: float
    title: str | None = None
    title_zh: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CardFamily:
    """Rules that share a weight."""

    name: str
    weight: float
    rules: tuple[CardRule, ...]
    title: str
    title_zh: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CardBand:
    """Scores from ``least`` up to the next band."""

    name: str
    least: float
    title: str
    title_zh: str
    direction: Literal[-1, 0, 1]
    """What such a score is said to announce; its record counts hits by it."""


class Scorecard:
    """Families whose weights sum to one. Raises InvalidRequest, with ``field``, if it is unsound.

    ``families`` maps a name to ``weight``, ``rules`` and, if wanted, ``title`` and ``title_zh``;
    ``rules`` map a condition to its points, or are a list of ``{"rule", "points", "title",
    "title_zh"}``. ``bands`` map a name to its least score, or are a list of ``{"name", "least",
    "title", "title_zh", "direction"}``; without, the usual ones. Below ``least_coverage``
    (0 to 1) there is no score.
    """

    def __init__(
        self,
        families: Mapping[str, Mapping[str, Any]] | Sequence[Mapping[str, Any]],
        *,
        bands: Mapping[str, float] | Sequence[Mapping[str, Any]] | None = None,
        least_coverage: float = 0.6,
    ) -> None:
        self.families = _families(families)
        self.bands = None if bands is None else _bands(bands)
        if not is_number(least_coverage) or not 0.0 <= least_coverage <= 1.0:
            raise _wrong(
                f"least_coverage must lie between 0 and 1, not {least_coverage!r:.80}.",
                "0.6 is usual: three fifths of the points must be known.",
                "least_coverage",
            )
        self.least_coverage = float(least_coverage)

    @classmethod
    def read(cls, data: object) -> Self:
        """Read what ``plain`` wrote, or the arguments as an object. Raises InvalidRequest."""
        if isinstance(data, cls):
            return data
        if not isinstance(data, Mapping) or "families" not in data:
            raise _wrong(
                "scorecard must be a Scorecard, or an object with families.",
                'For example {"families": {"trend": {"weight": 1, "rules": '
                '{"close > sma(200)": 1}}}}.',
            )
        known_keys(data, ("families", "bands", "least_coverage"), "scorecard")
        return cls(
            data["families"],
            bands=data.get("bands"),
            least_coverage=data.get("least_coverage", 0.6),
        )

    def plain(self) -> dict[str, Any]:
        """As JSON can hold it; equal cards give equal objects."""
        plain: dict[str, Any] = {
            "families": [
                {
                    "name": each.name,
                    "weight": each.weight,
                    "title": each.title,
                    "title_zh": each.title_zh,
                    "rules": [
                        {n: v for n in CardRule.__slots__ if (v := getattr(rule, n)) is not None}
                        for rule in each.rules
                    ],
                }
                for each in self.families
            ],
            "least_coverage": self.least_coverage,
        }
        if self.bands is not None:
            names = CardBand.__slots__
            plain["bands"] = [{name: getattr(each, name) for name in names} for each in self.bands]
        return plain

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scorecard) and self.plain() == other.plain()

    def __hash__(self) -> int:
        return hash((self.families, self.bands, self.least_coverage))

    def __repr__(self) -> str:
        names = ", ".join(f"{each.name} {each.weight:g}" for each in self.families)
        return f"<Scorecard {names}>"


def _families(given: object) -> tuple[CardFamily, ...]:
    rows = _rows(given, "name", "families", MOST_FAMILIES)
    found = []
    for row in rows:
        known_keys(row, ("name", "weight", "rules", "title", "title_zh"), "scorecard.families")
        name = name_of(row.get("name"), "scorecard.families")
        field = f"families.{name}"
        weight = row.get("weight")
        if not is_number(weight) or cast("float", weight) <= 0:
            raise _wrong(
                f"The weight of {name} must be a number above 0, not {weight!r:.80}.",
                "Weights are shares of the whole, such as 0.3.",
                f"{field}.weight",
            )
        title = text_of(row.get("title") or name.replace("_", " "), f"scorecard.{field}.title")
        title_zh = text_of(row.get("title_zh") or title, f"scorecard.{field}.title_zh")
        rules = _rules(row.get("rules"), f"{field}.rules")
        found.append(
            CardFamily(
                name=name,
                weight=float(cast("float", weight)),
                rules=rules,
                title=title,
                title_zh=title_zh,
            )
        )
    _once([each.name for each in found], "families")
    _once([rule.rule for each in found for rule in each.rules], "rules")
    weight = sum(each.weight for each in found)
    if abs(weight - 1.0) > 1e-9:
        raise _wrong(
            f"The weights of the families sum to {weight:g}, not to 1.",
            "Shares of the whole: divide each by their sum.",
            "families",
        )
    return tuple(found)


def _rules(given: object, field: str) -> tuple[CardRule, ...]:
    found = []
    for row in _rows(given, "rule", field, MOST_RULES, value="points"):
        known_keys(row, CardRule.__slots__, f"scorecard.{field}")
        rule, points = row.get("rule"), row.get("points", 1)
        if not isinstance(rule, str) or not rule.strip():
            raise _wrong(
                f"{field} has {rule!r:.80} instead of a condition.",
                'A condition is text, such as "close > sma(200)" (docs/rules.md).',
                field,
            )
        if not is_number(points) or points <= 0:
            raise _wrong(
                f"The points of {rule.strip()!r:.80} must be a number above 0, not {points!r:.80}.",
                "Points weigh the rules of a family against each other.",
                field,
            )
        titles = {
            name: text_of(row[name], f"scorecard.{field}.{name}")
            for name in ("title", "title_zh")
            if row.get(name)
        }
        found.append(CardRule(rule=" ".join(rule.split()), points=float(points), **titles))
    return tuple(found)


def _bands(given: object) -> tuple[CardBand, ...]:
    found = []
    for row in _rows(given, "name", "bands", MOST_BANDS, value="least"):
        known_keys(row, CardBand.__slots__, "scorecard.bands")
        name = name_of(row.get("name"), "scorecard.bands")
        least = row.get("least")
        if not is_number(least) or not 0.0 <= cast("float", least) < 100.0:
            raise _wrong(
                f"The band {name} must begin between 0 and 100, not at {least!r:.80}.",
                "A band reaches from its least score up to the next one.",
                "bands",
            )
        begin = float(cast("float", least))
        title = text_of(row.get("title") or name.replace("_", " "), "scorecard.bands.title")
        usual = 1 if begin >= _UP else -1 if begin < _DOWN else 0
        towards = row.get("direction", usual)
        if isinstance(towards, bool) or not isinstance(towards, str | int | None):
            towards = "?"
        if towards not in DIRECTIONS:
            raise _wrong(
                f"The direction of the band {name} must be 'up', 'down' or None.",
                "It says what such a score announces.",
                "bands",
            )
        found.append(
            CardBand(
                name=name,
                least=begin,
                title=title,
                title_zh=text_of(row.get("title_zh") or title, "scorecard.bands.title_zh"),
                direction=DIRECTIONS[towards],
            )
        )
    _once([each.name for each in found], "bands")
    found.sort(key=lambda each: -each.least)
    begins = [each.least for each in found]
    if begins[-1] != 0.0 or len(set(begins)) < len(begins):
        raise _wrong(
            "The lowest band must begin at 0, and each at another score.",
            'For example bands={"buy": 60, "hold": 40, "sell": 0}.',
            "bands",
        )
    return tuple(found)


def _rows(
    given: object, key: str, field: str, most: int, *, value: str | None = None
) -> list[Mapping[str, Any]]:
    """A mapping, or a list of objects, as such a list."""
    rows: object = given
    if isinstance(given, Mapping):
        pairs = given.items()
        rows = [
            {key: name, **each} if isinstance(each, Mapping) else {key: name, value or "": each}
            for name, each in pairs
        ]
    if isinstance(rows, str) or not isinstance(rows, Sequence) or not 1 <= len(rows) <= most:
        raise _wrong(
            f"{field} must have 1 to {most} entries.", "docs/own_parts.md shows one.", field
        )
    if wrong := next((each for each in rows if not isinstance(each, Mapping)), None):
        raise _wrong(
            f"{field} has {wrong!r:.80}, no object.", "docs/own_parts.md shows one.", field
        )
    return list(rows)


def _once(names: Sequence[str], field: str) -> None:
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise _wrong(f"{twice!r} stands twice among {field}.", "Keep one of them.", field)


def _wrong(what: str, hint: str, field: str = "") -> InvalidRequest:
    return InvalidRequest(what, hint=hint, field=f"scorecard.{field}" if field else "scorecard")
