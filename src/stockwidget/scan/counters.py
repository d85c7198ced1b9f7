"""How far a scan is, and how its symbols fared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

from stockwidget.errors import InsufficientHistory, NoValue, SourceTimeout, StockwidgetError


@dataclass(frozen=True, kw_only=True, slots=True)
class Counters:
    """``found`` counts hits before ``top`` cuts them; ``failed`` all that could not be judged.

    Of those, ``abstained`` had bars that say neither yes nor no (too few, or a gap), and
    ``timed_out`` belong to a source that did not answer in time.
    """

    total: int
    processed: int = 0
    found: int = 0
    failed: int = 0
    timed_out: int = 0
    abstained: int = 0

    def plus(
        self, *, processed: int = 0, found: int = 0, errors: Iterable[StockwidgetError] = ()
    ) -> Counters:
        """Return the counters after another chunk."""
        failed = list(errors)
        return replace(
            self,
            processed=self.processed + processed,
            found=self.found + found,
            failed=self.failed + len(failed),
            timed_out=self.timed_out + sum(isinstance(e, SourceTimeout) for e in failed),
            abstained=self.abstained
            + sum(isinstance(e, InsufficientHistory | NoValue) for e in failed),
        )

    def towards(self, after: Counters, number: int, pieces: int) -> Counters:
        """Return the counters after ``number`` of ``pieces`` equal pieces on the way to ``after``.

        Rounded down, as what is cut into such pieces, so that the parts still fit the whole.
        """
        then = after.to_dict()
        said = {name: n + (then[name] - n) * number // pieces for name, n in asdict(self).items()}
        return Counters(**said)

    def to_dict(self) -> dict[str, int]:
        """As events and documents have them."""
        return asdict(self)
