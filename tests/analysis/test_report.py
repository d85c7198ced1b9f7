"""The report says what the document says: every number is there, missing is said, both languages alike."""

import re

import pytest

from stockwidget import jobs
from stockwidget.analysis.report import report, reports
from stockwidget.errors import InvalidRequest

NUMBER = re.compile(r"[+-]?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?( ?%)?")
DATE = re.compile(r"\d{4}-\d\d-\d\d")
FIXED = {"0", "14", "20", "52", "100", "252"}
"""Windows of indicators and the ends of the scale, which stand in the sentences themselves."""


def document(**params):
    *_, last = jobs.analysis(params)
    return last.data


CASES = {
    "plain": {"symbol": "AAPL"},
    "short": {"symbol": "FB", "end": "2012-07-20"},
    "benchmark": {"symbol": "IBM", "benchmark": "AAPL", "risk_free": 0.031},
    "raw": {"symbol": "MSFT", "adjust": "raw"},
    "weighted": {"symbol": "AMZN", "weights": {"trend": 0.37, "volume": 0.63}},
    "synthetic": {"symbol": "SYN00003", "source": "synthetic"},
}


@pytest.fixture(scope="module", params=CASES)
def found(request):
    return document(**CASES[request.param])


def leaves(value):
    if isinstance(value, dict):
        for each in value.values():
            yield from leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each)
    else:
        yield value


def facts(found):
    """Scalars of the parts that a report may quote; of long series only their length is left."""
    parts = ("provenance", "params", "summary", "score", "levels", "trend", "risk", "sizing", "record", "fundamentals", "quality")  # fmt: skip
    told = {name: found[name] for name in parts}
    told["score"] = {**found["score"], "history": None}
    return list(leaves(told)), set(found["signals"]["date"])


def lines(paragraphs):
    return [line for each in paragraphs for line in each["lines"]]


def known(token, numbers):
    """Whether a number as it is written is one of ``numbers``, rounded."""
    bare = token.replace(",", "").rstrip(" %")
    shown = float(bare)
    for number in numbers:
        value = 100 * number if token.endswith("%") else number
        if shown == pytest.approx(float(f"{value:.4g}"), rel=1e-12):
            return True
        decimals = len(bare.partition(".")[2]) if "e" not in bare else 9
        if abs(value - shown) <= 0.5000001 * 10.0**-decimals:
            return True
    return False


def test_every_number_is_a_fact_of_the_document(found):
    scalars, signal_days = facts(found)
    numbers = [v for v in scalars if isinstance(v, int | float) and not isinstance(v, bool)]
    words = {t for section in found["terms"].values() for each in section.values()
             for language in ("title", "rule") for t in (each[language] or {}).values()}  # fmt: skip
    words |= {v for v in scalars if isinstance(v, str) and " " in v}
    texts = sorted(words, key=len, reverse=True)
    days = {v for v in scalars if isinstance(v, str)} | signal_days
    checked = 0
    for line in lines(report(found, "en")) + lines(report(found, "zh")):
        for day in DATE.findall(line):
            assert day in days, line
        bare = DATE.sub("", line).replace(found["symbol"], "")
        for text in texts:
            bare = bare.replace(text, "")
        for match in NUMBER.finditer(bare):
            token = match.group()
            assert token in FIXED or known(token, numbers), (token, line)
            checked += 1
    assert checked > 60


def test_the_check_itself_finds_an_invented_number():
    assert known("27.4 %", [0.27413])
    assert known("1,234.50", [1234.497])
    assert not known("27.5 %", [0.27413])
    assert not known("3", [2.4, 27.0])


def test_both_languages_say_the_same(found):
    english, chinese = reports(found).values()
    assert [each["key"] for each in english] == [each["key"] for each in chinese]
    assert [len(each["lines"]) for each in english] == [len(each["lines"]) for each in chinese]
    assert all(re.search("[\u4e00-\u9fff]", each["title"]) for each in chinese)
    assert not any(re.search("[\u4e00-\u9fff]", line) for line in lines(english))
    assert found["report"] == {"en": english, "zh": chinese}


def test_what_is_unknown_is_said_to_be():
    said = "\n".join(lines(report(document(symbol="FB", end="2012-07-02"))))
    assert "Too little history for: the return over 252 bars" in said
    assert "60 % are needed" in said
    assert "The score is" not in said
    assert "do not reach back 52 weeks" in said
    assert "Rules that could not be judged:" in said
    assert "Sharpe" not in said or "Too few returns" not in said


def test_both_sides_are_heard():
    told = {each["key"]: each["lines"] for each in report(document(symbol="AAPL"))}
    assert sum(line.startswith("Holds: ") for line in told["case_for"]) == 5
    assert sum(line.startswith("Fails: ") for line in told["case_against"]) == 13
    assert "Holds: SMA 50 above SMA 200 (183.60 against 165.00)." in told["case_for"]
    assert any(
        "2023-09-07: Gap down" in line and "anecdote" in line for line in told["case_against"]
    )


def test_what_changed_is_told_between_two_days():
    then, now = document(symbol="AAPL", as_of="2023-06-30"), document(symbol="AAPL")
    paragraphs = {each["key"]: each for each in report(now, earlier=then)}
    changed = paragraphs["changes"]
    assert changed["title"] == "Since the analysis of 2023-06-30"
    close = dict(zip(now["bars"]["date"], now["bars"]["close"], strict=True))
    moved = 100 * (close["2023-09-21"] / close["2023-06-30"] - 1)
    assert changed["lines"][0].startswith(f"The close moved by {moved:+.1f} %")
    old, new = then["score"], now["score"]
    assert (
        f"from {old['value']:.0f} (“Strong buy”) to {new['value']:.0f} (“Reduce”)"
        in changed["lines"][1]
    )
    lost = next(line for line in changed["lines"] if line.startswith("Holds no longer"))
    assert "close above SMA 50" in lost
    assert "SMA 50 above SMA 200" not in "".join(changed["lines"])
    signals = next(line for line in changed["lines"] if line.startswith("Signals since"))
    assert min(DATE.findall(signals)) > "2023-06-30"
    assert len(DATE.findall(signals)) == sum(day > "2023-06-30" for day in now["signals"]["date"])
    assert "changes" not in [each["key"] for each in report(now)], (
        "nothing is said without an earlier one"
    )


def test_the_same_day_has_no_news():
    now = document(symbol="AAPL")
    lines = {each["key"]: each for each in report(now, earlier=now)}["changes"]["lines"]
    assert lines == [
        "No bar has been added since.",
        "The score is still 27 (“Reduce”).",
        "The same rules hold.",
    ]


def test_what_was_asked_differently_is_not_compared():
    then = document(symbol="AAPL", as_of="2023-06-30", weights={"trend": 1.0})
    said = "\n".join(
        {e["key"]: e for e in report(document(symbol="AAPL"), earlier=then)}["changes"]["lines"]
    )
    assert "Asked differently then: weights." in said
    assert "The score" not in said
    assert "Signals since" in said


@pytest.mark.parametrize("other", [{"symbol": "MSFT"}, {"symbol": "AAPL"}])
def test_only_an_earlier_result_of_the_symbol_is_compared(other):
    with pytest.raises(InvalidRequest) as caught:
        report(document(symbol="AAPL", as_of="2013-02-20"), earlier=document(**other))
    assert caught.value.data["field"] == "since"
    assert caught.value.hint
