"""The REST routes of a server, as typed calls. The secret travels in a header, never in a URL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson

from stockwidget.errors import (
    CodeNotAllowed,
    NotAuthorized,
    ServerError,
    ServerUnreachable,
    StockwidgetError,
    from_dict,
)
from stockwidget.notebook.discovery import INFO, Target

API = INFO.removesuffix("info")
_PROBE_S = 3.0
_ANSWER_S = 30.0


class Rest:
    """One server. Each call raises what the server answered, ServerUnreachable or NotAuthorized."""

    def __init__(self, target: Target, *, timeout_s: float = _ANSWER_S) -> None:
        self.target = target
        self._http = httpx.Client(
            base_url=target.url,
            headers={**target.headers, "Accept": "application/json", **_encoding(target)},
            timeout=httpx.Timeout(timeout_s, connect=min(timeout_s, 5.0)),
            trust_env=not target.loopback,
            # A server of this very machine often has a certificate of its own making.
            verify=not target.loopback,
        )

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """GET JSON."""
        return self._ask("GET", path, query=query)

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """POST JSON, get JSON."""
        return self._ask("POST", path, body or {})

    def patch(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """PATCH JSON, get JSON."""
        return self._ask("PATCH", path, body)

    def delete(self, path: str) -> dict[str, Any]:
        """DELETE, get JSON."""
        return self._ask("DELETE", path)

    def _ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        query: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        try:
            answer = self._http.request(method, path, json=body, params=query)
        except httpx.TransportError as error:
            raise ServerUnreachable(
                f"The Jupyter server at {self.target.url} does not answer ({error}).",
                hint=self._hint("Is it running?"),
                url=self.target.url,
            ) from None
        content = _object(answer)
        if answer.is_success and content is not None:
            return content
        raise self._error(answer, content)

    def _error(self, answer: httpx.Response, content: dict[str, Any] | None) -> Exception:
        url = self.target.url
        login = answer.is_redirect or (answer.is_success and content is None)
        if content is not None and content.get("code") == CodeNotAllowed.code:
            return from_dict(content)
        if answer.status_code in {401, 403} or login:
            return NotAuthorized(
                f"The Jupyter server at {url} refused the token.",
                hint=self._hint("`jupyter server list` shows the token of each server."),
                url=url,
            )
        if content is not None and "code" in content:
            return from_dict(content)
        if answer.status_code == httpx.codes.NOT_FOUND:
            return ServerUnreachable(
                f"The Jupyter server at {url} has no stockwidget extension.",
                hint="Install stockwidget in the server's environment and restart the server.",
                url=url,
                reason="no_extension",
            )
        return ServerError(
            f"The Jupyter server at {url} answered {answer.status_code} {answer.reason_phrase}.",
            hint="Its log says why.",
            url=url,
        )

    def _hint(self, otherwise: str) -> str:
        if self.target.rung != "variable":
            return otherwise
        return (
            f"{otherwise} Check STOCKWIDGET_SERVER and STOCKWIDGET_TOKEN, or unset them to let "
            "stockwidget find the server itself."
        )


def probe(target: Target, path: str) -> Mapping[str, Any]:
    """Ask ``target`` once, briefly; the ``Probe`` of discovery."""
    if urlsplit(target.url).hostname is None:
        raise ServerUnreachable(f"{target.url!r} names no host.", hint="Write http://host:port/.")
    rest = Rest(target, timeout_s=_PROBE_S)
    try:
        return rest.get(path)
    except (NotAuthorized, ServerUnreachable):
        raise
    except StockwidgetError as error:
        raise ServerUnreachable(error.message, hint=error.hint, **error.data) from None
    finally:
        rest.close()


def _encoding(target: Target) -> dict[str, str]:
    """On one machine, compressing takes longer than carrying."""
    return {"Accept-Encoding": "identity"} if target.loopback else {}


def _object(answer: httpx.Response) -> dict[str, Any] | None:
    if not answer.headers.get("content-type", "").startswith("application/json"):
        return None
    try:
        content = orjson.loads(answer.content)  # ten times faster than json for a long analysis
    except ValueError:
        return None
    return content if isinstance(content, dict) else None
