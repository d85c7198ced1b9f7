"""Which symbols a scan looks at, and where: universe, market, cluster."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from stockwidget.errors import InvalidRequest, nearest
from stockwidget.symbols import MARKETS, normalize

PLACES = ("store", "folder")
"""Kinds of universes that are named by a path on the machine that scans."""
INDEX_NAME = re.compile(r"[\w][\w .&+-]{0,39}")
_PORT = re.compile(r"//[^\s/]+:\d{1,5}")
"""What follows the scheme in the address of a scheduler."""
_TICKER = re.compile(r"[A-Z]{1,5}|\d{4,6}\.[A-Z]{2}")
"""What is more likely a symbol than the name of a universe."""
MAX_SYNTHETIC = 99_999
MAX_SYMBOLS = 20_000


def read_universe(value: object) -> str | tuple[str, ...]:
    """Return the canonical name of a universe, or its symbols without repeats."""
    if isinstance(value, str):
        name = value.strip().lower()
        kind, colon, count = name.partition(":")
        if name == "sample":
            return name
        code = (count if kind == "market" else name).strip().upper()
        if code in MARKETS and (kind == "market" or not colon):
            return f"market:{code}"
        if kind == "index" and INDEX_NAME.fullmatch(
            index := value.strip().partition(":")[2].strip()
        ):
            return f"index:{index}"
        place = Path(value.strip().partition(":")[2])
        if kind in PLACES and place.is_absolute():
            return f"{kind}:{place}"
        short = len(count) <= 9 and count.isascii()
        if kind == "synthetic" and colon and short and count.isdigit():
            n = int(count)
            if 1 <= n <= MAX_SYNTHETIC:
                return f"synthetic:{n}"
        raise _unknown(value)
    if not isinstance(value, Sequence) or not value:
        raise InvalidRequest(
            "universe must be 'sample', 'synthetic:N' or a list of at least one symbol.",
            hint="For example universe=['AAPL', 'MSFT'].",
            field="universe",
        )
    if len(value) > MAX_SYMBOLS:
        raise InvalidRequest(
            f"universe lists {len(value)} symbols; {MAX_SYMBOLS} is the most.",
            hint="Split the list into several scans.",
            field="universe",
        )
    return tuple(dict.fromkeys(normalize(v, field="universe") for v in value))


def _unknown(value: str) -> InvalidRequest:
    """What to write in place of a universe that nobody knows."""
    name = value.strip()
    markets = [f"market:{m.lower()}" for m in MARKETS]
    near = nearest(name.lower(), ["sample", "synthetic:500", *markets])
    said = f" Did you mean {near[0]!r}?" if near else ""
    if _TICKER.fullmatch(name):
        said = f" A list of one symbol is written ['{name}']."
    elif any(sign in name for sign in "<>=("):
        said = " A rule is named, rule='…', or comes second."
    return InvalidRequest(
        f"Unknown universe {value!r}.{said}",
        hint="Use 'sample', 'synthetic:N' with N from 1 to 99999 (as 'synthetic:500'), a "
        f"market of a source ({', '.join(MARKETS)}), 'index:' with the name of an index whose "
        "members the source knows, 'store:' or 'folder:' with a full path, "
        "or a list of symbols.",
        field="universe",
        kind="unknown_universe",
        given=value[:200],
        nearest=near,
    )


def read_market(value: object) -> str | None:
    """Return the code of a known market; None stays None."""
    if value is None:
        return None
    code = value.strip().upper() if isinstance(value, str) else value
    if code in MARKETS:
        return str(code)
    raise InvalidRequest(
        f"Unknown market {value!r}.",
        hint=f"Known: {', '.join(MARKETS)}.",
        field="market",
    )


def is_remote(cluster: object) -> bool:
    """Whether a scheduler decides what runs: what it sends is unpickled by whoever connects."""
    return cluster is not None and not str(cluster).strip().startswith("local:")


def read_cluster(value: object) -> str | None:
    """Return the address of a Dask scheduler, or ``local:N``; None stays None."""
    if value is None:
        return None
    kind, _, rest = value.strip().partition(":") if isinstance(value, str) else ("", "", "")
    count = len(rest) <= 3 and rest.isascii() and rest.isdigit() and 1 <= int(rest) <= 256
    if (kind == "local" and count) or (kind in {"tcp", "tls", "ucx"} and _PORT.fullmatch(rest)):
        return f"{kind}:{rest}"
    raise InvalidRequest(
        f"cluster must be a scheduler's address or 'local:N', not {value!r}.",
        hint="For example cluster='tcp://10.0.0.5:8786', or 'local:2' for two processes.",
        field="cluster",
    )
