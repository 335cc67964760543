"""One application and its page for all tests of a module that look at images."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from driving import end, shown

SHAPE, SPACING = (24, 60, 72), (3.0, 1.5, 1.5)
Run = Callable[[Callable[[Any, Any], Any]], Any]
_KEPT: list[Any] = []


def write_ct(path: Path) -> Path:
    """An axial CT [k, j, i] of soft tissue in air, with a value of its own in every voxel of a
    block that stands for an organ (k 8..15, j 20..39, i 24..47)."""
    array = np.full(SHAPE, -1000, np.int16)
    array[2:22, 6:54, 6:66] = -80
    k, j, i = np.indices((8, 20, 24))
    array[8:16, 20:40, 24:48] = 20 + (k * 7 + j * 3 + i) % 60
    image = sitk.GetImageFromArray(array)
    image.SetSpacing(SPACING[::-1])
    image.SetOrigin((-54.0, -45.0, -36.0))
    sitk.WriteImage(image, str(path))
    return path


def write_labels(ct: Path, path: Path) -> Path:
    """The organ of :func:`write_ct` as a label map."""
    labels = np.zeros(SHAPE, np.uint8)
    labels[8:16, 20:40, 24:48] = 1
    image = sitk.GetImageFromArray(labels)
    image.CopyInformation(sitk.ReadImage(str(ct)))
    sitk.WriteImage(image, str(path))
    return path


@contextmanager
def opened(folder: Path, image: Path | None, **size: int) -> Iterator[Run]:
    """``run(test)`` awaits ``test(application, page)``; nothing is read ahead."""
    from S2VNetSlicerLib.browser.server import Application, Settings
    from S2VNetSlicerLib.workflow.runs import Runs

    with asyncio.Runner() as runner, pytest.MonkeyPatch.context() as patch:
        patch.setattr(Runs, "prefetch", lambda self: None)
        patch.setattr(Runs, "prefetch_model", lambda self: None)

        async def begin() -> tuple[Any, Any, Any]:
            application = Application(Settings(port=0, state=folder / "state"), synchronous=True)
            _KEPT.append(application)  # VTK aborts when a scene goes before its last node
            if image is not None:
                application.load(image)
            page = shown(application, **size)
            return application, await page.__aenter__(), page

        application, page, context = runner.run(begin())
        try:
            yield lambda test: runner.run(test(application, page))
        finally:
            runner.run(context.__aexit__(None, None, None))
            runner.run(end(application))


def write_study(folder: Path) -> Path:
    """A study of two axial CT series as DICOM files: "Thorax nativ" (2), which states two windows,
    and "Abdomen Ä 頭" (5)."""
    from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
    from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

    folder.mkdir(parents=True)
    study, frame = generate_uid(), generate_uid()
    for number, text, count in ((2, "Thorax nativ", 6), (5, "Abdomen Ä 頭", 8)):
        series = generate_uid()
        for n in range(count):
            meta = FileMetaDataset()
            meta.TransferSyntaxUID = ExplicitVRLittleEndian
            meta.MediaStorageSOPClassUID = CTImageStorage
            meta.MediaStorageSOPInstanceUID = generate_uid()
            path = folder / f"{number}-{n:02}"
            one: Dataset = FileDataset(path, {}, file_meta=meta, preamble=b"\0" * 128)
            one.SpecificCharacterSet = "ISO_IR 192"
            one.SOPClassUID, one.SOPInstanceUID = CTImageStorage, meta.MediaStorageSOPInstanceUID
            one.StudyInstanceUID, one.SeriesInstanceUID = study, series
            one.FrameOfReferenceUID = frame
            one.Modality, one.SeriesNumber, one.SeriesDescription = "CT", number, text
            one.PatientName, one.PatientID = "Müller^Jörg", "P 17"
            one.PatientBirthDate, one.PatientSex = "19700102", "O"
            one.StudyDate, one.StudyTime, one.StudyID = "20260304", "101112", "1"
            one.AccessionNumber, one.StudyDescription = "", "CT Thorax/Abdomen"
            one.ReferringPhysicianName, one.Manufacturer, one.InstanceNumber = "", "", n + 1
            one.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
            one.ImagePositionPatient = [-20, -20, 4.0 * n + 100 * number]
            one.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
            one.PixelSpacing, one.SliceThickness = [1.0, 1.0], 4
            one.Rows = one.Columns = 40
            one.BitsAllocated = one.BitsStored = 16
            one.HighBit, one.PixelRepresentation, one.SamplesPerPixel = 15, 1, 1
            one.PhotometricInterpretation = "MONOCHROME2"
            one.RescaleSlope, one.RescaleIntercept = 1, 0
            if number == 2:
                one.WindowWidth, one.WindowCenter = [1600, 350], [-550, 50]
            pixels = np.full((40, 40), -1000, np.int16)
            pixels[8:32, 8:32] = 10 * n + number
            one.PixelData = pixels.tobytes()
            one.save_as(path, enforce_file_format=True)
    return folder
