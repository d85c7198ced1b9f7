"""A commentary is shown as a language model's words, escaped, with unmatched numbers marked."""

import pytest

from stockwidget.notebook.commentary import Commentary, commentary_html, commentary_text
from stockwidget.notebook.results import AnalysisResult

SAID = {
    "by": "some-model",
    "locale": "en",
    "parts": [
        {"text": "<b>It</b> closed at 173.93.\nThe P/E is ", "unmatched": False},
        {"text": "28.7", "unmatched": True},
    ],
    "numbers": 2,
    "unmatched": 1,
    "missing": None,
}
GONE = {**SAID, "parts": [], "numbers": 0, "unmatched": 0}


def test_it_gives_text_and_unmatched_numbers():
    said = AnalysisResult({"symbol": "AAPL", "commentary": SAID}).commentary
    assert said.text == "<b>It</b> closed at 173.93.\nThe P/E is 28.7"
    assert (said.unmatched, said.numbers, said.missing) == (["28.7"], 2, None)
    assert str(said).splitlines() == [
        "Commentary · by some-model: a language model's words, not computed by stockwidget",
        "<b>It</b> closed at 173.93.",
        "The P/E is [?28.7]",
        "2 numbers checked, 1 not among the facts of this analysis (marked).",
    ]
    assert ">28.7</span>" in said._repr_html_()
    assert AnalysisResult({"symbol": "AAPL"}).commentary is None


def test_html_escapes_it_and_marks_the_unmatched_alone():
    html = commentary_html(SAID, "en")
    assert "&lt;b&gt;It&lt;/b&gt; closed at 173.93.<br>The P/E is <span style=" in html
    assert html.count("title=") == 1
    assert "<b>It" not in html


@pytest.mark.parametrize(
    ("why", "english", "chinese"),
    [
        (
            ("failed", "RuntimeError"),
            "its commentator failed. RuntimeError",
            "点评程序出错。RuntimeError",
        ),
        (("late", "120 s"), "it took longer than 120 s.", "用时超过 120 s。"),
        (("long", "12,000"), "it was longer than 12,000 letters.", "超过 12,000 字。"),
        (("empty", ""), "its commentator said nothing.", "点评程序没有输出。"),
    ],
)
def test_why_it_is_missing_or_cut_is_said(why, english, chinese):
    gone = {**GONE, "missing": dict(zip(("key", "detail"), why, strict=True))}
    assert Commentary(gone).missing == f"There is no commentary: {english}"
    assert commentary_text(gone, "zh")[-1] == f"没有点评：{chinese}"
    cut = Commentary({**SAID, "missing": gone["missing"]}).missing
    assert cut == f"The commentary breaks off: {english}"
