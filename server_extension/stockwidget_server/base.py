"""What every route of ours has in common: who may enter, and how a refusal looks."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar, cast

import orjson
from jupyter_server.auth import Authorizer, IdentityProvider, User
from jupyter_server.auth.authorizer import AllowAllAuthorizer
from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import web

from stockwidget.errors import StockwidgetError

if TYPE_CHECKING:
    from jupyter_server.base.handlers import JupyterHandler

    from stockwidget_server.service import Service

    _Base = JupyterHandler
else:
    _Base = object

SETTING = "stockwidget"
"""The key of the ``Service`` in the web application's settings."""
KERNEL = User(username="stockwidget-kernel", name="A kernel of this server", initials="K")

Method = TypeVar("Method", bound=Callable[..., Any])


def guarded(method: Method) -> Method:
    """Let only an authenticated and authorised user in. Every verb of every handler wears it."""
    return cast("Method", web.authenticated(cast("Any", authorized(method))))


class KernelIdentity(IdentityProvider):
    """Identifies a request that carries the secret of the connection file."""

    def get_user(self, handler: web.RequestHandler) -> User:  # noqa: ARG002
        """Return the one user there is."""
        return KERNEL

    def is_token_authenticated(self, handler: web.RequestHandler) -> bool:  # noqa: ARG002
        """No foreign page can send the secret: neither XSRF nor origin is in question."""
        return True


class Guarded(_Base):
    """Mixin, to be placed before the Jupyter handler."""

    auth_resource = "stockwidget"
    _kernel: bool | None = None

    @property
    def service(self) -> Service:
        """What this server's handlers share."""
        return cast("Service", self.settings[SETTING])

    @property
    def from_kernel(self) -> bool:
        """Whether the request carries the kernels' secret."""
        if self._kernel is None:
            scheme, _, secret = self.request.headers.get("Authorization", "").partition(" ")
            self._kernel = scheme.lower() == "stockwidget" and hmac.compare_digest(
                secret.strip().encode(errors="replace"), self.service.secret.encode()
            )
        return self._kernel

    @property
    def identity_provider(self) -> IdentityProvider:
        """The server's own, but for kernels."""
        return KernelIdentity() if self.from_kernel else super().identity_provider

    @property
    def authorizer(self) -> Authorizer:
        """The server's own, but for kernels: whoever could read the secret is the server's user."""
        return AllowAllAuthorizer() if self.from_kernel else super().authorizer

    def set_default_headers(self) -> None:
        """Answers are about now: nothing in between may keep them."""
        super().set_default_headers()
        self.set_header("Cache-Control", "no-store")

    def compute_etag(self) -> None:
        """No hash of a body that may not be kept anyway."""

    def get_login_url(self) -> str:
        """A script can do nothing with a login page."""
        raise web.HTTPError(HTTPStatus.UNAUTHORIZED)

    def send_error(self, status_code: int = 500, **kwargs: Any) -> None:
        """Give our errors their own status, and "who are you?" another one than "you may not"."""
        error = _error_of(kwargs)
        if isinstance(error, StockwidgetError):
            status_code = error.status_hint
        elif status_code == HTTPStatus.FORBIDDEN and not self.current_user:
            status_code = HTTPStatus.UNAUTHORIZED
        super().send_error(status_code, **kwargs)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Write ``{code, message, hint, …}``."""
        error = _error_of(kwargs)
        if isinstance(error, StockwidgetError):
            body: Mapping[str, Any] = error.to_dict()
        else:
            body = self._explain(status_code, error)
        if status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            self.set_header("Allow", ", ".join(verbs(type(self))))
        if status_code == HTTPStatus.UNAUTHORIZED:
            self.set_header("WWW-Authenticate", 'token realm="Jupyter"')
        if status_code in {HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS}:
            self.set_header("Retry-After", str(body.get("retry_after_s", 5)))
        self.set_header("Content-Type", "application/json")
        self.finish(orjson.dumps(body))

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """An error that explains itself needs no traceback in the log."""
        if isinstance(value, StockwidgetError):
            self.log.info("%s %s: %s", self.request.method, self.request.path, value)
        else:
            super().log_exception(typ, value, tb)

    def _explain(self, status: int, error: BaseException | None) -> dict[str, str]:
        said = str(getattr(error, "log_message", None) or "")
        path, method = self.request.path, self.request.method
        match status:
            case HTTPStatus.UNAUTHORIZED:
                code = "not_authorized"
                message = "This Jupyter server does not know who asks."
                hint = (
                    "Log in, or send 'Authorization: token …' with the token that "
                    "`jupyter server list` shows."
                )
            case HTTPStatus.FORBIDDEN:
                code = "not_authorized"
                message = said or "This Jupyter server refuses the request."
                hint = "Ask whoever runs this server for access."
                if "xsrf" in message.lower():
                    hint = "Send the value of the _xsrf cookie in the header X-XSRFToken too."
            case HTTPStatus.NOT_FOUND:
                code = "unknown_route"
                message = f"There is nothing at {path}."
                hint = "GET stockwidget/api/v1/info answers; openapi.yaml lists the routes."
            case HTTPStatus.METHOD_NOT_ALLOWED:
                code = "method_not_allowed"
                message = f"{path} does not take {method}."
                hint = f"It takes {' and '.join(verbs(type(self))) or 'nothing'}."
            case _ if status < HTTPStatus.INTERNAL_SERVER_ERROR:
                code = "invalid_request"
                message = said or f"HTTP {status}."
                hint = "openapi.yaml says what this route takes."
            case _:
                code = "error"
                message = "Something went wrong in the server."
                hint = "Its log says what."
        return {"code": code, "message": message, "hint": hint}


class StockwidgetHandler(Guarded, APIHandler):
    """A REST handler."""

    @property
    def query(self) -> dict[str, str]:
        """The arguments of the URL, the last of each name."""
        return {name: self.get_query_argument(name) for name in self.request.query_arguments}

    def answer(self, body: object, status: int = HTTPStatus.OK) -> None:
        """Finish with ``body`` as JSON."""
        # Reading it sets the cookie, which a page that has only a login cookie needs to POST.
        _ = self.xsrf_token
        self.set_status(status)
        self.finish(orjson.dumps(body))


class NotFoundHandler(StockwidgetHandler):
    """Any other path below our prefix: JSON, where Jupyter would show a page."""

    @guarded
    def get(self) -> None:
        """There is nothing."""
        raise web.HTTPError(HTTPStatus.NOT_FOUND)

    post = put = patch = delete = head = get


def verbs(handler: type[web.RequestHandler]) -> list[str]:
    """Return the methods that ``handler`` has, in capitals."""
    missing = web.RequestHandler._unimplemented_method  # noqa: SLF001 - Jupyter does the same
    return [
        verb
        for verb in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
        if getattr(handler, verb.lower()) is not missing
    ]


def _error_of(kwargs: Mapping[str, Any]) -> BaseException | None:
    exc_info = kwargs.get("exc_info")
    return cast("BaseException | None", exc_info[1]) if exc_info else None
