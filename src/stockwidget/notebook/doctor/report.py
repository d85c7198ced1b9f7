"""What the doctor found: checks in order, as a table in text and HTML."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal
from unicodedata import east_asian_width

from stockwidget.notebook import environment
from stockwidget.notebook.doctor.wording import say, speaking
from stockwidget.notebook.monitor import STILL
from stockwidget.notebook.outputs import SAVED

CheckState = Literal["ok", "warn", "fail", "skip"]
MARKS: dict[CheckState, str] = {"ok": "✓", "warn": "!", "fail": "✗", "skip": "·"}
WIDTH = 96
_COLOURS: dict[CheckState, str] = {
    "ok": "#1a7f37",
    "warn": "#9a6700",
    "fail": "#cf222e",
    "skip": "#6e7781",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One thing looked at. ``fail``: it hinders; ``warn``: something else stands in for it."""

    name: str
    state: CheckState
    found: str
    advice: str = ""
    """What to do, where there is something to do."""


class Report:
    """``ok``, ``checks``, ``to_dict()``; shows itself as a table."""

    def __init__(
        self, checks: Iterable[Check], *, secrets: Iterable[str] = (), locale: str = "en"
    ) -> None:
        hidden = sorted({secret for secret in secrets if secret}, key=len, reverse=True)
        self.checks = tuple(_without(check, hidden) for check in checks)
        self.locale = locale

    @property
    def ok(self) -> bool:
        """Whether tasks run and their news come, one way or another."""
        return all(check.state != "fail" for check in self.checks)

    def __getitem__(self, name: str) -> Check:
        return next(check for check in self.checks if check.name == name)

    @property
    def verdict(self) -> str:
        """One sentence."""
        with speaking(self.locale):
            if not self.ok:
                failed = ", ".join(say(each.name) for each in self.checks if each.state == "fail")
                return say("Something is in the way: {names}.", names=failed)
            if any(check.state == "warn" for check in self.checks):
                return say("It works, though not in the best way.")
            return say("Everything works from here.")

    def title(self, check: Check) -> str:
        """The name of ``check`` in the report's language; ``check.name`` is a key."""
        with speaking(self.locale):
            return say(check.name)

    def to_dict(self) -> dict[str, Any]:
        """``{ok, verdict, checks: [{name, state, found, advice}]}``."""
        return {
            "ok": self.ok,
            "verdict": self.verdict,
            "checks": [asdict(check) for check in self.checks],
        }

    def __repr__(self) -> str:
        titles = [self.title(check) for check in self.checks]
        widest = max(map(cells, titles), default=0)
        lines = [self.verdict, ""]
        for check, title in zip(self.checks, titles, strict=True):
            lead = f"{MARKS[check.state]} {title}{' ' * (widest - cells(title))}  "
            lines += _wrapped(check.found, lead)
            lines += _wrapped(f"→ {check.advice}", " " * len(lead)) if check.advice else []
        return "\n".join(lines)

    def _repr_mimebundle_(
        self,
        include: object = None,  # noqa: ARG002 - IPython's signature
        exclude: object = None,  # noqa: ARG002
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """The page adds what it finds by itself, where there is one."""
        still = {"text/plain": repr(self), "text/html": self._repr_html_()}
        if environment.frontend() in STILL:
            return still, {}
        from stockwidget.notebook.widgets import DoctorModel

        checks = [{**asdict(check), "title": self.title(check)} for check in self.checks]
        model = DoctorModel(verdict=self.verdict, checks=checks, locale=self.locale)
        data, metadata = model._repr_mimebundle_() or ({}, {})
        return {**data, **SAVED, **still}, metadata

    def _repr_html_(self) -> str:
        rows = "".join(_row(check, self.title(check)) for check in self.checks)
        return (
            f"<div><strong>{html.escape(self.verdict)}</strong>"
            f'<table style="margin-top:.5em;text-align:left"><tbody>{rows}</tbody></table></div>'
        )


def _row(check: Check, title: str) -> str:
    cell = "text-align:left;vertical-align:top;white-space:normal;padding:.25em .75em .25em 0"
    found = html.escape(check.found)
    if check.advice:
        found += f"<br><em>{html.escape(check.advice)}</em>"
    mark = f'<span style="color:{_COLOURS[check.state]}" title="{check.state}">'
    return (
        f'<tr><td style="{cell}">{mark}{MARKS[check.state]}</span></td>'
        f'<th style="{cell}">{html.escape(title)}</th><td style="{cell}">{found}</td></tr>'
    )


def cells(text: str) -> int:
    """Columns that ``text`` takes in a terminal: two for a Chinese character."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _wrapped(text: str, lead: str) -> list[str]:
    hang = " " * cells(lead)
    # Chinese has no spaces to break at: a line holds as many letters as fit if all were wide.
    wide = cells(text) > len(text)
    room = WIDTH - len(hang)
    pieces = textwrap.wrap(
        text, room * len(text) // cells(text) if wide else room, break_on_hyphens=False
    )
    return [(hang if number else lead) + piece for number, piece in enumerate(pieces)]


def _without(check: Check, secrets: list[str]) -> Check:
    found, advice = check.found, check.advice
    for secret in secrets:
        found, advice = found.replace(secret, "…"), advice.replace(secret, "…")
    return replace(check, found=found, advice=advice)
