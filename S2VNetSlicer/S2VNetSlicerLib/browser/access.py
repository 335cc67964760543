"""Who may talk to the server, and what becomes of one who leaves."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from aiohttp import ClientConnectionResetError, web

from ..errors import UserError

COOKIE = "s2vnet_token"
SHORTEST_TOKEN = 16
PAGES = ("/", "/index.html")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a server that listens on ``host``."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def check_access(host: str, token: str | None) -> None:
    """Raise UserError unless ``host`` may be served with ``token``."""
    if token is None and not is_loopback(host):
        raise UserError(
            f"Other machines can reach {host}: protect the server with --token and at least "
            f"{SHORTEST_TOKEN} characters, or use --host 127.0.0.1."
        )
    if token is not None and (len(token) < SHORTEST_TOKEN or not token.isascii()):
        raise UserError(
            f"The token is too easy to guess: use at least {SHORTEST_TOKEN} ASCII characters."
        )


def guard(token: str | None) -> Any:
    """aiohttp middleware that answers 403 to everybody else, websockets included.

    The token comes as ``?token=`` once and is a cookie from then on, or as a bearer. Without a
    token, requests must name this machine as their host (against DNS rebinding). Pages of other
    origins are refused in both cases: browsers let them open websockets to any server.
    """

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not _same_origin(request):
            return _refused()
        if request.path in PAGES and set(request.query) - {"token"}:
            # trame's page would obey ?sessionURL= and hand itself to a foreign server.
            token_only = {k: v for k, v in request.query.items() if k == "token"}
            raise web.HTTPFound(request.rel_url.with_query(token_only))
        if token is None:
            if not is_loopback(_name(request.host)):
                return _refused()
            return await handler(request)
        given = request.query.get("token")
        if given is not None and matches(given, token):
            rest = request.rel_url.without_query_params("token")
            answer = web.HTTPFound(str(rest) or "/")
            answer.set_cookie(COOKIE, token, httponly=True, samesite="Strict")
            answer.headers["Referrer-Policy"] = "no-referrer"
            raise answer
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if matches(request.cookies.get(COOKIE, ""), token) or matches(bearer, token):
            return await handler(request)
        return _refused()

    return middleware


def matches(given: str, token: str) -> bool:
    """Whether both are the same, in a time that does not tell where they differ."""
    return hmac.compare_digest(given.encode(), token.encode())


def _same_origin(request: web.Request) -> bool:
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc.lower() == request.host.lower()


def _name(host: str) -> str:
    """The host without its port."""
    return urlsplit(f"//{host}").hostname or ""


def _refused() -> web.Response:
    return web.Response(status=403, text="Access is refused: open the address with its token.\n")


def cannot_listen(host: str, port: int, error: OSError) -> UserError:
    """That no server can be reached there."""
    return UserError(
        "Port {port} of {host} cannot be used ({reason}): choose another --port.",
        port=port,
        host=host,
        reason=error.strerror,
    )


def forget_departed(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Exception handler of the event loop: a page may go while frames are on their way to it.

    wslink sends each in a task of its own that nobody awaits; dozens would fill the log.
    """
    if not isinstance(context.get("exception"), ClientConnectionResetError):
        loop.default_exception_handler(context)
