"""The page of the language is the one that its tables give, and its tables have all indicators."""

from __future__ import annotations

from pathlib import Path

from stockwidget.indicators.table import TABLE
from stockwidget.scan.rules import compile_rule
from stockwidget.scan.rules.functions import FUNCTIONS
from stockwidget.scan.rules.handbook import markdown
from stockwidget.scan.rules.operations import OPS

PAGE = Path(__file__).parents[3] / "docs" / "rules.md"
NEEDS_MORE = ("beta", "correlation", "turnover", "cross_up", "cross_down")


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == markdown()


def test_every_output_of_every_indicator_is_a_word() -> None:
    for row in TABLE:
        if row.name.startswith(NEEDS_MORE):
            continue
        settings = dict(row.settings)
        convention = settings.pop("convention", None)
        words = [f"{value:g}" for value in settings.values()]
        words += [] if convention is None else [f"convention='{convention}'"]
        for output, lookback in zip(row.outputs, row.lookbacks, strict=True):
            part = output.removeprefix(row.name).lstrip("_")
            function = row.function.__name__
            name = {
                "bollinger": f"boll_{part}", "parabolic_sar": "sar", "stochastic": f"stoch_{part}",
                "adx": part,
            }.get(function, f"{function}_{part}" if len(row.outputs) > 1 else function)  # fmt: skip
            given = ["close", *words] if name == "zscore" else words
            plan = compile_rule(columns=[f"{name}({', '.join(given)})"])
            assert plan.outputs[0].lookback == lookback, output
            assert plan.inputs == tuple(
                c for c in ("open", "high", "low", "close", "volume") if c in row.inputs
            ), output


def test_every_operation_is_used() -> None:
    spoken = {row.op for row in FUNCTIONS.values()}
    assert {name for name, op in OPS.items() if op.memory != "each"} <= spoken
