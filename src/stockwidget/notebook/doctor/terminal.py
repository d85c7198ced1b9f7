"""``jupyter stockwidget doctor``: the same report for a shell, with an exit code."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence

from stockwidget.errors import StockwidgetError
from stockwidget.notebook.discovery import Surroundings, Target, explicit
from stockwidget.notebook.doctor import servers
from stockwidget.notebook.doctor.examination import examine
from stockwidget.notebook.doctor.report import Report

EPILOG = (
    "Looks at every Jupyter server of this user on this machine, or at the one of --server or "
    "STOCKWIDGET_SERVER. A token is taken from STOCKWIDGET_TOKEN, never from the command line. "
    "Exit code: 0 if tasks run and their news come, 1 if not."
)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the report of each server; 0 if all is well, else 1."""
    parser = argparse.ArgumentParser(
        prog="jupyter stockwidget doctor",
        description="Say what works from here and, if something does not, why and what to do.",
        epilog=EPILOG,
    )
    parser.add_argument("task", nargs="?", help="also look at this task")
    parser.add_argument("--server", help="address of the server, with its base_url")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--lang", choices=("en", "zh"), help="language; else that of LANG")
    asked = parser.parse_args(argv)
    if asked.server:
        os.environ["STOCKWIDGET_SERVER"] = asked.server
    language = asked.lang or _language()
    reports = [examine(asked.task, target=target, locale=language) for target in _targets()]
    if asked.json:
        sys.stdout.write(json.dumps([report.to_dict() for report in reports], indent=2) + "\n")
    else:
        sys.stdout.write("\n\n".join(map(_text, reports)) + "\n")
    return 0 if all(report.ok for report in reports) else 1


def _language() -> str:
    """The first that is set, as gettext has it."""
    names = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    return next((found for name in names if (found := os.environ.get(name))), "en")


def _targets() -> list[Target | None]:
    around = Surroundings.here()
    if around.environ.get("STOCKWIDGET_SERVER", "").strip():
        return [_with_known_token(around)]
    return [*servers.running(around)] or [None]


def _with_known_token(around: Surroundings) -> Target | None:
    """The named server; if it is one of this user's own here, its token is at hand."""
    if around.environ.get("STOCKWIDGET_TOKEN"):
        return None
    try:
        named = explicit(around)
    except StockwidgetError:
        return None
    own = {target.url: target for target in servers.running(around)}
    return own.get(named.url) if named is not None else None


def _text(report: Report) -> str:
    text = repr(report)
    encoding = sys.stdout.encoding or "ascii"
    return text.encode(encoding, errors="replace").decode(encoding)
