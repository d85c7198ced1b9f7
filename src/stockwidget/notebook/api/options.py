"""Options that several functions share."""

from __future__ import annotations

from typing import Any, Literal

Part = Any
"""A function marked by ``sw.signal`` or ``sw.factor``, or the name of an installed one."""
Locale = Literal["en", "zh"]
Colors = Literal["red-up", "green-up"]
