"""s2vnet serve: annotate in the browser."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from ..errors import UserError
from .options import Device, Series, Weights, console, refuse


def serve(
    context: typer.Context,
    image: Annotated[
        Path | None, typer.Argument(help="Volume file or a folder of DICOM files.")
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
    multi: Annotated[
        bool, typer.Option("--multi", help="A process and a scene of its own for every browser.")
    ] = False,
    series: Series = None,
    most_users: Annotated[int, typer.Option(min=1, help="Processes at once (--multi).")] = 4,
    alone: Annotated[
        int, typer.Option(min=0, help="End after so many seconds without a page; 0: never.")
    ] = 0,
) -> None:
    """Mark and review a volume in the browser; without --multi all pages share one scene."""
    from ..browser.graphics import require_browser

    if resume and image is not None:
        raise UserError(f"{image} would replace the saved scene: leave out IMAGE or --resume.")
    if image is None:
        refuse(context, "without IMAGE", "series")
    if resume and multi:
        raise UserError("With --multi every browser finds its own scene: leave out --resume.")
    if multi:
        refuse(context, "with --multi", "alone", "series")
    else:
        refuse(context, "without --multi", "most_users")
    require_browser()
    from ..browser.server import Application, Settings

    settings = Settings(host, port, token, state, device, weights, alone)
    if multi:
        from ..browser.multi import Launcher

        Launcher(settings, image, most_users).run(partial(tell, host, token))
        return
    application = Application(settings)
    try:
        if resume:
            application.resume()
        if image is not None:
            application.load(image, series)
    except BaseException:
        try:
            application.close()
        except UserError as error:  # what kept it from starting is to be told
            console.print(str(error))
        raise
    application.server.controller.on_server_ready.add(
        lambda **_: tell(host, token, application.server.port)
    )
    application.run()


def tell(host: str, token: str | None, port: int) -> None:
    """Say where the page is."""
    console.print(f"Open {address(host, port, token)}")


def address(host: str, port: int, token: str | None) -> str:
    """Where a browser finds the server."""
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}/" + ("?token=..." if token else "")
