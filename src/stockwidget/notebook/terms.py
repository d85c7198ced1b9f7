"""The words of a result document, and of the static output around it, in a reader's language."""

from __future__ import annotations

from stockwidget.analysis.wording import Wording
from stockwidget.notebook.words import say


class Terms(Wording):
    """``terms`` of a document with the words of the static output."""

    def say(self, key: str, **values: object) -> str:
        """A word of the static output, not of the document."""
        return say(self.language, key, **values)
