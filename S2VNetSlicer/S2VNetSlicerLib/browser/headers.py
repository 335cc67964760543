"""What every answer says to browsers beside its content."""

from __future__ import annotations

from aiohttp import web

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "frame-ancestors 'self'",
    "Referrer-Policy": "same-origin",
    "Server": "S2VNet",
}
MANAGER = "/paraview/"
"""Where the page's library asks for a manager of sessions before it connects."""


def harden(app: web.Application) -> None:
    """Let every answer of ``app`` bear :data:`HEADERS`, in place of aiohttp's version."""

    async def add(_request: web.Request, answer: web.StreamResponse) -> None:
        for name, value in HEADERS.items():
            if name == "Server" or name not in answer.headers:
                answer.headers[name] = value

    app.on_response_prepare.append(add)


async def no_manager(_request: web.Request) -> web.Response:
    """There is no manager: the page connects to this server itself."""
    return web.json_response(None)
