"""What a job says, gathered into few frames before it leaves the worker.

A job may yield a million steps; the server must not notice. Frames leave at most every 50 ms, and
100 ms after one with rows, which each reader of the task has to draw. The first rows wait for
nothing: somebody looks at an empty table until they come.
Within one frame, a step takes the place of one of the same stage, and a partial result that of an
earlier one, if nothing but these and checkpoints lies between them: what a frame holds is
journalled at once. A job says its counters before the rows that they count, and so they stand
there: readers get no rows without their counters. When 256 items wait, the job waits too.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import cast

from stockwidget.tasks.events import merge
from stockwidget.tasks.frames import Ending, Item, encode_end, encode_said
from stockwidget.tasks.steps import Checkpoint, Partial, Step

GAP_S = 0.05
ROWS_GAP_S = 0.1
FULL = 256


class Batch:
    """Items since the last frame, already conflated. Pure."""

    def __init__(self) -> None:
        self._items: list[Item] = []
        self._taken_in = 0
        self._last_step: Step | None = None

    def __len__(self) -> int:
        return len(self._items)

    @property
    def full(self) -> bool:
        """Whether the job should wait: by items left, or by partial results folded into one."""
        return self._taken_in >= FULL

    def add(self, item: Item) -> None:
        """Take an item in; a step equal to the last one, sent or not, is no news."""
        if isinstance(item, Step):
            if item == self._last_step:
                return
            self._last_step = item
            place = self._step_before(item.stage)
            if place is not None:
                self._items[place] = item
                return
        self._taken_in += 1
        place = self._partial_before() if isinstance(item, Partial) else None
        if place is None:
            self._items.append(item)
        else:
            self._items[place] = join(cast("Partial", self._items[place]), cast("Partial", item))

    def _step_before(self, stage: str) -> int | None:
        for place in range(len(self._items) - 1, -1, -1):
            item = self._items[place]
            if isinstance(item, Step):
                return place if item.stage == stage else None
            if not isinstance(item, Partial | Checkpoint):
                return None
        return None

    def _partial_before(self) -> int | None:
        for place in range(len(self._items) - 1, -1, -1):
            if isinstance(self._items[place], Partial):
                return place
            if not isinstance(self._items[place], Step | Checkpoint):
                return None
        return None

    def take(self) -> list[Item]:
        """All items, in order; the batch is empty afterwards."""
        items, self._items, self._taken_in = self._items, [], 0
        return items


def join(first: Partial, second: Partial) -> Partial:
    """One partial with the effect of both, applied in order."""
    kept = {key: rows for key, rows in first.append.items() if key not in second.set}
    return Partial(set={**first.set, **second.set}, append=merge(kept, {"append": second.append}))


class Outbox:
    """Sends one run's batches from a thread, so that a word before a long silence is heard."""

    def __init__(self, run: int, write: Callable[[bytes], None]) -> None:
        self._run = run
        self._write = write
        self._batch = Batch()
        self._changed = threading.Condition()
        self._ended = False
        self._rows = False
        """Whether rows have ever been put."""
        self._hurry = False
        self._problem: Exception | None = None
        self._thread = threading.Thread(target=self._flush, name="outbox", daemon=True)
        self._thread.start()

    def put(self, item: Item) -> None:
        """Take an item in; waits while full. Raises TypeError on what JSON cannot hold."""
        with self._changed:
            while self._batch.full and self._problem is None:
                self._changed.wait()
            if self._problem is not None:
                raise self._problem
            self._batch.add(item)
            if isinstance(item, Partial) and item.append and not self._rows:
                self._rows = self._hurry = True
            self._changed.notify_all()

    def end(self, ending: Ending) -> None:
        """Send what is left and then the ending."""
        with self._changed:
            self._send(self._batch.take())
            self._ended = True
            self._changed.notify_all()
            self._write(encode_end(self._run, ending))
        self._thread.join()

    def _flush(self) -> None:
        while True:
            with self._changed:
                while not self._batch and not self._ended:
                    self._changed.wait()
                if self._ended:
                    return
                items = self._batch.take()
                self._hurry = False
                self._send(items)
                rows = any(isinstance(item, Partial) and item.append for item in items)
                gap_s = ROWS_GAP_S if rows else GAP_S
                self._changed.wait_for(lambda: self._ended or self._hurry, gap_s)

    def _send(self, items: list[Item]) -> None:
        self._changed.notify_all()
        if items and self._problem is None:
            try:
                self._write(encode_said(self._run, items))
            except TypeError as error:
                self._problem = error
