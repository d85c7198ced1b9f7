"""Hears a commentator out, in a thread and within bounds: it may raise, hang or never end."""

from __future__ import annotations

import queue
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from stockwidget.commentary import CommentaryFailed
from stockwidget.commentary.check import check
from stockwidget.commentary.registry import Commentator

LIMIT_S = 120.0
"""For all of it; a thread that hangs is left behind, it dies with its worker."""
TICK_S = 0.4
"""Pieces are told so often, and the time between is when a stop is noticed."""
MOST = 12_000
"""Letters that are kept."""
_WAITING = 256
_ENDS = re.compile(r"[.!?](?=\s)|[。！？\n]")
"""Ends of sentences: what stands before one is judged for good, as far as can be told meanwhile."""


class Hearing:
    """What one commentator says. Iterate it once; ``document`` then tells all of it, checked."""

    def __init__(
        self,
        load: Callable[[], Commentator],
        facts: Mapping[str, Any],
        locale: str,
        *,
        limit_s: float = LIMIT_S,
    ) -> None:
        self.text = ""
        self.missing: dict[str, str] | None = None
        """Why there is no text, or only its beginning: ``key`` and ``detail``."""
        self._load, self._facts, self._locale = load, facts, locale
        self._limit_s = limit_s
        self._heard: queue.Queue[str | BaseException | None] = queue.Queue(_WAITING)
        self._over = threading.Event()
        self._judged = 0
        """Where the first sentence begins of which ``doubts`` has not told."""

    def __iter__(self) -> Iterator[str]:
        """What came since the last tick, ``""`` if nothing did. Never raises."""
        threading.Thread(target=self._speak, daemon=True, name="commentator").start()
        end = time.monotonic() + self._limit_s
        try:
            going = True
            while going:
                piece, going = self._listen(min(end, time.monotonic() + TICK_S))
                room = MOST - len(self.text)
                self.text += piece[:room]
                yield piece[:room]
                if len(piece) > room:
                    self.missing, going = _why("long", f"{MOST:,}"), False
                elif going and time.monotonic() >= end:
                    self.missing, going = _why("late", f"{self._limit_s:g} s"), False
        finally:
            self._over.set()
        if not self.text.strip() and self.missing is None:
            self.missing = _why("empty")

    def doubts(self) -> list[list[int]]:
        """``[start, end]`` in ``text`` of numbers that no fact bears out, of newly ended sentences.

        Told while it speaks; ``document`` has the last word on all of it.
        """
        end = max((found.end() for found in _ENDS.finditer(self.text, self._judged)), default=0)
        if end <= self._judged:
            return []
        begun, self._judged = self._judged, end
        wrong = check(self.text[:end], self._facts).unmatched
        return [[each.start, each.end] for each in wrong if each.start >= begun]

    def document(self, name: str) -> dict[str, Any]:
        """``by locale parts numbers unmatched missing``, as results hold it (docs/protocol.md)."""
        checked = check(self.text.strip(), self._facts)
        return {
            "by": name,
            "locale": self._locale,
            "parts": checked.parts(),
            "numbers": checked.count,
            "unmatched": len(checked.unmatched),
            "missing": self.missing,
        }

    def _listen(self, until: float) -> tuple[str, bool]:
        """What is said by then, and whether more may come."""
        said: list[str] = []
        while True:
            try:
                each = self._heard.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                return "".join(said), True
            if isinstance(each, str):
                said.append(each)
                if time.monotonic() >= until:
                    return "".join(said), True
                continue
            if isinstance(each, CommentaryFailed):
                self.missing = _why("failed", str(each))
            elif each is not None:
                # Its message may hold anything, a key too.
                self.missing = _why("failed", type(each).__name__)
            return "".join(said), False

    def _speak(self) -> None:
        try:
            pieces: Iterable[Any] = self._load()(self._facts, self._locale)
            for piece in [pieces] if isinstance(pieces, str) else pieces:
                if not isinstance(piece, str):
                    said = f"It gave a {type(piece).__name__} instead of text."
                    self._tell(CommentaryFailed(said))
                    return
                if not self._tell(piece):
                    return
            self._tell(None)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it costs the commentary alone
            self._tell(error)

    def _tell(self, what: str | BaseException | None) -> bool:
        """False when nobody listens any more."""
        while not self._over.is_set():
            try:
                self._heard.put(what, timeout=TICK_S)
            except queue.Full:
                continue
            return True
        return False


def _why(key: str, detail: str = "") -> dict[str, str]:
    return {"key": key, "detail": detail}
