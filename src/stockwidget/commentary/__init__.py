"""Words of a language model about an analysis, and the check of every number in them.

A commentator is a function ``(facts, locale) -> Iterable[str]`` that a package offers under the
entry point group ``stockwidget.commentators``; docs/commentary.md shows one. Off unless asked for.
"""


class CommentaryFailed(Exception):  # noqa: N818 - named after what is wrong, as the others are
    """A commentator has nothing to say; readers see the message, so it names no secret."""
