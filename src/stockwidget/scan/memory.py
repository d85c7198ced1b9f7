"""What a scan remembers of a store, so that the same scan after an appended day reads no history.

For each symbol: how many bars were seen, and the state of every recursion after them. It is kept
beside the store, by plan. The next scan of the same plan reads the new bars and, of each column,
its longest finite window; its result has the same bytes as without a memory. Bars that got other
numbers since (the symbol's history was replaced, or a dividend moved its basis) are read anew.
"""

from __future__ import annotations

import contextlib
import os
import zlib
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from stockwidget.scan.rules import Plan
from stockwidget.scan.vm import depths, empty, evaluate, reach, state_size
from stockwidget.scan.vm.kernel import VERSION
from stockwidget.store.snapshot import Block, Snapshot

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
KEPT = 16
"""Plans remembered a store; those not used for longest go."""


class Memory:
    """The memory of one plan over one version of a store. Parts may be used by several threads."""

    def __init__(self, snapshot: Snapshot, plan: Plan) -> None:
        self._snapshot = snapshot
        self._plan = plan
        digest = blake2b(orjson.dumps([plan.to_dict(), VERSION]), digest_size=12).hexdigest()
        self.path = snapshot.folder / "states" / digest
        count = len(snapshot.symbols)
        self._seen: Ints = np.zeros(count, np.int64)
        self._state: Floats = np.zeros((count, state_size(plan)))
        self._changed = False
        self._read()

    def values(self, symbols: Sequence[str]) -> tuple[Floats, Block]:
        """Last values of ``symbols``, float64 (symbols, slots), and the bars that were read."""
        places = self._snapshot.places
        at = np.array([places[symbol] for symbol in symbols], np.int64)
        bars = self._snapshot.counts(symbols)
        seen, state = self._seen[at], self._state[at]
        seen[seen > bars] = 0
        new = np.where(seen > 0, bars - seen, 0)
        enough = reach(self._plan, int(new.max(initial=0)))
        if (seen > 0).all() and 2 * enough <= bars.max(initial=0):
            found, block = self._resumed(symbols, state, new, enough)
        else:
            found, block = self._whole(symbols, state)
        self._seen[at], self._state[at] = bars, state
        self._changed = self._changed or bool((seen != bars).any())
        return found, block

    def save(self) -> None:
        """Keep it for the next scan, if there is anything new in it and room on the disk."""
        if not self._changed:
            return
        body = self._seen.tobytes() + self._state.tobytes()
        head = orjson.dumps({**self._identity(), "crc32": zlib.crc32(body)})
        draft = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        with contextlib.suppress(OSError):  # a store that may only be read is scanned in full
            draft.parent.mkdir(exist_ok=True)
            draft.write_bytes(head + b"\n" + body)
            draft.replace(self.path)
            _forget(self.path.parent)

    def _whole(self, symbols: Sequence[str], state: Floats) -> tuple[Floats, Block]:
        block = self._snapshot.block(symbols)
        return self._evaluated(block, state, np.zeros(len(symbols), np.int64), None), block

    def _resumed(
        self, symbols: Sequence[str], state: Floats, new: Ints, enough: int
    ) -> tuple[Floats, Block]:
        most = int(new.max(initial=0))
        block = self._snapshot.newest(symbols, enough, depths(self._plan, most))
        short = np.zeros(len(symbols), np.bool_)
        before = state.copy()
        found = self._evaluated(block, before, np.diff(block.offsets) - new, short)
        state[:] = before
        if short.any():
            again = [symbols[k] for k in np.flatnonzero(short).tolist()]
            mine = np.zeros((len(again), state.shape[1]))
            found[short], _ = self._whole(again, mine)
            state[short] = mine
        return found, block

    def _evaluated(self, block: Block, state: Floats, seen: Ints, short: Any) -> Floats:
        count = len(block.symbols)
        out = empty(self._plan, count)
        evaluate(
            self._plan,
            *(block.open, block.high, block.low, block.close, block.volume),
            *(block.dates, block.offsets, 0, count, out),
            state=state,
            seen=seen,
            short=short,
        )
        return out

    def _identity(self) -> dict[str, Any]:
        manifest = self._snapshot.manifest
        return {"store": manifest.store, "version": manifest.version, "rows": len(self._seen)}

    def _read(self) -> None:
        try:
            head, _, body = self.path.read_bytes().partition(b"\n")
            known = orjson.loads(head)
            rows, crc32, store, version = (
                known[key] for key in ("rows", "crc32", "store", "version")
            )
        except (OSError, ValueError, KeyError, TypeError):
            return
        mine, width = self._identity(), self._state.shape[1]
        whole = len(body) == 8 * rows * (1 + width) and zlib.crc32(body) == crc32
        if not whole or store != mine["store"] or version > mine["version"]:
            return
        kept = min(rows, len(self._seen))  # symbols only ever come behind those that are there
        self._seen[:kept] = np.frombuffer(body, np.int64, rows)[:kept]
        state = np.frombuffer(body, np.float64, offset=8 * rows).reshape(rows, width)
        self._state[:kept] = state[:kept]
        revised = self._snapshot.manifest.revised
        for symbol, changed in revised.items():
            if changed > version:
                self._seen[self._snapshot.places[symbol]] = 0
        with contextlib.suppress(OSError):
            self.path.touch()


def _forget(folder: Path) -> None:
    kept = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in kept[KEPT:]:
        path.unlink(missing_ok=True)
