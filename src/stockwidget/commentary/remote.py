"""``openai-compatible`` chat services as commentators: streamed ``/chat/completions``.

Set up by the server's environment: ``STOCKWIDGET_COMMENTARY_URL`` (as ``https://host/v1``),
``STOCKWIDGET_COMMENTARY_MODEL`` and, where the service wants one, ``STOCKWIDGET_COMMENTARY_KEY``.
The key goes into one header and nowhere else.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

from stockwidget.commentary import CommentaryFailed

PREFIX = "STOCKWIDGET_COMMENTARY_"
_CONNECT_S = 10.0
_SILENCE_S = 60.0
_LANGUAGES = {"en": "English", "zh": "Simplified Chinese, as an analyst in Shanghai writes"}
_TASK = """You comment on a finished technical analysis of one stock for an experienced reader.
The user's message is its facts as JSON: all that is known. Use no other number, compute none, and
copy numbers from it, rounded at most; returns are fractions there (0.01 is 1 %). Write digits, not
number words. Say what matters, what contradicts it and how reliable the record is. Where facts are
missing say so. No forecast, no advice, no headings, no lists: two or three short paragraphs of
plain text in {language}."""


def comment(facts: Mapping[str, Any], locale: str) -> Iterator[str]:
    """Yield the model's words as they come. Raises CommentaryFailed, which names no secret."""
    import httpx

    url, model = _setting("URL"), _setting("MODEL")
    key = os.environ.get(f"{PREFIX}KEY", "").strip()
    if not url.startswith(("https://", "http://")):
        raise CommentaryFailed(f"{PREFIX}URL must begin with https:// or http://.")
    if not url.endswith("/chat/completions"):
        url = url.rstrip("/") + "/chat/completions"
    request = {
        "model": model,
        "stream": True,
        "messages": [
            {"role": "system", "content": _TASK.format(language=_LANGUAGES[locale])},
            {"role": "user", "content": json.dumps(facts, ensure_ascii=False, default=float)},
        ],
    }
    headers = {"Accept": "text/event-stream"}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    timeout = httpx.Timeout(_SILENCE_S, connect=_CONNECT_S)
    try:
        with httpx.stream("POST", url, json=request, headers=headers, timeout=timeout) as answer:
            if answer.status_code != httpx.codes.OK:
                raise CommentaryFailed(_refusal(answer.status_code))
            yield from _pieces(answer.iter_lines())
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ValueError) as error:
        # Messages of these may hold the address or a header.
        said = type(error).__name__
        raise CommentaryFailed(f"The service could not be asked ({said}).") from None


def _setting(name: str) -> str:
    if value := os.environ.get(PREFIX + name, "").strip():
        return value
    raise CommentaryFailed(f"{PREFIX}{name} is not set where the server was started.")


def _pieces(lines: Iterator[str]) -> Iterator[str]:
    """The text in server-sent ``data:`` lines. Raises CommentaryFailed if it breaks off."""
    for line in lines:
        if not line.startswith("data:"):
            continue
        data = line.removeprefix("data:").strip()
        if data == "[DONE]":
            return
        try:
            event = json.loads(data)
            if "error" in event:
                raise CommentaryFailed("The service broke off with an error.")
            choice = (event.get("choices") or [{}])[0]
            text = (choice.get("delta") or {}).get("content")
        except (ValueError, TypeError, AttributeError, LookupError):
            raise CommentaryFailed("The service answered in an unknown form.") from None
        if isinstance(text, str) and text:
            yield text
        if choice.get("finish_reason") == "length":
            raise CommentaryFailed("The model stopped at its own limit of length.")
    raise CommentaryFailed("The answer ended before it was complete.")


def _refusal(status: int) -> str:
    meaning = {
        401: f"it refused {PREFIX}KEY",
        403: f"it refused {PREFIX}KEY",
        404: f"it has no such address or model: see {PREFIX}URL and {PREFIX}MODEL",
        429: "too many requests, or nothing left to spend",
    }
    return f"The service answered {status}: {meaning.get(status, 'no text')}."
