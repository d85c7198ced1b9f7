"""What is said of a call whose arguments fit no parameter."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from stockwidget.errors import InvalidRequest, UnknownParameter

P = ParamSpec("P")
R = TypeVar("R")
_ANY_NUMBER = 0x04
"""Flag of the code of a function that takes ``*args`` (``inspect.CO_VARARGS``)."""


def named(function: Callable[P, R]) -> Callable[P, R]:
    """Refuse a misspelt parameter with the nearest one, and one too many that has no name.

    Python says of these what is wrong but not, before 3.13, what to write.
    """
    code: Any = function.__code__
    places: int = code.co_argcount
    names: tuple[str, ...] = code.co_varnames[: places + code.co_kwonlyargcount]
    open_end = bool(code.co_flags & _ANY_NUMBER)

    @wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        for key in kwargs:
            if key not in names:
                raise UnknownParameter.of(key, names)
        if len(args) > places and not open_end:
            plain, rest = names[:places], [f"{name}=…" for name in names[places:][:1]]
            raise InvalidRequest(
                f"{function.__name__} takes {' and '.join(plain) or 'nothing'} without a name, "
                f"and was given {args[places]!r:.80}.",
                hint=f"Write it as {function.__name__}({', '.join([*plain, *rest])}).",
            )
        return function(*args, **kwargs)

    return checked
