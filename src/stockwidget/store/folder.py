"""A folder of files as a place of bars: read into a store, anew when a file has changed."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from stockwidget.errors import InvalidRequest
from stockwidget.store.barstore import BarStore
from stockwidget.store.manifest import About
from stockwidget.store.places import data_dir, state


def store_of(folder: Path) -> BarStore:
    """The store that has the bars of ``folder`` as it is. Raises InvalidBars, InvalidRequest."""
    from stockwidget.store.intake import members_in, tables

    if not folder.is_dir():
        raise InvalidRequest(
            f"There is no folder {folder}.",
            hint="Tasks run on the server's machine: name a folder there.",
            field="universe",
        )
    name = hashlib.blake2b(str(folder).encode(), digest_size=6).hexdigest()
    place = data_dir() / "folders" / name / state(folder)
    store = BarStore(place)
    if not store.exists:
        about = About(
            source="folder",
            origin=str(folder),
            licence="as the files in the folder",
            note="Bars as the files have them.",
        )
        store.extend(tables(folder, symbol=None), members=members_in(folder), about=about)
        for other in place.parent.iterdir():  # of earlier states
            if other != place:
                shutil.rmtree(other, ignore_errors=True)
    return store
