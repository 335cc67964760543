"""Pages close and networks break in mid-propagation: the work goes on, and who returns sees it."""

from __future__ import annotations

import asyncio
import gc

import pytest

pytest.importorskip("trame_slicer", reason="trame-slicer is not installed")
from chromium import CHROMIUM
from driving import address, chromium, draw, held, open_page, serving, until, view_box


class Line:
    """A network between a browser and a server, which :meth:`cut` breaks."""

    def __init__(self, port: int) -> None:
        self._behind, self.port = port, 0
        self._ends: list[asyncio.StreamWriter] = []

    async def mend(self) -> None:
        self._server = await asyncio.start_server(self._join, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        self._server.close()
        for end in self._ends:
            end.transport.abort()
        self._ends.clear()

    async def _join(self, reader, writer) -> None:
        back, forth = await asyncio.open_connection("127.0.0.1", self._behind)
        self._ends += [writer, forth]
        await asyncio.gather(pump(reader, forth), pump(back, writer), return_exceptions=True)


async def pump(source, target) -> None:
    try:
        while block := await source.read(2**16):
            target.write(block)
            await target.drain()
    finally:
        target.close()


def complaints(caplog) -> list[str]:
    """What asyncio wrote into the log, also of tasks that nobody waits for."""
    gc.collect()
    return [record.getMessage() for record in caplog.records if record.name == "asyncio"]


@pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is missing")
def test_whoever_returns_sees_what_went_on(in_application, image, caplog):
    pytest.importorskip("playwright", reason="Playwright is not installed")

    async def test(application):
        application.load(image)
        presenter = application.presenter

        async def in_the_middle():
            await until(lambda: presenter.state.done >= 6)
            assert not presenter.state.idle
            assert 2 < reached() < 12

        def reached():
            return (
                0
                if presenter.state.slice_status is None
                else int((presenter.state.slice_status > 0).sum())
            )

        def finished():
            return reached() == 16 and presenter.state.idle

        async def shows_all(page):
            await page.wait_for_selector("text=by the model small network", timeout=60000)
            await page.locator(".class").wait_for()
            assert await page.locator("#strip rect").count() > 2

        application.start()
        assert await application.server.ready
        line = Line(application.server.port)
        await line.mend()
        async with chromium() as browser:
            page = await browser.new_page(viewport={"width": 960, "height": 640})
            await open_page(page, f"http://127.0.0.1:{line.port}/")
            await page.click("#mark")
            await until(lambda: application.tool.enabled)
            box = await view_box(page)
            x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
            with held(presenter, 6):
                await draw(page, [(x - 30, y - 30), (x - 20, y - 25)])
                await in_the_middle()
                line.cut()
                await page.wait_for_selector("#lost")
                assert "is kept" in await page.inner_text("body")
            await until(finished)
            await line.mend()
            await shows_all(page)
            assert await page.locator("#lost").count() == 0

            presenter.undo()
            point = presenter.workspace.grid().ijk_to_ras_points(
                [[24.0, 22.0, presenter.state.slice]]
            )
            with held(presenter, 6):
                assert presenter.stroke(point, 3.0), presenter.state.message
                await in_the_middle()
                await page.close()
            await until(finished)
            page = await browser.new_page(viewport={"width": 960, "height": 640})
            await open_page(page, address(application))
            await shows_all(page)
        line.cut()

    in_application(test)
    assert complaints(caplog) == []


def test_frames_for_a_page_that_left_do_not_fill_the_log(in_application, caplog):
    async def failing(error):
        raise error

    async def test(application):
        async with await serving(application) as client:
            page = await client.ws_connect("/ws")
            pages = application.server.protocol.publish.__self__
            await until(lambda: len(pages.connections) == 1)
            pages.authentified_client_ids.update(pages.connections)
            (socket,) = pages.connections.values()
            async with pages.attachment_atomic:  # a long frame is on its way, others wait
                for _ in range(3):
                    pages.publish("frame", b"pixels")
                await asyncio.sleep(0.05)
                socket._req.transport.abort()
                assert not page.closed
            asyncio.get_running_loop().create_task(failing(ValueError("of another kind")))
            await until(lambda: not pages.connections)
        (told,) = complaints(caplog)
        assert "never retrieved" in told

    in_application(test)
