"""Files come onto the page and results leave it, with real clicks: a study, a session, a table."""

from __future__ import annotations

import asyncio
import csv
import io
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk

pytest.importorskip("trame_slicer", reason="trame-slicer is not installed")
pytest.importorskip("playwright", reason="Playwright is not installed")
from chromium import CHROMIUM
from driving import until, view_box
from reading import opened, write_ct, write_labels, write_study
from S2VNetSlicerLib.scene.windows import window_level
from S2VNetSlicerLib.volumes.dicom_segments import read_segments

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is missing")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="module")
def run(files):
    with opened(files / "server", None, width=1280, height=720) as run:
        yield run


def names(application):
    return [row.name for row in application.presenter.state.volumes]


async def download(page, act):
    async with page.expect_download() as started:
        await act
    download = await started.value
    return (await asyncio.to_thread(open, await download.path(), "rb")).read()


async def open_export(page):
    if not await page.locator("#group-export").evaluate("element => element.open"):
        await page.locator("#group-export summary").click()


def export(page, suffix):
    return page.locator("#group-export a", has_text=suffix).click()


def test_a_study_asks_for_its_series_and_names_them_as_the_scanner_did(run, files):
    study = write_study(files / "study")

    async def test(application, page):
        await page.set_input_files("#upload-folder", study)
        rows = page.locator(".series-row")
        await rows.nth(1).wait_for()
        told = await rows.all_inner_texts()
        assert any("2: Thorax nativ" in row and "6" in row for row in told)
        assert any("5: Abdomen Ä 頭" in row and "8" in row for row in told)
        assert names(application) == []
        for text, window in (("Thorax", (1600, -550)), ("Abdomen", (400, 40))):
            await rows.filter(has_text=text).locator(".open-series").click()
            await until(lambda text=text: any(text in name for name in names(application)))
            assert window_level(application.presenter.workspace.volume_node) == window
        await page.click("#end-choosing")
        await page.locator("#series").wait_for(state="hidden")
        assert names(application) == ["2: Thorax nativ", "5: Abdomen Ä 頭"]
        assert application.presenter.workspace.volume.geometry.shape == (8, 40, 40)
        corner = page.locator("[data-view=Red] .about")
        await corner.filter(has_text="Abdomen Ä 頭").wait_for()
        corner = await corner.inner_text()
        assert "Müller, Jörg P 17" in corner
        assert "2026-03-04 CT Thorax/Abdomen" in corner

    run(test)


def test_what_is_drawn_on_a_dicom_series_leaves_as_a_dicom_segmentation(run, files):
    async def test(application, page):
        presenter = application.presenter
        labels = np.zeros(presenter.workspace.volume.array.shape, np.uint8)
        labels[2:6, 10:20, 12:30] = 1
        image = presenter.workspace.grid().to_sitk(labels)
        sitk.WriteImage(image, str(files / "organ.nii.gz"))
        await page.set_input_files("#upload-result", files / "organ.nii.gz")
        await until(lambda: presenter.state.classes)
        await open_export(page)
        content = await download(page, export(page, ".dcm"))
        (files / "seg.dcm").write_bytes(content)
        found = pydicom.dcmread(io.BytesIO(content))
        assert found.Modality == "SEG"
        assert found.PatientID == "P 17"
        segments, array, _ = read_segments(files / "seg.dcm", presenter.workspace.grid())
        assert segments[0].mask(array).sum() == labels.sum()

    run(test)


def test_the_statistics_are_those_of_the_voxels(run):
    async def test(application, page):
        presenter = application.presenter
        await page.click("#statistics")
        cells = page.locator("#statistics-table tbody td")
        await cells.nth(4).wait_for()
        inside = presenter.workspace.volume.array[presenter.annotation.labels == 1]
        name, ml, mean, sd, diameter = await cells.all_inner_texts()
        assert name == presenter.state.classes[0].name
        assert float(ml) == pytest.approx(4 * 10 * 18 * 4 / 1000, abs=0.01)
        assert float(mean) == pytest.approx(inside.mean(), abs=0.1)
        assert float(sd) == pytest.approx(inside.std(), abs=0.1)
        assert float(diameter) == pytest.approx(np.linalg.norm([3 * 4, 9, 17]), abs=0.1)
        content = await download(page, page.click("#statistics-csv"))
        (row,) = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
        assert float(row["mean (HU)"]) == pytest.approx(inside.mean(), abs=1e-3)
        await page.keyboard.press("Escape")
        await page.locator("#statistics-table").wait_for(state="hidden")
        await page.click("#language")
        await page.click("#statistics")
        await page.locator("#statistics-table", has_text="Größter Durchmesser (mm)").wait_for()
        await cells.nth(4).wait_for()
        assert (await cells.all_inner_texts())[1:] == [
            n.replace(".", ",") for n in (ml, mean, sd, diameter)
        ]
        await page.keyboard.press("Escape")
        await page.locator("#statistics-table").wait_for(state="hidden")
        await page.click("#language")

    run(test)


def test_surfaces_leave_as_stl_in_the_coordinates_of_slicer(run, files):
    from vtkmodules.vtkIOGeometry import vtkSTLReader

    async def test(application, page):
        await open_export(page)
        content = await download(page, export(page, ".stl.zip"))
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            (name,) = archive.namelist()
            path = archive.extract(name, files)
        assert b"SPACE=LPS" in (files / name).read_bytes()[:80]
        reader = vtkSTLReader()
        reader.SetFileName(path)
        reader.Update()
        bounds = reader.GetOutput().GetBounds()
        expected = -20 + 12, -20 + 29, -20 + 10, -20 + 19, 500 + 8, 500 + 20
        assert np.allclose(bounds, expected, atol=2.5)

    run(test)


def test_a_distance_is_measured_with_two_clicks_and_taken_away(run):
    async def test(application, page):
        box = await view_box(page)
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        view = application.views.slices[0].get_view_node()
        pixel = view.GetFieldOfView()[0] / application.views.slices[0].render_window().GetSize()[0]
        await page.click("#distance")
        await until(lambda: application.server.state.measuring)
        await page.mouse.click(x - 30, y)
        await page.mouse.move(x + 10, y + 10, steps=3)
        await page.mouse.click(x + 10, y + 40)
        await until(lambda: not application.server.state.measuring)
        line = application.slicer.scene.GetFirstNodeByClass("vtkMRMLMarkupsLineNode")
        assert line.GetMeasurement("length").GetValue() == pytest.approx(
            np.hypot(40, 40) * pixel, rel=0.05
        )
        await page.click("#clear-lines")
        await until(
            lambda: application.slicer.scene.GetNumberOfNodesByClass(line.GetClassName()) == 0
        )

    run(test)


def test_a_session_is_one_file_and_goes_on_from_it(run, files):
    async def test(application, page):
        presenter = application.presenter
        labels = presenter.annotation.labels.copy()
        await open_export(page)
        content = await download(page, page.click("#save-session"))
        (files / "mine.mrb").write_bytes(content)
        presenter.rename_class(presenter.state.classes[0].id, "changed")
        await page.set_input_files("#open-session", files / "mine.mrb")
        await until(
            lambda: presenter.state.classes and presenter.state.classes[0].name != "changed"
        )
        assert np.array_equal(presenter.annotation.labels, labels)
        assert names(application) == ["2: Thorax nativ", "5: Abdomen Ä 頭"]
        await page.locator("[data-view=Red] .about", has_text="Müller, Jörg").wait_for()
        shown = application.views.slices[0].get_background_volume_id()
        assert shown == presenter.workspace.volume_node.GetID()
        assert application.viewing._node is presenter.workspace.volume_node
        with zipfile.ZipFile(files / "evil.mrb", "w") as archive:
            scene = '<MRML><VolumeArchetypeStorage fileName="/etc/passwd"/></MRML>'
            archive.writestr("evil/evil.mrml", scene)
        await page.set_input_files("#open-session", files / "evil.mrb")
        await page.locator(".message", has_text="names files outside").wait_for()
        assert names(application) == ["2: Thorax nativ", "5: Abdomen Ä 頭"]

    run(test)


def test_closing_asks_for_what_was_not_taken_away_and_only_for_that(run):
    async def test(application, page):
        presenter = application.presenter
        await page.click("#close-segmentation")
        question = page.locator("#question")
        await question.wait_for()
        await question.get_by_role("button").last.click()
        await question.wait_for(state="hidden")
        assert len(presenter.state.segmentations) == 1
        await page.click("#close-volume")
        await question.wait_for()
        await question.get_by_role("button").first.click()
        await until(lambda: names(application) == ["2: Thorax nativ"])
        assert presenter.state.segmentations == ()
        await until(lambda: presenter.state.volume is not None)
        await page.click("#close-volume")
        await until(lambda: names(application) == [])
        await page.locator("[data-view=Red]").wait_for(state="detached")
        folder = application.transfers.uploads.folder
        assert list(folder.iterdir()) == [], "nothing of the study is left"

    run(test)


def test_files_are_dropped_offered_refused_early_and_cancelled(run, files):
    ct = write_ct(files / "Bauch Ä 頭.nii.gz")
    write_labels(ct, files / "labels.nii.gz")

    async def test(application, page):
        drop = """async ([name, bytes]) => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(bytes)], name));
          for (const type of ["dragover", "drop"])
            document.body.dispatchEvent(
              new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
        }"""
        await page.evaluate(drop, [ct.name, list(ct.read_bytes())])
        await until(lambda: names(application) == ["Bauch Ä 頭.nii.gz"])
        await until(lambda: application.presenter.idle)
        sent = []
        page.on("request", lambda request: sent.append(request.url))
        await page.evaluate("s2vnetSend('upload', [{ name: 'huge.nii', size: 3 * 2 ** 30 }])")
        await page.locator(".message", has_text="GB were chosen").wait_for()
        await page.click("#language")
        await page.locator(".message", has_text="GB gewählt").wait_for()
        await page.click("#language")
        assert not any("upload" in url for url in sent)
        before = set(application.transfers.uploads.folder.glob("*"))
        application.load(files / "study")  # as its folder given to the command
        await page.locator(".series-row").nth(1).wait_for()
        await page.click("#end-choosing")
        await page.locator("#series").wait_for(state="hidden")
        assert len(list((files / "study").iterdir())) == 14, "nothing of the user's is deleted"
        session = await page.context.new_cdp_session(page)
        limits = {"offline": False, "latency": 0, "downloadThroughput": -1}
        limits["uploadThroughput"] = 200_000
        await session.send("Network.emulateNetworkConditions", limits)
        await page.evaluate(
            "s2vnetSend('upload', [new File([new Uint8Array(8 * 2 ** 20)], 'slow.nii')])"
        )
        await page.locator(".sending", has_text="slow.nii").wait_for()
        await page.click("#cancel-sending")
        await page.locator(".sending").wait_for(state="detached")
        await until(lambda: set(application.transfers.uploads.folder.glob("*")) == before)
        assert names(application) == ["Bauch Ä 頭.nii.gz"]

    run(test)


def test_the_folder_of_a_study_is_dropped_and_sent_as_an_archive(run, files):
    archive = Path(shutil.make_archive(str(files / "CD"), "zip", files, "study"))

    async def test(application, page):
        rows, shown = page.locator(".series-row"), names(application)
        box = await view_box(page)
        session = await page.context.new_cdp_session(page)

        async def drop(path):
            """As a file manager does it."""
            data = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
            for kind in ("dragEnter", "dragOver", "drop"):
                place = {"type": kind, "x": box["x"] + 50, "y": box["y"] + 50, "data": data}
                await session.send("Input.dispatchDragEvent", place)
                if kind == "dragOver":
                    await page.locator(".dropping").wait_for()

        async def choose(text):
            await rows.nth(1).wait_for()
            assert len(await rows.all_inner_texts()) == 2
            await rows.filter(has_text=text).locator(".open-series").click()
            await until(lambda: len(names(application)) > len(shown))
            shown.append(names(application)[-1])
            assert text in shown[-1]
            await page.click("#end-choosing")
            await page.locator("#series").wait_for(state="hidden")

        await drop(files / "study")
        await choose("Thorax")
        await page.set_input_files("#upload", archive)
        await choose("Abdomen")
        await drop(archive)
        await choose("Thorax")

    run(test)
