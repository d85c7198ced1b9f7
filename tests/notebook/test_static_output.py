"""Still cards are honest, escaped, script-free, and coloured as the market or the reader wants."""

from __future__ import annotations

from html.parser import HTMLParser
from io import BytesIO

import pytest
from PIL import Image

from stockwidget.notebook.chart_png import draw
from stockwidget.notebook.settings import CardSettings
from stockwidget.notebook.static_output import card_html, card_text
from stockwidget.notebook.static_study import study_markdown
from stockwidget.notebook.words import CATALOGUES

EVIL = "<script>alert(1)</script>\"'&"
STATE = {
    "id": "t1", "kind": "analysis", "title": "AAPL", "name": None, "status": "completed",
    "progress": 100.0, "stage": "summary", "error": None,
}  # fmt: skip


def analysis(symbol: str = "AAPL", **summary: object) -> dict[str, object]:
    days = [f"2024-{month:02}-{day:02}" for month in (1, 2, 3) for day in range(1, 29)]
    closes = [100.0 + i for i in range(len(days))]
    figures = {
        "last_close": 183.0, "last_date": days[-1], "return_1d": -0.0123, "return_20d": 0.5,
        "return_1y": None, "volatility_1y": None, "max_drawdown": -0.3, "low_52w": 100.0, "high_52w": 183.0,
    }  # fmt: skip
    return {
        "kind": "analysis", "symbol": symbol, "name": EVIL, "currency": "USD",
        "provenance": {"source": "sample", "origin": EVIL, "adjust": "adjusted", "bars": len(days),
                       "first": days[0], "last": days[-1], "synthetic": True},
        "bars": {"date": days, "open": [c - 0.5 for c in closes], "high": [c + 1 for c in closes],
                 "low": [c - 1 for c in closes], "close": closes, "volume": [1e6 for _ in closes]},
        "indicators": {name: [None] * len(days) for name in ("sma_20", "sma_50", "sma_200")},
        "summary": {**figures, **summary},
    }  # fmt: skip


def scan(*rows: list[object]) -> dict[str, object]:
    return {
        "kind": "scan", "universe": "sample", "sort": "ret_20", "columns": ["symbol", "name", "close", "ret_20"],
        "rows": list(rows), "counters": {"total": 9, "processed": 9, "found": len(rows), "failed": 2},
        "provenance": {"source": "sample", "synthetic": False},
    }  # fmt: skip


def study() -> dict[str, object]:
    row = {"horizon": 20, "n": 3, "days": 2, "mean": 0.01, "base_mean": 0.004, "edge": 0.006, "edge_low": None,
           "edge_high": None, "up": 1.0, "base_up": 0.5, "warnings": ["few", "spans_zero"]}  # fmt: skip
    return {
        "kind": "study", "label": EVIL, "dates": ["2024-01-31", "2024-02-29"], "days": {"hits": [2, 1]},
        "forward": [row, {**row, "horizon": 60, "mean": None, "edge": None, "up": None, "base_up": None, "base_mean": None}],
        "words": {"en": [EVIL, "Two days."], "zh": [EVIL, "两天。"]}, "provenance": {"source": EVIL, "synthetic": True},
    }  # fmt: skip


class Reader(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: dict[str, str | None] = {}
        self.text = ""
        self.open: list[str] = []
        self.feed(html)
        assert self.open == [], "unbalanced"

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes.update(attrs)
        if tag not in {"img", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize("locale", ["en", "zh"])
@pytest.mark.parametrize(
    ("state", "document"),
    [
        ({}, analysis()),
        ({"kind": "scan", "title": EVIL}, scan([EVIL, EVIL, 1.0, 0.1], ["B", None, None, None])),
        ({"kind": "scan"}, scan()),
        ({"kind": "study", "title": EVIL}, study()),
        ({"status": "running", "stage": EVIL}, None),
        ({"status": "cancelled"}, None),
        ({"status": "expired"}, None),
        ({"status": "failed", "error": {"message": EVIL, "hint": EVIL}}, None),
    ],
)
def test_every_state_is_escaped_and_without_scripts(state, document, locale):
    html = card_html({**STATE, **state}, document, CardSettings(locale=locale), "QUJD")
    read = Reader(html)
    assert set(read.tags) <= {
        "div",
        "p",
        "b",
        "span",
        "br",
        "img",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "ul",
        "li",
    }
    assert "alert(1)" not in "".join(read.tags)
    if "img" in read.tags:
        assert read.attributes["alt"]


def test_missing_figures_are_dashes_never_zeros():
    text = Reader(card_html(STATE, analysis(), CardSettings(), None)).text
    assert "1 year–" in text
    assert "▼ -1.23 %" in text
    assert "Synthetic data" in text


@pytest.mark.parametrize(
    ("symbol", "colors", "rise"),
    [("AAPL", "", "#1b7f4d"), ("600519.SS", "", "#c62828"), ("0700.HK", "", "#c62828"),
     ("AAPL", "red-up", "#c62828"), ("600519.SS", "green-up", "#1b7f4d")],
)  # fmt: skip
def test_a_rise_has_the_colour_of_its_market(symbol, colors, rise):
    html = card_html(STATE, analysis(symbol), CardSettings(colors=colors), None)
    assert f"{rise}'>▲ +50.00 %" in html


def test_text_tells_what_and_how_far():
    running = {**STATE, "status": "running", "progress": 41.7, "stage": "indicators"}
    assert card_text(running, None) == "Analysis AAPL: running 42 %, indicators (task t1)"
    assert "2 not counted" in card_text({**STATE, "kind": "scan"}, scan(["A", "a", 1.0, 0.1]))


def test_a_study_is_told_as_table_and_sentences():
    text = Reader(card_html({**STATE, "kind": "study"}, study(), CardSettings(), None)).text
    assert "+0.60 % *" in text
    assert "60 bars–––– (–)" in text
    assert "Two days." in text
    assert "Two days." in card_text({**STATE, "kind": "study"}, study())
    assert "两天。" in card_html(
        {**STATE, "kind": "study"}, study(), CardSettings(locale="zh"), None
    )
    shown = study_markdown(study())
    assert r"\<script\>" in shown and "<script>" not in shown
    assert draw(study(), CardSettings())[:4] == b"\x89PNG"


def test_both_languages_say_everything():
    assert CATALOGUES["en"].keys() == CATALOGUES["zh"].keys()


def test_picture_is_small_and_shows_both_directions():
    document = analysis()
    document["bars"]["open"][5] += 3  # one falling day
    data = draw(document, CardSettings())
    image = Image.open(BytesIO(data)).convert("RGB")
    assert (image.width, len(data) < 60_000) == (1080, True)
    colours = {colour for _count, colour in image.getcolors(10_000)}
    assert any(r > 150 and g < 90 for r, g, _b in colours)
    assert any(g > 100 and r < 90 and b < 120 for r, g, b in colours)


def test_nothing_to_draw_gives_no_picture():
    assert draw(scan(), CardSettings()) is None
    assert draw(scan(["A", "a", 1.0, None]), CardSettings()) is None


SPARKS = ["AAAgQQAAJEEAP38=", "", "AACAPwAAAD8Af8A="]
"""10 to 10.25 over three bars; none; 1 to 0.5, bars missing before the third."""


@pytest.mark.parametrize(("symbol", "rise"), [("AAPL", "#1b7f4d"), ("600519.SS", "#c62828")])
def test_rows_of_a_scan_have_their_sparkline_in_the_markets_colour_and_in_words(symbol, rise):
    document = {
        **scan([symbol, "A", 1, 0.1], ["B", "B", 1, 0.1], ["C", "C", 1, 0.1]),
        "sparks": SPARKS,
    }
    state = {**STATE, "kind": "scan"}
    html = card_html(state, document, CardSettings(locale="zh"), None)
    read = Reader(html)
    assert read.tags.count("svg") == 2
    assert f"stroke='{rise}'" in html
    assert "aria-label='近 3 个交易日：从 10.00 到 10.25，+2.50%'" in html
    assert "M57 127L58 0M59 63" in html
    assert "近 60 日" in html
    assert "svg" not in card_html(state, scan([symbol, "A", 1, 0.1]), CardSettings(), None)


def test_a_rule_of_ones_own_is_called_as_its_author_called_it_in_chinese():
    own = {"name": "weeks", "title": "Three weeks", "title_zh": "三周连阳"}
    state = {**STATE, "kind": "scan", "title": "sample · Three weeks", "params": {"function": own}}
    heads = [card_html(state, scan(), CardSettings(locale=locale), None) for locale in ("zh", "en")]
    assert ["三周连阳" in head for head in heads] == [True, False]
