"""The words of a result document in a reader's language: ``terms`` looked up by section and key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self

Language = Literal["en", "zh"]


class Wording:
    """``terms`` of a document; a key without words stands for itself."""

    def __init__(self, words: Mapping[str, Mapping[str, Any]], locale: str = "en") -> None:
        self._words = words
        self.language: Language = "zh" if locale == "zh" else "en"

    def speaking(self, locale: str) -> Self:
        """Return the same words in another language: ``zh``, else English."""
        return type(self)(self._words, locale)

    def title(self, section: str, key: str) -> str:
        """Name of ``key``."""
        found = self._words.get(section, {}).get(key)
        return str(found["title"][self.language]) if found else key

    def rule(self, section: str, key: str) -> str | None:
        """Definition of ``key``, if it has one beside its name."""
        found = self._words.get(section, {}).get(key) or {}
        return str(found["rule"][self.language]) if found.get("rule") else None

    def reason(self, said: Mapping[str, Any] | None, section: str = "reasons") -> str | None:
        """Sentence of a ``{"key", "params"}``; None for None."""
        if said is None:
            return None
        shown = {
            name: ", ".join(map(str, value)) if isinstance(value, list) else value
            for name, value in said["params"].items()
        }
        return self.title(section, said["key"]).format(**shown)
