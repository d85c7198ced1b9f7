"""The page a person opens, and the bundles that it and any other web page load."""

from __future__ import annotations

import secrets
from functools import cached_property
from http import HTTPStatus
from pathlib import Path

import orjson
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from tornado import web
from tornado.template import Template

import stockwidget
from stockwidget.sources.sample import SampleSource
from stockwidget_server.base import Guarded, guarded
from stockwidget_server.bundles import BUNDLES, EXACT, Bundle

PAGE = "/stockwidget/realtime_demo.html"
STATIC = Path(stockwidget.__file__).with_name("static")
TEMPLATE = Path(__file__).with_name("realtime_demo.html")
FOREVER = "private, max-age=31536000, immutable"


class DemoPageHandler(Guarded, JupyterHandler):
    """``realtime_demo.html``: a person without a login is sent to the login page, and back."""

    get_login_url = JupyterHandler.get_login_url
    write_error = JupyterHandler.write_error

    @guarded
    def get(self) -> None:
        """Give the page. It names the bundles by their content, so that it never meets old ones."""
        _ = self.xsrf_token  # sets the cookie that the page needs to POST
        scripts = [self._script(name) for name in ("client.js", "demo.js")]
        page = Template(TEMPLATE.read_text(encoding="utf-8"))  # escapes by default
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(page.generate(nonce=self._nonce, scripts=scripts, config=self._config()))

    @property
    def content_security_policy(self) -> str:
        """Only our own scripts run. What the administrator demands holds as well.

        Styles are the chart's and the card's own, set from script. ``self`` alone is not yet a
        permission for sockets in every browser.
        """
        host = self.request.host
        ours = (
            "default-src 'none'",
            f"script-src 'nonce-{self._nonce}'",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            f"connect-src 'self' ws://{host} wss://{host}",
            "base-uri 'none'",
            "form-action 'none'",
        )
        return f"{'; '.join(ours)}, {super().content_security_policy}"

    @cached_property
    def _nonce(self) -> str:
        return secrets.token_urlsafe(16)

    def _script(self, name: str) -> str:
        return url_path_join(
            self.base_url, "stockwidget/static", f"{name}?v={_bundle(name).digest}"
        )

    def _config(self) -> str:
        """What Jupyter's own pages tell their scripts, as the text of a data block.

        No token: opening the page with one has set the login cookie.
        """
        symbols = {listing.symbol: listing.name for listing in SampleSource().listings()}
        config = {"baseUrl": self.base_url, "token": "", "stockwidget": {"symbols": symbols}}
        return orjson.dumps(config).decode().replace("<", "\\u003c")


class BundleHandler(Guarded, JupyterHandler):
    """``static/{name}``: kept for ever when asked for by its content, else compared each time."""

    @guarded
    def get(self, name: str) -> None:
        """Give the bundle; of a part of another bundle only the content that was asked for."""
        if name not in BUNDLES:
            raise web.HTTPError(HTTPStatus.NOT_FOUND)
        bundle = _bundle(name)
        asked = self.get_query_argument("v", "")
        named = asked == bundle.digest
        if asked and not named and name in EXACT:
            raise web.HTTPError(HTTPStatus.NOT_FOUND)
        self.set_header("Cache-Control", FOREVER if named else "private, no-cache")
        self.set_header("Content-Type", "text/javascript; charset=utf-8")
        self.set_header("ETag", bundle.etag)
        if self.check_etag_header():
            self.set_status(HTTPStatus.NOT_MODIFIED)
            self.finish()
        else:
            self.finish(bundle.content)


def _bundle(name: str) -> Bundle:
    return Bundle.at(STATIC / name)
