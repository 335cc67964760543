"""Several users: a process each, and nobody sees what is another one's."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest
from aiohttp import web
from chromium import CHROMIUM
from driving import chromium, draw, open_page, until, view_box
from S2VNetSlicerLib.browser import multi, processes
from S2VNetSlicerLib.browser.multi import COOKIE, Launcher
from S2VNetSlicerLib.browser.processes import READY, UserProcess
from S2VNetSlicerLib.browser.saved import last_saved, new_session
from S2VNetSlicerLib.browser.server import Settings
from S2VNetSlicerLib.errors import UserError

SIZE = {"width": 960, "height": 640}
TOKEN = "correct-horse-battery"
PROGRAM = f"""
import asyncio, json, os, sys
from pathlib import Path
from aiohttp import WSMsgType, web
async def tell(request):
    if request.headers.get("Upgrade", "") == "websocket":
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            await (socket.send_bytes if message.type == WSMsgType.BINARY else socket.send_str)(
                message.data
            )
        return socket
    if request.path == "/end":
        os._exit(0)
    return web.json_response({{
        "pid": os.getpid(), "arguments": sys.argv[1:], "body": len(await request.read()),
        "mine": request.headers.get("Authorization") == "Bearer " + os.environ["S2VNET_TOKEN"],
        "cookie": request.headers.get("Cookie"), "listed": os.environ["S2VNET_TOKEN"] in sys.argv,
        "library": os.environ["S2VNET_LIBRARY"],
    }})
state = Path(sys.argv[sys.argv.index("--state") + 1])
if (state / "fail").exists():
    sys.exit("The scene cannot be read.")
app = web.Application(client_max_size=10**8)
app.router.add_route("*", "/{{path:.*}}", tell)
async def serve():
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    print(f"{READY}127.0.0.1:{{port}}/?token=...", flush=True)
    await asyncio.Event().wait()
asyncio.run(serve())
"""


@asynccontextmanager
async def launched(tmp_path, program=PROGRAM, most=2, image=None, **settings):
    made = Launcher(Settings(port=0, state=tmp_path / "states", **settings), image, most)
    usual = processes.COMMAND
    if program is not None:
        processes.COMMAND = (sys.executable, "-u", "-c", program)
    runner = web.AppRunner(made.app, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield made, f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        processes.COMMAND = usual
        await runner.cleanup()
        await asyncio.to_thread(made.close)


def browser(address):
    return aiohttp.ClientSession(address, cookie_jar=aiohttp.CookieJar(unsafe=True))


async def opened(client):
    """What the process behind the first page says, once it is there."""
    for _ in range(200):
        async with client.get("/") as answer:
            if answer.content_type == "application/json":
                return await answer.json()
            text = await answer.text()
            if "refresh" not in text or "in use" in text:
                return text
        await asyncio.sleep(0.05)
    raise AssertionError("the session did not start")


def test_every_browser_has_a_process_of_its_own(tmp_path):
    async def test():
        async with launched(tmp_path) as (made, address):
            async with browser(address) as one, browser(address) as two, browser(address) as three:
                first, second = await asyncio.gather(opened(one), opened(two))
                assert first["pid"] != second["pid"]
                for said in (first, second):
                    assert said["mine"]
                    assert not said["listed"], "secrets are not in the list of processes"
                    assert said["cookie"] is None
                    assert "--alone" in said["arguments"]
                states = [
                    said["arguments"][said["arguments"].index("--state") + 1]
                    for said in (first, second)
                ]
                assert states[0] != states[1]
                libraries = [said["library"] for said in (first, second)]
                assert libraries == [os.path.join(state, "library") for state in states]
                assert (await opened(one))["pid"] == first["pid"]
                told = await opened(three)
                assert "in use" in told
                assert 'content="10"' in told, "it is tried again"
                async with one.post("/upload", data=b"x" * 3_000_000) as answer:
                    assert (await answer.json())["body"] == 3_000_000
                async with one.ws_connect("/ws") as socket:
                    await socket.send_str("text")
                    assert (await socket.receive()).data == "text"
                    await socket.send_bytes(b"\x00\x01")
                    assert (await socket.receive()).data == b"\x00\x01"
            pids = [first["pid"], second["pid"]]
            folder = made._folder
        assert not folder.exists()
        for pid in pids:
            with pytest.raises(ProcessLookupError):
                os.kill(pid, 0)

    asyncio.run(test())


def test_nobody_comes_in_without_the_cookie_that_was_given(tmp_path):
    async def test():
        async with launched(tmp_path) as (made, address):
            async with browser(address) as client, browser(address) as stranger:
                await opened(client)
                for path in ("/export/segmentation.mrb", "/ws", "/upload"):
                    async with stranger.get(path) as answer:
                        assert answer.status == 403
                    headers = {"Cookie": f"{COOKIE}={'x' * 43}"}
                    async with stranger.get(path, headers=headers) as answer:
                        assert answer.status == 503
                foreign = {"Origin": "http://evil.example"}
                async with client.get("/", headers=foreign) as answer:
                    assert answer.status == 403
            assert len(made._sessions) == 1

    asyncio.run(test())


def test_the_token_is_asked_for_first(tmp_path):
    async def test():
        async with (
            launched(tmp_path, token=TOKEN) as (made, address),
            browser(address) as client,
        ):
            async with client.get("/") as answer:
                assert answer.status == 403
            assert not made._sessions
            async with client.get(f"/?token={TOKEN}") as answer:
                assert answer.status == 200
            assert (await opened(client))["mine"]

    with pytest.raises(UserError, match="--token"):
        Launcher(Settings(host="0.0.0.0"), None, 1)
    asyncio.run(test())


def test_a_session_that_fails_keeps_what_was_saved_and_is_tried_again(tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "_WAITS", (0.5,))

    async def test():
        async with launched(tmp_path, most=1) as (_, address), browser(address) as client:
            before = await opened(client)
            assert "--resume" not in before["arguments"]
            state = state_of(before)
            session = new_session(state)
            session.folder.mkdir(parents=True)
            session.scene.write_text("two weeks of work")
            (state / "fail").touch()
            async with client.get("/end") as answer:
                assert answer.status == 502
            text = await failed(client)
            assert "The scene cannot be read (exit code 1)" in text
            assert "What was saved is kept" in text
            assert "Begin anew" in text
            (state / "fail").unlink()
            after = await opened(client)
            assert after["pid"] != before["pid"]
            assert "--resume" in after["arguments"]
            assert state_of(after) == state
            assert last_saved(state).scene.read_text() == "two weeks of work"

    asyncio.run(test())


def test_only_the_user_begins_anew_and_what_was_saved_stays(tmp_path):
    async def test():
        async with launched(tmp_path, most=1) as (_, address), browser(address) as client:
            state = state_of(await opened(client))
            session = new_session(state)
            session.folder.mkdir(parents=True)
            session.scene.write_text("two weeks of work")
            (state / "fail").touch()
            async with client.get("/end"):
                pass
            await failed(client)
            async with client.get("/", headers={"Accept-Language": "de-AT,en;q=0.5"}) as answer:
                assert "Die Sitzung begann nicht" in await answer.text()
            (state / "fail").unlink()
            async with client.post(multi.ANEW) as answer:
                assert answer.status == 200
            after = await opened(client)
            assert "--resume" not in after["arguments"]
            assert last_saved(state).scene.read_text() == "two weeks of work"

    asyncio.run(test())


def test_a_process_that_was_killed_is_told_so(tmp_path, monkeypatch):
    killed = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    monkeypatch.setattr(processes, "COMMAND", (sys.executable, "-c", killed))
    session = UserProcess("s", tmp_path / "state", tmp_path / "log.txt", [], None)
    session.stop()
    session.look()
    assert session.reason == "it said nothing (ended by the signal SIGKILL)"
    assert session.wait > 0


def test_a_process_that_cannot_be_started_is_told_so(tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "COMMAND", (str(tmp_path / "nowhere"),))
    session = UserProcess("s", tmp_path / "state", tmp_path / "log.txt", [], None)
    assert "No such file or directory" in session.reason


def state_of(said):
    arguments = said["arguments"]
    return Path(arguments[arguments.index("--state") + 1])


async def failed(client):
    """What the first page says once the start has failed."""
    for _ in range(200):
        async with client.get("/") as answer:
            text = await answer.text()
            if "did not start" in text:
                assert answer.status == 503
                return text
        await asyncio.sleep(0.02)
    raise AssertionError("the session did not fail")


@pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is missing")
def test_two_browsers_work_on_two_volumes(tmp_path, image, weights):
    pytest.importorskip("playwright.async_api", reason="Playwright is not installed")
    other = tmp_path / "other.nii.gz"
    other.write_bytes(image.read_bytes())
    requested = set()

    async def work(context, address, path):
        page = await context.new_page()
        page.on("request", lambda request: requested.add(request.url))
        await open_page(page, address)
        await page.set_input_files("#upload", str(path))
        await page.wait_for_selector(f"text={path.name}")
        await page.click("#add-class")
        await page.wait_for_selector(".class")
        return page

    async def test():
        async with launched(tmp_path, None, weights=weights) as (made, address):
            async with chromium() as program:
                contexts = [await program.new_context(viewport=SIZE) for _ in range(2)]
                pages = await asyncio.gather(
                    work(contexts[0], address, image), work(contexts[1], address, other)
                )
                texts = [await page.inner_text("#group-volume") for page in pages]
                assert image.name in texts[0]
                assert other.name not in texts[0]
                assert other.name in texts[1]
                assert image.name not in texts[1]
                await pages[0].click("#mark")
                box = await view_box(pages[0])
                x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
                await draw(pages[0], [(x - 20, y), (x + 20, y)])
                await pages[0].locator(".class .ml", has_text=re.compile(r"[1-9] ml")).wait_for()
                assert await pages[1].inner_text(".class .ml") == "0.00 ml"
                assert await pages[1].locator("#span-whole").is_disabled(), "nothing is marked"
                await pages[0].click("#group-export summary")
                async with pages[0].expect_download() as started:
                    await pages[0].click("text=.seg.nrrd")
                assert await (await started.value).failure() is None
                states = list((tmp_path / "states" / "users").iterdir())
                assert len(states) == 2
                await until(lambda: all(last_saved(state) for state in states))
            assert len(made._sessions) == 2
        for state in states:
            assert sorted(path.name for path in state.iterdir()) == ["lock", "log", "sessions"]
            assert [path.name for path in last_saved(state).folder.iterdir()] == ["scene.mrb"]

    asyncio.run(test())
    parts = [urlsplit(url) for url in requested]
    hosts = {part.hostname for part in parts if part.scheme in ("http", "https", "ws", "wss")}
    assert hosts == {"127.0.0.1"}


def test_a_session_that_left_nothing_leaves_no_folder(tmp_path):
    command = processes.COMMAND
    processes.COMMAND = (sys.executable, "-c", "")
    try:
        for name, kept in (("log/s2vnet.log", False), ("lock", False), ("library/a", True)):
            state = tmp_path / name.replace("/", "-")
            session = UserProcess("secret", state, tmp_path / "log.txt", [], None)
            session.stop()
            (state / name).parent.mkdir(parents=True, exist_ok=True)
            (state / name).touch()
            session.tidy()
            assert state.exists() == kept
    finally:
        processes.COMMAND = command
