"""What users scan, as a request can carry it: names, paths on this machine, lists of symbols."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

import orjson

from stockwidget.errors import InvalidRequest, nearest
from stockwidget.params import PLACES
from stockwidget.store.files import publish
from stockwidget.store.places import data_dir
from stockwidget.symbols import normalize

if TYPE_CHECKING:
    import pandas as pd

    from stockwidget.store.barstore import BarStore
    from stockwidget.store.members import Members

    Askable = str | Path | Iterable[str] | BarStore | pd.DataFrame

_NAME = re.compile(r"[\w][\w .+-]{0,59}")


def universe_of(asked: Askable, field: str = "universe") -> str | Sequence[str]:
    """The ``universe`` of a request. Bars of a frame go into a store that their content names.

    Raises InvalidRequest that names ``field`` for what names no bars, InvalidBars.
    """
    if isinstance(asked, str):
        return _named(asked)
    if isinstance(asked, Path):
        folder = _absolute(asked)
        return f"{'store' if (folder / 'versions').is_dir() else 'folder'}:{folder}"
    if hasattr(asked, "snapshot") and hasattr(asked, "path"):
        return f"store:{asked.path}"
    if is_frame(asked):
        return f"store:{stored(asked)}"
    return asked if isinstance(asked, Sequence) else _listed(asked, field)


def source_of(asked: Askable | None, members: pd.DataFrame | None, universe: object) -> object:
    """The ``source`` of a request: a name, or where the bars of a frame and their members are kept.

    Members go beside a frame; a frame of them without a column ``index`` is of the index that is
    asked for. Raises InvalidRequest, InvalidBars.
    """
    if members is None:
        return None if asked is None else universe_of(asked, "source")
    if not is_frame(asked):
        raise InvalidRequest(
            "Members go beside bars of your own.",
            hint="Give the bars too, sw.scan('index:Mine', source=bars, members=members), put the "
            "members into a store, sw.store(path).put_members(members), or into a file members.csv "
            "in the folder of the bars.",
            field="members",
        )
    from stockwidget.store.members import read

    kind, _, name = str(universe).partition(":")
    asked_for = name.strip() if kind.lower() == "index" else None
    return f"store:{stored(asked, members=read(members, otherwise=asked_for))}"


def _named(asked: str) -> str | list[str]:
    kind, _, rest = asked.partition(":")
    if kind == "watchlist":
        return watchlist(rest)
    return f"{kind}:{_absolute(rest)}" if kind in PLACES and rest else asked


def cluster_of(asked: object) -> object:
    """The ``cluster`` of a request: a Dask client or cluster gives its scheduler's address."""
    scheduler = getattr(asked, "scheduler", None)
    for place in (asked, scheduler):
        for name in ("scheduler_address", "address"):
            if isinstance(found := getattr(place, name, None), str):
                return found
    return asked


def watchlist(name: str, symbols: Sequence[str] | None = None) -> list[str]:
    """Save ``symbols`` as a list called ``name``, or return those saved before."""
    folder = data_dir() / "watchlists"
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise InvalidRequest(
            f"{name!r} cannot name a watchlist.",
            hint="Use letters, digits, blanks and . + - _, 60 at most.",
            field="watchlist",
        )
    path = folder / f"{name}.json"
    if symbols is not None:
        wrong = isinstance(symbols, str | Mapping) or not isinstance(symbols, Iterable)
        if wrong or not (listed := _listed(symbols, "symbols")):
            raise InvalidRequest(
                "A watchlist is a list of one symbol or more.",
                hint=f"For example sw.watchlist({name!r}, ['AAPL', 'MSFT']).",
                field="symbols",
            )
        found = list(dict.fromkeys(normalize(symbol) for symbol in listed))
        folder.mkdir(parents=True, exist_ok=True)
        publish(path, orjson.dumps(found))
        return found
    try:
        saved: list[str] = orjson.loads(path.read_bytes())
    except OSError:
        near = nearest(name, [each.stem for each in folder.glob("*.json")])
        raise InvalidRequest(
            f"There is no watchlist {name!r}.",
            hint=f"Did you mean {near[0]!r}?"
            if near
            else f"sw.watchlist({name!r}, ['AAPL', 'MSFT']) saves one.",
            field="universe",
            nearest=near,
        ) from None
    return saved


def is_frame(asked: object) -> TypeGuard[pd.DataFrame]:
    """Whether something is a DataFrame, without importing pandas."""
    return hasattr(asked, "columns") and hasattr(asked, "iloc")


def stored(
    frame: pd.DataFrame,
    *,
    symbol: str | None = None,
    facts: pd.DataFrame | None = None,
    members: Members | None = None,
) -> Path:
    """The store that has the bars of a frame, facts and members; the same content has the same one.

    ``symbol`` is whose they are if the frames do not say. Raises InvalidBars, InvalidFacts.
    """
    from stockwidget.facts.table import facts_of
    from stockwidget.facts.table import read as read_facts
    from stockwidget.store.barstore import BarStore
    from stockwidget.store.manifest import About
    from stockwidget.store.tables import read

    table = read(frame, symbol=symbol)
    checked = None if facts is None else read_facts(facts, symbol=symbol)
    digest = hashlib.blake2b(repr(table.symbols).encode(), digest_size=12)
    arrays: list[Any] = [table.offsets, table.dates, *table.columns]
    for array in arrays:
        digest.update(array)
    if checked is not None:
        digest.update(orjson.dumps([asdict(fact) for fact in facts_of(checked)]))
        digest.update(repr(checked["symbol"].tolist()).encode())
    if members:
        digest.update(orjson.dumps(members))
    store = BarStore(data_dir() / "frames" / digest.hexdigest())
    if not store.exists:
        about = About(source="frame", origin="a DataFrame of the user", licence="the user's")
        store.extend([table], members=members, about=about)
    if checked is not None and not store.snapshot.manifest.facts:
        store.extend_facts(checked)
    return store.path


def _absolute(path: str | Path) -> Path:
    return Path(path).expanduser().resolve()


def _listed(asked: Any, field: str) -> list[str]:
    """Symbols of an index, an array or a set. Raises InvalidRequest for what is no list."""
    if isinstance(asked, Mapping):
        raise InvalidRequest(
            f"{field} is a mapping, which names no bars.",
            hint="One DataFrame with a column symbol holds the bars of several: "
            "pd.concat(frames, names=['symbol', 'date']).",
            field=field,
        )
    if not isinstance(asked, Iterable) or isinstance(asked, bytes):
        names = "'sample', 'synthetic:500', 'US'" if field == "universe" else "'sample'"
        listed = "" if field == "source" else ", a list of symbols"
        raise InvalidRequest(
            f"{field} cannot be {asked!r:.80}.",
            hint=f"Pass a name ({names}){listed}, a store, the Path of a folder, or a DataFrame "
            "of bars.",
            field=field,
        )
    found = list(asked)
    return sorted(found, key=str) if isinstance(asked, set | frozenset) else found
