"""Several users: a process for each browser, and this server joins them.

A browser gets a secret as a cookie; every request and websocket with it goes on to the process of
that secret, which listens on this machine only. So there is one address, and nobody reaches the
scene or the files of somebody else.
"""

from __future__ import annotations

import asyncio
import hashlib
import html
import logging
import secrets
import shutil
import socket
import tempfile
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from ..logs import state_folder
from ..texts import texts
from .access import cannot_listen, check_access, guard
from .headers import harden
from .language import chosen, tell
from .processes import UserProcess
from .server import Settings
from .uploads import MOST_BYTES

_ = texts(__name__)

COOKIE = "s2vnet_session"
DAYS = 30
"""How long a browser finds its own saved scene again."""
ALONE = 600
"""Seconds without any page after which a process saves and ends."""
FULL = 10
"""Seconds after which a browser asks again when there was no room for it."""
ANEW = "/begin-anew"
HOP_BY_HOP = {
    *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailers"),
    *("transfer-encoding", "upgrade", "host", "cookie", "authorization", "content-length"),
    "content-encoding",
}
WAITING = """<!doctype html><html lang="{language}"><meta charset="utf-8">
<title>S2VNet</title>{refresh}
<body style="background:#1c1c1e;color:#ddd;font:16px sans-serif;padding:3em">{text}{more}</body>"""


class Launcher:
    """``most`` sessions at most, each with ``image``; :meth:`run` serves until it is told to end.

    States are kept in folders of their own below ``settings.state`` and found again by the cookie.
    """

    def __init__(self, settings: Settings, image: Path | None, most: int) -> None:
        check_access(settings.host, settings.token)
        self.settings, self.image, self._most = settings, image, most
        self._folder = Path(tempfile.mkdtemp(prefix="s2vnet-launcher-"))
        self._states = (settings.state or state_folder()).absolute() / "users"
        self._sessions: dict[str, UserProcess] = {}
        """By their secrets."""
        self._client: aiohttp.ClientSession | None = None
        self.app = web.Application(
            middlewares=[guard(settings.token)], client_max_size=MOST_BYTES + 2**20
        )
        harden(self.app)
        self.app.router.add_route("*", "/{path:.*}", self._handle)
        self.app.cleanup_ctx.append(self._life)

    def run(self, ready: Any) -> None:
        """Serve until SIGINT or SIGTERM; ``ready`` is called with the port."""
        port = self.settings.port or free_ports(1)[0]
        try:
            web.run_app(
                self.app,
                host=self.settings.host,
                port=port,
                print=lambda *_told: ready(port),
                shutdown_timeout=1,
            )
        except OSError as error:
            raise cannot_listen(self.settings.host, port, error) from error
        finally:
            self.close()

    async def _life(self, _app: web.Application) -> Any:
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=10)
        async with aiohttp.ClientSession(timeout=timeout, auto_decompress=False) as self._client:
            yield

    def close(self) -> None:
        """End all processes, which save first, and delete what lies around."""
        for session in self._sessions.values():
            session.terminate()
        for session in self._sessions.values():
            session.stop()
            session.tidy()
        self._sessions.clear()
        shutil.rmtree(self._folder, ignore_errors=True)

    # ---- sessions ------------------------------------------------------------------------------

    def _session(self, secret: str) -> UserProcess | None:
        """The running session of a browser, begun when there is none; None: no room."""
        for other, session in list(self._sessions.items()):
            if other == secret:
                session.look()
            full = len(self._sessions) >= self._most
            failed = other != secret and not session.running  # its browser may come back
            if session.ended or (failed and full):
                del self._sessions[other]
                session.tidy()
        found = self._sessions.get(secret)
        if found is None and len(self._sessions) < self._most:
            name = hashlib.sha256(secret.encode()).hexdigest()[:32]
            options = ["--alone", str(ALONE), "--device", self.settings.device]
            # No user sees another one's.
            options += ["--log-file", str(self._states / name / "log" / "s2vnet.log")]
            if self.settings.weights is not None:
                options += ["--weights", str(self.settings.weights)]
            log = self._folder / f"{name}.txt"
            found = UserProcess(secret, self._states / name, log, options, self.image)
            self._sessions[secret] = found
        return found

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        given = request.cookies.get(COOKIE, "")
        known = len(given) >= 43 and given.isascii()
        page = request.method == "GET" and request.path in ("/", "/index.html")
        if known and request.method == "POST" and request.path == ANEW:
            return self._begin_anew(given)
        if not known and not page:
            return web.Response(status=403, text="Open the first page of this server.\n")
        secret = given if known else secrets.token_urlsafe(32)
        session = self._session(secret) if page else self._sessions.get(secret)
        if session is None:
            full = _("All sessions are in use. It is tried again every {seconds} s.")
            told = full.format(seconds=FULL) if page else _("The session ended.")
            return _waiting(request, told, refresh=FULL, status=503)
        if page and not known:
            answer = _waiting(request, _("One moment..."), refresh=1)
            answer.set_cookie(
                COOKIE,
                secret,
                max_age=DAYS * 86400,
                httponly=True,
                samesite="Strict",
                secure=request.secure or request.headers.get("X-Forwarded-Proto") == "https",
            )
            return answer
        if session.port is None:
            session.look()
        if session.port is None:
            if session.failures and not session.running:
                return _failed(request, session)
            told = _("The session starts, in about ten seconds...")
            return _waiting(request, told, refresh=1)
        try:
            return await self._forward(request, session)
        except aiohttp.ClientError as error:
            logging.getLogger(__name__).info("A session does not answer: %s", error)
            told = _("The session ended and begins again...")
            return _waiting(request, told, refresh=2, status=502)

    def _begin_anew(self, secret: str) -> web.StreamResponse:
        """The user asked for it: a new session beside the saved one, which stays."""
        session = self._sessions.get(secret)
        if session is not None and not session.running:
            session.start(anew=True)
        raise web.HTTPSeeOther("./")

    # ---- the way to a process ------------------------------------------------------------------

    async def _forward(self, request: web.Request, session: UserProcess) -> web.StreamResponse:
        assert self._client is not None
        address = f"http://127.0.0.1:{session.port}"
        bearer = {"Authorization": f"Bearer {session.secret}"}
        if request.headers.get("Upgrade", "").lower() == "websocket":
            async with self._client.ws_connect(
                address + request.path_qs, headers=bearer, max_msg_size=0
            ) as inner:
                outer = web.WebSocketResponse(max_msg_size=0, compress=False)
                await outer.prepare(request)
                await join(outer, inner)
                return outer
        headers = {k: v for k, v in request.headers.items() if k.lower() not in HOP_BY_HOP}
        headers.pop("Origin", None)  # it was compared with the address that the browser knows
        body = request.content if request.body_exists else None
        async with self._client.request(
            request.method,
            address + request.path_qs,
            headers={**headers, **bearer},
            data=body,
            allow_redirects=False,
        ) as inner_answer:
            answer = web.StreamResponse(status=inner_answer.status)
            kept = HOP_BY_HOP - {"content-encoding"}
            for name, value in inner_answer.headers.items():
                if name.lower() not in kept and name.lower() != "set-cookie":
                    answer.headers.add(name, value)
            await answer.prepare(request)
            async for block in inner_answer.content.iter_chunked(2**16):
                await answer.write(block)
            await answer.write_eof()
            return answer


async def join(one: Any, other: Any) -> None:
    """Hand the messages of each of two websockets to the other until one of them ends."""

    async def pump(source: Any, target: Any) -> None:
        async for message in source:
            if message.type == aiohttp.WSMsgType.BINARY:
                await target.send_bytes(message.data)
            elif message.type == aiohttp.WSMsgType.TEXT:
                await target.send_str(message.data)

    ways = [asyncio.ensure_future(pump(one, other)), asyncio.ensure_future(pump(other, one))]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        await other.close()
        await one.close()


def free_ports(count: int) -> list[int]:
    """Ports of this machine on which nothing listens."""
    opened = [socket.create_server(("127.0.0.1", 0)) for _n in range(count)]
    ports = [server.getsockname()[1] for server in opened]
    for server in opened:
        server.close()
    return ports


def _failed(request: web.Request, session: UserProcess) -> web.Response:
    """Why a session does not start, and what can be done; nothing that was saved is lost."""
    seconds = max(1, round(session.wait))
    text = _(
        "The session did not start: {reason}. What was saved is kept; it is tried again in "
        "{seconds} s."
    ).format(reason=session.reason, seconds=seconds)
    anew = _("Begin anew"), _("The saved session stays: a new one begins beside it.")
    button, stays = (html.escape(tell(each, _language(request))) for each in anew)
    form = (
        f'<form method="post" action="{ANEW.lstrip("/")}"><p><button>{button}</button> '
        f"{stays}</form>"
    )
    return _waiting(request, text, refresh=seconds, status=503, more=form)


def _language(request: web.Request) -> str:
    """The one that the browser asks for first."""
    return chosen(request.headers.get("Accept-Language", "").split(",")[0].split(";")[0])


def _waiting(
    request: web.Request, text: str, refresh: float = 0, status: int = 200, more: str = ""
) -> web.Response:
    language = _language(request)
    text = tell(text, language)
    again = f'<meta http-equiv="refresh" content="{int(refresh)}">' if refresh else ""
    body = WAITING.format(text=html.escape(text), refresh=again, more=more, language=language)
    return web.Response(
        status=status, text=body, content_type="text/html", headers={"Cache-Control": "no-store"}
    )
