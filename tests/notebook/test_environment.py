"""Who looks at this process's output is told apart; the process tree is read right."""

from __future__ import annotations

import os
from types import SimpleNamespace

import pytest

from stockwidget.notebook import environment


def shell(*, kernel: bool = True, stdin: bool = True, **namespace: object) -> SimpleNamespace:
    return SimpleNamespace(
        kernel=SimpleNamespace(_allow_stdin=stdin) if kernel else None, user_ns=namespace
    )


@pytest.mark.parametrize(
    ("here", "environ", "expected"),
    [
        (shell(kernel=False), {}, "ipython"),
        (shell(), {}, "live"),
        (shell(stdin=False), {}, "headless"),
        (shell(stdin=False), {"SERVER_SOFTWARE": "voila/0.5"}, "live"),
        (shell(__vsc_ipynb_file__="x.ipynb"), {}, "vscode"),
    ],
)
def test_frontends(here, environ, expected):
    assert environment.frontend(here, environ) == expected


def test_outside_ipython_it_is_plain():
    assert environment.frontend(None, {}) == "plain"
    assert environment.kernel_id() is None


def test_ancestors_begin_with_the_parent():
    assert environment.ancestors()[0] == os.getppid()
    assert environment.ancestors(2**22 + 1) == []
