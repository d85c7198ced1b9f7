"""Whatever is typed gives a plan or an error that points into the text: nothing hangs or runs."""

from __future__ import annotations

import random
import sys
import time

from hypothesis import given, settings
from hypothesis import strategies as st

from stockwidget.errors import InvalidRule
from stockwidget.scan.rules import Plan, compile_rule
from stockwidget.scan.rules.functions import COLUMNS, FUNCTIONS
from stockwidget.scan.rules.presets import PRESETS

WORDS = [
    *FUNCTIONS, *COLUMNS, *PRESETS, "and", "or", "not", "in", "is", "if", "else", "lambda", "for",
    "import", "await", "yield", "None", "True", "x", "_", "__import__('os').system('false')",
    "exec('1')", "().__class__", "[]", "{}", "f'{close}'", "b'1'", "...", ":=", "==", "=", "<", ">=",
    "<>", "!=", "+", "-", "*", "**", "/", "//", "%", "@", "<<", "&", "|", "~", "^", ",", ".", ";",
    ":", "(", ")", "((", "))", "0", "1", "14", "200", "-1", "1.5", ".5", "5.", "1e9", "1e400", "0x1f",
    "0777", "1_0", "1j", "9" * 60, "'tdx'", '"', "'", "\\", "\n", "\t", "#", "\x00", "且", "或", "非",
    "（", "）", "，", "≥", "收盘", "é", "𝒙", "\u202e", "window=", "within=", "convention=", "*[1]", "**{}",
]  # fmt: skip
SEED = 20_260_101
CASES = 10_000


def rules() -> list[str]:
    """Half of them from single words, half from rules that a few letters were changed in."""
    rng = random.Random(SEED)
    good = [row.rule for row in PRESETS.values()]
    found = []
    for number in range(CASES):
        if number % 2:
            text = " " * rng.randint(0, 1)
            text = text.join(rng.choice(WORDS) for _ in range(rng.randint(1, 25)))
        else:
            letters = list(rng.choice(good))
            for _ in range(rng.randint(0, 5)):
                place = rng.randrange(len(letters) + 1)
                letters[place : place + rng.randint(0, 3)] = rng.choice([*WORDS, "", " "])
            text = "".join(letters)
        found.append(text)
    return found


def answered(text: str) -> bool:
    """Whether ``text`` gave a plan; else its error must point into it."""
    try:
        plan = compile_rule(columns=[text])
    except InvalidRule as error:
        assert error.message
        assert str(error)
        if "column" in error.data:
            column, end = error.data["column"], error.data["end"]
            assert 0 <= column <= len(text), (text, error.data)
            assert column < end <= len(text) + 1, (text, error.data)
        else:
            assert len(text) > 2000 or not text.strip(), text
        return False
    assert Plan.from_dict(plan.to_dict()) == plan
    return True


def test_ten_thousand_strings() -> None:
    ran: list[str] = []
    watching = True

    def watch(event: str, _: object) -> None:
        if watching and event in ("exec", "os.system", "subprocess.Popen", "open", "import"):
            ran.append(event)

    compile_rule(rule="close > sma(20) and rsi(14) < 70")  # imports what is imported once
    sys.addaudithook(watch)
    begun, slowest, plans = time.process_time(), 0.0, 0
    for text in rules():
        before = time.process_time()
        plans += answered(text)
        slowest = max(slowest, time.process_time() - before)
    watching = False
    assert ran == []
    assert plans > CASES / 50, "some of them should be rules"
    assert slowest < 0.5
    assert time.process_time() - begun < 60


def test_long_and_deep_ones() -> None:
    for text in (
        "(" * 2000, "-" * 1999 + "1", "not " * 400 + "close > 1", "close" + ".x" * 900,
        "abs(" * 39 + "close" + ")" * 39 + " > 1", "1" * 1999, "+".join(["close"] * 300) + " > 1",
        "close" * 500, "a" * 2001, " and ".join(["close > 1"] * 150), "close > " * 200 + "1",
        " and ".join(f"sma({n}) > {n}" for n in range(2, 110)), "", " ", "\n", "sma" + "(3)" * 300,
        "1 - 1 > " * 100 + "close", " or ".join(f"score > {n}" for n in range(100)),
    ):  # fmt: skip
        answered(text)


NUMBERS = st.sampled_from(
    ["close", "volume", "3", "0.25", "1e3", "sma(20)", "rsi", "macd_dif(5, 8)"]
)


def _number(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        inner.map(lambda x: f"-{x}"),
        inner.map(lambda x: f"max({x}, open)"),
        inner.map(lambda x: f"ema({x} * close, 5)"),
        st.tuples(inner, st.integers(1, 40)).map(lambda t: f"highest(low + {t[0]}, {t[1]})"),
    )


def _condition(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(" ".join),
        inner.map(lambda x: f"not ({x})"),
        st.tuples(inner, st.integers(1, 9)).map(
            lambda t: f"within(close > 3 and ({t[0]}), {t[1]})"
        ),
    )


NUMBER = st.recursive(NUMBERS, _number, max_leaves=5)
COMPARED = st.tuples(NUMBER, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), NUMBER).map(
    " ".join
)
CONDITION = st.recursive(COMPARED.map(lambda t: f"close > {t}"), _condition, max_leaves=4)


@settings(max_examples=200, deadline=None)
@given(CONDITION)
def test_a_rule_as_it_is_usually_written_is_the_same_rule(text: str) -> None:
    try:
        plan = compile_rule(rule=text)
    except InvalidRule as error:
        lawful = ("has no value", "nested too deeply", "takes more than", "never does")
        assert any(reason in error.message for reason in lawful), error
        return
    again = compile_rule(rule=plan.outputs[0].label)
    assert again == plan


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    answered(text)
