"""What the doctor says, in the language it was asked in: an English sentence is its own key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from stockwidget.delivery.ladder import Failure
from stockwidget.notebook.doctor.chinese import FAILURES, SENTENCES

_LANGUAGE: ContextVar[str] = ContextVar("stockwidget_doctor_language", default="en")


@contextmanager
def speaking(locale: str | None) -> Iterator[str]:
    """Have ``say`` speak the language of ``locale`` (English unless ``zh``); gives its name."""
    language = "zh" if (locale or "").lower().startswith("zh") else "en"
    token = _LANGUAGE.set(language)
    try:
        yield language
    finally:
        _LANGUAGE.reset(token)


def say(sentence: str, **values: object) -> str:
    """``sentence`` with its values. Messages of errors, among the values, stay as they are."""
    text = SENTENCES[sentence] if _LANGUAGE.get() == "zh" else sentence
    return text.format(**values)


def reason(failure: Failure) -> str:
    """Why a transport did not work: what it said itself, in Chinese by its code."""
    return FAILURES[failure.code] if _LANGUAGE.get() == "zh" else failure.words


def language() -> str:
    """The language that is spoken now."""
    return _LANGUAGE.get()
