"""s2vnet serve: annotate in the browser."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import UserError
from .options import Device, Weights, console


def serve(
    image: Annotated[
        Path | None, typer.Argument(help="Volume file or a folder with one DICOM series.")
    ] = None,
    host: Annotated[
        str, typer.Option(help="Address to listen on; others than this machine need --token.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any free one.")] = 8080,
    token: Annotated[
        str | None,
        typer.Option(
            envvar="S2VNET_TOKEN", help="What a browser must know, 16 characters or more."
        ),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the saved scene.")] = False,
    state: Annotated[
        Path | None, typer.Option(help="Folder of the saved scene; default: ~/.local/state/s2vnet.")
    ] = None,
    device: Device = "auto",
    weights: Weights = None,
) -> None:
    """Mark and review a volume in the browser. The server works on one scene for all its pages."""
    from ..browser.graphics import require_browser

    if resume and image is not None:
        raise UserError(f"{image} would replace the saved scene: leave out IMAGE or --resume.")
    require_browser()
    from ..browser.server import Application, Settings

    application = Application(Settings(host, port, token, state, device, weights))
    try:
        if resume:
            application.resume()
        else:
            application.autosave.set_aside()
        if image is not None:
            application.load(image)
    except BaseException:
        application.close()
        raise
    application.server.controller.on_server_ready.add(
        lambda **_: console.print(f"Open {address(host, application.server.port, token)}")
    )
    application.run()


def address(host: str, port: int, token: str | None) -> str:
    """Where a browser finds the server."""
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}/" + ("?token=..." if token else "")
