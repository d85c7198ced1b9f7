"""What a scan and a study found have in common: some symbols could not be judged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import pandas as pd

from stockwidget.notebook.results import Result


class ManySymbols(Result):
    """The same of results about many symbols, of which some could not be judged."""

    @cached_property
    def failures(self) -> pd.DataFrame:
        """Symbols that could not be judged: ``code`` and ``message``, indexed by ``symbol``."""
        return failures_frame(self.document["failures"])

    @property
    def counters(self) -> dict[str, int]:
        """``total processed found failed``; a study's ``found`` counts the hits of all days."""
        return dict(self.document["counters"])


def failures_frame(failures: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """``code`` and ``message`` by symbol."""
    found = pd.DataFrame(list(failures), columns=["symbol", "code", "message"])
    return found.set_index("symbol")
