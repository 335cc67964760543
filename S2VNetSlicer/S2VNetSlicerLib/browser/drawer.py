"""The drawer: the volume, its classes, and folded below them automatic classes and export."""

from __future__ import annotations

from typing import Any

from .automatic import draw_automatic
from .class_list import draw_classes
from .language import _
from .uploads import ARCHIVE, MOST_BYTES, SUFFIXES
from .widgets import Widgets, in_words

EXPORTS = ".seg.nrrd", ".nii.gz", ".mrb", ".stl.zip", ".dcm"
SESSION = "session.mrb"


def draw_drawer(widgets: Widgets, actions: Any) -> None:
    """Add the drawer's groups."""
    html = widgets.html
    with html.Div(classes="group", id="group-volume"):
        _draw_volume(widgets, actions)
    with html.Div(classes="group", id="group-classes"):
        draw_classes(widgets, actions)
    with html.Details(classes="group folded", id="group-automatic"):
        widgets.text(_("Automatic"), "Summary")
        draw_automatic(widgets, actions.automatic)
    with html.Details(classes="group folded", id="group-export"):
        widgets.text(_("Export"), "Summary")
        _draw_export(widgets)


def _draw_volume(widgets: Widgets, actions: Any) -> None:
    html, guess, at_most = widgets.html, _("Guess"), _("Files of at most")
    with html.Div(classes="row mb-3", v_if="last_session && !classes.length"):
        widgets.button(_("Open the last session"), actions.open_last, "idle", id="open-last")
        widgets.text(_("Saved on") + " + ' ' + last_session", "Div", classes="note")
    with html.Div(classes="row", style="flex-wrap: nowrap"):
        widgets.select(_("Volume"), "volume", ("volumes",), actions.choose_volume, "idle")
        close = actions.closing.close_volume
        widgets.icon("mdi-close", _("Close this volume"), close, "can_choose", id="close-volume")
    with html.Div(classes="row", style="flex-wrap: nowrap"):
        kinds = f"[{{title: {guess}, value: null}}, 'CT', 'MR']"
        widgets.select(_("Modality"), "modality", (kinds,), actions.set_modality, "can_choose")
        widgets.select(_("Slices"), "axis", (in_words("axes"),), actions.set_axis, "can_choose")
    widgets.text("modality_reason", "Div", classes="note mt-1")
    with html.Div(classes="row"):
        limit = f"{at_most} + ' {MOST_BYTES >> 30} GB'"
        files = ",".join(s for s in (*SUFFIXES, ".gz", ARCHIVE) if s)
        several: dict[str, Any] = {"title": limit, "multiple": True}
        widgets.upload("upload", "upload", _("Open volume..."), accept=files, **several)
        folder = {**several, "webkitdirectory": True}
        widgets.upload("upload-folder", "upload", _("Open DICOM folder..."), **folder)


def _draw_export(widgets: Widgets) -> None:
    html, v, log = widgets.html, widgets.v, _("Show log")
    with html.Div(classes="row"):
        for suffix in EXPORTS:
            v.VBtn(
                suffix,
                href=(f"'export/' + encodeURIComponent(file_name) + '{suffix}'",),
                __properties=["download"],
                download=(f"file_name + '{suffix}'",),
                disabled=("!can_export" if suffix != ".dcm" else "!can_export || !from_dicom",),
                size="small",
                variant="tonal",
                prepend_icon="mdi-download",
            )
    save, told = _("Save session"), _("Everything in one file, to go on with it anywhere")
    with html.Div(classes="row"):
        v.VBtn(
            f"{{{{ {save} }}}}",
            href=f"session/{SESSION}",
            __properties=["download"],
            download=SESSION,
            disabled=("!can_choose",),
            size="small",
            variant="tonal",
            prepend_icon="mdi-content-save",
            title=(told,),
            id="save-session",
        )
        widgets.upload("open-session", "session", _("Open session..."), told, accept=".mrb")
    with html.Div(classes="note mt-2"):
        widgets.text(_("Research use, not a medical device."))
        html.A(f"{{{{ {log} }}}}", href="log", target="_blank", id="log", classes="ml-2")
    html.Div("{{ environment }}", classes="note mt-1")
