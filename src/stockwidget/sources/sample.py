"""Real daily bars that ship with the package; ``data/NOTICE.md`` says whose they are.

The listing is a small JSON file read without pandas; bars lie in a Parquet file with one row group
a symbol, so that reading one symbol touches nothing else.
"""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stockwidget.errors import SourceUnavailable, UnknownSymbol
from stockwidget.sources.base import Bars, Listing, Provenance, clip
from stockwidget.symbols import looks_synthetic

if TYPE_CHECKING:
    import pyarrow.parquet as pq

DATA = Path(str(files("stockwidget.sources"))) / "data"


class SampleSource:
    """The embedded sample, read once a process."""

    name = "sample"

    def __init__(self, folder: Path = DATA) -> None:
        self._folder = folder

    def symbols(self) -> tuple[str, ...]:
        """Symbols in alphabetical order."""
        return tuple(self._index["symbols"])

    def listings(self) -> tuple[Listing, ...]:
        """What the sample holds, in the order of ``symbols()``; needs no pandas."""
        return tuple(self._listing(symbol) for symbol in self.symbols())

    def bars(self, symbol: str, start: str | None = None, end: str | None = None) -> Bars:
        """See ``Source.bars``."""
        if symbol not in self._index["symbols"]:
            raise self._unknown(symbol)
        listing = self._listing(symbol)
        entry = self._index["symbols"][symbol]
        provenance = Provenance(
            source=self.name,
            synthetic=False,
            first=listing.first,
            last=listing.last,
            origin=listing.origin,
            licence=listing.licence,
            note=entry["note"],
            raw_is_split_adjusted=entry["raw_is_split_adjusted"],
        )
        table = self._parquet.read_row_group(entry["row_group"])  # type: ignore[no-untyped-call]
        frame = table.drop_columns(["symbol"]).to_pandas(date_as_object=False).set_index("date")
        return Bars(
            symbol=symbol,
            name=listing.name,
            market=listing.market,
            currency=listing.currency,
            frame=clip(frame, provenance, symbol, start, end),
            provenance=provenance,
        )

    @cached_property
    def _index(self) -> dict[str, Any]:
        try:
            index: dict[str, Any] = json.loads((self._folder / "sample.json").read_bytes())
        except (OSError, ValueError) as error:
            raise self._unavailable(f"sample.json cannot be read ({error})") from error
        return index

    @cached_property
    def _parquet(self) -> pq.ParquetFile:
        import pyarrow.parquet as pq
        from pyarrow.lib import ArrowException

        try:
            content = (self._folder / "sample.parquet").read_bytes()
            if hashlib.sha256(content).hexdigest() != self._index["sha256"]:
                raise self._unavailable("sample.parquet is not the file that sample.json describes")
            return pq.ParquetFile(BytesIO(content))  # type: ignore[no-untyped-call]
        except (OSError, ArrowException) as error:
            raise self._unavailable(f"sample.parquet cannot be read ({error})") from error

    def _listing(self, symbol: str) -> Listing:
        entry = self._index["symbols"][symbol]
        vendor = self._index["origins"][entry["origin"]]
        return Listing(
            symbol=symbol,
            name=entry["name"],
            market=entry["market"],
            currency=entry["currency"],
            first=entry["first"],
            last=entry["last"],
            bars=entry["bars"],
            origin=vendor["package"],
            licence=vendor["licence"],
        )

    def _unknown(self, symbol: str) -> UnknownSymbol:
        error = UnknownSymbol.of(symbol, known=self.symbols(), sources=[self.name])
        if looks_synthetic(symbol):
            error.hint = f"{symbol} is made up: pass source='synthetic' to get it."
        return error

    def _unavailable(self, why: str) -> SourceUnavailable:
        return SourceUnavailable(
            f"The embedded sample is damaged: {why}.",
            hint="Install stockwidget again.",
            source=self.name,
        )
