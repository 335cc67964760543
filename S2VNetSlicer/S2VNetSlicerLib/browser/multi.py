"""Several users: trame's launcher starts a process for each browser, and this server joins them.

A browser gets a secret as a cookie; every request and websocket with it goes on to the process of
that secret, which listens on this machine only. So there is one address, and nobody reaches the
scene or the files of somebody else.
"""

from __future__ import annotations

import asyncio
import hashlib
import html
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from wslink.launcher import ProcessManager, ProxyMappingManager, SessionManager

from ..errors import UserError
from .access import check_access, guard
from .autosave import default_folder
from .server import Settings
from .uploads import MOST_BYTES

COOKIE = "s2vnet_session"
DAYS = 30
"""How long a browser finds its own saved scene again."""
ALONE = 600
"""Seconds without any page after which a process saves and ends."""
READY = "Open http://"
"""What a server prints when it listens."""
HOP_BY_HOP = {
    *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailers"),
    *("transfer-encoding", "upgrade", "host", "cookie", "authorization", "content-length"),
    "content-encoding",
}
WAITING = """<!doctype html><meta charset="utf-8"><title>S2VNet</title>{refresh}
<body style="background:#1c1c1e;color:#ddd;font:16px sans-serif;padding:3em">{text}</body>"""


class Processes(ProcessManager):
    """The launcher's processes; the secret goes through the environment, not the command line."""

    def startProcess(self, session: dict[str, Any]) -> Any:  # noqa: N802
        """Start the process of a session of the launcher; its output goes to a file."""
        environment = {
            **os.environ,
            "S2VNET_TOKEN": session["secret"],
            "S2VNET_LIBRARY": str(Path(session["state"]) / "library"),
        }
        with self._getLogFilePath(session["id"]).open("wb") as log:
            process = subprocess.Popen(
                session["cmd"], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment
            )
        self.processes[session["id"]] = process
        return process

    def said(self, id: str) -> str:
        """The last line that the process of a session printed."""
        lines = self._getLogFilePath(id).read_text("utf-8", errors="replace").splitlines()
        return next((line for line in reversed(lines) if line.strip()), "it said nothing")


class Launcher:
    """``most`` sessions at most, each with ``image``; :meth:`run` serves until it is told to end.

    States are kept in folders of their own below ``settings.state`` and found again by the cookie.
    """

    def __init__(self, settings: Settings, image: Path | None, most: int) -> None:
        check_access(settings.host, settings.token)
        self.settings, self.image = settings, image
        self._folder = Path(tempfile.mkdtemp(prefix="s2vnet-launcher-"))
        self._states = (settings.state or default_folder()) / "users"
        self._config = configuration(free_ports(most), self._folder)
        self._sessions = SessionManager(self._config, ProxyMappingManager)
        self._processes = Processes(self._config)
        self._by_secret: dict[str, dict[str, Any]] = {}
        self._failed: set[str] = set()
        """Browsers whose saved scene could not be opened: they begin anew."""
        self._client: aiohttp.ClientSession | None = None
        self.app = web.Application(
            middlewares=[guard(settings.token)], client_max_size=MOST_BYTES + 2**20
        )
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
                print=lambda *_: ready(port),
                shutdown_timeout=1,
            )
        except OSError as error:
            raise UserError(
                f"Port {port} of {self.settings.host} cannot be used ({error.strerror}): choose "
                "another --port."
            ) from error
        finally:
            self.close()

    async def _life(self, _: web.Application) -> Any:
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=10)
        async with aiohttp.ClientSession(timeout=timeout, auto_decompress=False) as self._client:
            yield

    def close(self) -> None:
        """End all processes, which save first, and delete what lies around."""
        running = list(self._processes.processes.values())
        for process in running:
            process.terminate()
        for process in running:
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._processes.processes.clear()
        shutil.rmtree(self._folder, ignore_errors=True)

    # ---- sessions ------------------------------------------------------------------------------

    def _session(self, secret: str) -> dict[str, Any] | None:
        """The running session of a browser, begun when there is none; None: no room."""
        for id in self._processes.listEndedProcess():
            ended = self._sessions.getSession(id)
            if ended["secret"] != secret or ended["ready"] or ended["asked"]:
                self._end(id)
        found = self._by_secret.get(secret)
        if found is None:
            failed, self._failed = secret in self._failed, self._failed - {secret}
            state = self._states / hashlib.sha256(secret.encode()).hexdigest()[:32]
            state.mkdir(parents=True, exist_ok=True, mode=0o700)
            resumable = (state / "scene.mrb").exists() and not failed
            saved = ["--resume"] if resumable else []
            options = {"application": "s2vnet", "secret": secret, "ready": False, "asked": False}
            found = self._sessions.createSession(options)
            if found is None:
                return None
            found["state"] = str(state)
            found["cmd"] += ["--state", str(state)]
            found["cmd"] += ["--alone", str(ALONE), "--device", self.settings.device]
            if self.settings.weights is not None:
                found["cmd"] += ["--weights", str(self.settings.weights)]
            found["cmd"] += saved or ([str(self.image)] if self.image is not None else [])
            self._processes.startProcess(found)
            self._by_secret[secret] = found
        return found

    def _end(self, id: str) -> None:
        self._by_secret.pop(self._sessions.getSession(id)["secret"], None)
        self._sessions.deleteSession(id)
        self._processes.stopProcess(id)

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        given = request.cookies.get(COOKIE, "")
        known = len(given) >= 43 and given.isascii()
        page = request.method == "GET" and request.path in ("/", "/index.html")
        if not known and not page:
            return web.Response(status=403, text="Open the first page of this server.\n")
        secret = given if known else secrets.token_urlsafe(32)
        session = self._session(secret) if page else self._by_secret.get(secret)
        if session is None:
            text = "All sessions are in use: try again later." if page else "The session ended."
            return _waiting(text, status=503)
        if page and not known:
            answer = _waiting("One moment...", refresh=True)
            answer.set_cookie(
                COOKIE,
                secret,
                max_age=DAYS * 86400,
                httponly=True,
                samesite="Strict",
                secure=request.secure or request.headers.get("X-Forwarded-Proto") == "https",
            )
            return answer
        if not session["ready"]:
            if not self._processes.isRunning(session["id"]):
                session["asked"] = True  # the next request begins anew
                self._failed.add(secret)
                said = self._processes.said(session["id"])
                return _waiting(f"The session did not start: {said}", status=503)
            session["ready"] = self._processes.isReady(session)
            if not session["ready"]:
                return _waiting("The session starts, in about ten seconds...", refresh=True)
        try:
            return await self._forward(request, session)
        except aiohttp.ClientError:
            return _waiting("The session ended: open the page again.", status=502)

    # ---- the way to a process ------------------------------------------------------------------

    async def _forward(self, request: web.Request, session: dict[str, Any]) -> web.StreamResponse:
        assert self._client is not None
        address = f"http://127.0.0.1:{session['port']}"
        bearer = {"Authorization": f"Bearer {session['secret']}"}
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


def configuration(ports: list[int], folder: Path) -> dict[str, Any]:
    """What wslink's launcher wants to know, as in its configuration file."""
    command = [sys.executable, "-m", "S2VNetSlicerLib.cli", "serve", "--port", "${port}"]
    return {
        "configuration": {
            "host": "127.0.0.1",
            "sessionURL": "ws://${host}:${port}/ws",
            "log_dir": str(folder),
            "sanitize": {},
        },
        "resources": [{"host": "127.0.0.1", "port_range": [port, port]} for port in ports],
        "properties": {},
        "apps": {"s2vnet": {"cmd": command, "ready_line": READY}},
    }


def free_ports(count: int) -> list[int]:
    """Ports of this machine on which nothing listens."""
    opened = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [server.getsockname()[1] for server in opened]
    for server in opened:
        server.close()
    return ports


def _waiting(text: str, refresh: bool = False, status: int = 200) -> web.Response:
    again = '<meta http-equiv="refresh" content="1">' if refresh else ""
    body = WAITING.format(text=html.escape(text), refresh=again)
    return web.Response(
        status=status, text=body, content_type="text/html", headers={"Cache-Control": "no-store"}
    )
