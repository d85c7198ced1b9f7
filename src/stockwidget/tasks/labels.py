"""What a reader calls a task by: name, tags and notes. They never change what it computes."""

from __future__ import annotations

from collections.abc import Sequence

from stockwidget.errors import InvalidRequest
from stockwidget.tasks.store import Labels

NAME_LIMIT = 200
TAG_LIMIT = 60
TAGS = 20
NOTES_LIMIT = 4_000


def check_labels(*, name: object = None, tags: object = None, notes: object = None) -> Labels:
    """Labels as the journal keeps them: tags once each, in the order given. Raises InvalidRequest.

    None says nothing about a label.
    """
    return Labels(
        name=_text("name", name, NAME_LIMIT),
        tags=None if tags is None else _tags(tags),
        notes=_text("notes", notes, NOTES_LIMIT),
    )


def merged(had: Sequence[str], asked: Sequence[str]) -> tuple[str, ...]:
    """The tags of a task that somebody else asked for too; as many as a task may have."""
    return tuple(dict.fromkeys((*had, *asked)))[:TAGS]


def _text(field: str, value: object, limit: int) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > limit:
        raise InvalidRequest(
            f"{field} must be a string of at most {limit} characters.",
            hint="Shorten it, or leave it away.",
            field=field,
        )
    return value.strip()


def _tags(value: object) -> tuple[str, ...]:
    # A lone text is a sequence of letters: surely not what was meant.
    listed = list(value) if isinstance(value, list | tuple | set | frozenset) else None
    if listed is not None and len(listed) <= TAGS:
        tags = [tag.strip() for tag in listed if isinstance(tag, str)]
        if len(tags) == len(listed) and all(0 < len(tag) <= TAG_LIMIT for tag in tags):
            return tuple(dict.fromkeys(tags))
    raise InvalidRequest(
        f"tags must be a list of at most {TAGS} texts of 1 to {TAG_LIMIT} characters.",
        hint='Write for instance tags=["nightly", "momentum"].',
        field="tags",
    )
