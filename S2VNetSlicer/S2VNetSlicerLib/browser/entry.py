"""What is seen before there is a volume, and the list of keys."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from .language import _
from .tools import TOOLS
from .viewing import HOLD
from .widgets import KEYS, Widgets

EXAMPLE = "ICBM 152 (example)"
"""What the example is called."""
STEPS = (
    _("1. Open a volume: it is prepared while you look at it."),
    _("2. Click or draw on a structure in one slice: its mask goes through the volume."),
    _("3. Look where the strip is dark, mark what is wrong, accept slices, download the result."),
)
VIEWS = (
    ("\u2191 \u2193, PageUp PageDown", _("scroll slices, one or ten")),
    ("0 - 6", _("window: automatic, presets of CT, that of the file")),
    ("Alt", _("with a drag: the window, also while marking")),
    (HOLD.upper(), _("hide segmentations while it is held")),
    ("O, I, J", _("outlines, smooth pixels, crosshair")),
    ("F2", _("rename the selected class")),
    ("Ctrl", _("with a mark: its opposite")),
    ("Shift + \u2195", _("radius of the brush, with the wheel")),
    ("?", _("this list")),
)
"""Keys that only the page has, and what they do."""
STYLE = """
.entry { position: absolute; inset: 0; z-index: 10; display: flex; align-items: center;
  justify-content: center; background: rgb(var(--v-theme-background)) }
.entry > div { max-width: 560px; padding: 24px }
.entry h1 { font-size: 24px; font-weight: 600; margin-bottom: 12px }
.entry p { margin: 6px 0 }
.entry .row { margin: 16px 0; gap: 10px }
.keys { columns: 2; padding: 4px 20px 20px; font-size: 13px }
.keys > div { display: flex; gap: 10px; padding: 2px 0; break-inside: avoid }
.keys kbd { min-width: 116px; flex: none; font-weight: 600 }
"""


def example_file() -> Path | None:
    """A brain MR that comes with the Python package nilearn; None where that is missing."""
    found = find_spec("nilearn")
    if found is None or found.origin is None:
        return None
    data = Path(found.origin).parent / "datasets" / "data"
    return next(iter(sorted(data.glob("mni_icbm152_t1_*.nii.gz"))), None)


def draw_entry(widgets: Widgets, actions: Any) -> None:
    """Add what lies over the views while there is no volume."""
    html = widgets.html
    with html.Div(v_if="!volume", classes="entry", id="entry"), html.Div():
        widgets.text(_("Drop a CT or MR here"), "H1")
        widgets.text(_("A file, a DICOM folder or a .zip file, or choose one:"), "P")
        with html.Div(classes="row"):
            for upload, text in (
                ("upload", _("Open volume...")),
                ("upload-folder", _("Open DICOM folder...")),
            ):
                html.Label(f"{{{{ {text} }}}}", classes="upload", raw_attrs=[f'for="{upload}"'])
            widgets.button(
                _("Try an example"), actions.open_example, "idle", id="example", v_if="example"
            )
        widgets.text(
            _("An example comes with the Python package nilearn, which is not installed."),
            "P",
            classes="note",
            v_if="!example",
        )
        for step in STEPS:
            widgets.text(step, "P")
        widgets.text(_("? lists all keys."), "P", classes="note")


def draw_help(widgets: Widgets) -> None:
    """Add the list of keys, which ``helping`` shows."""
    html, v = widgets.html, widgets.v
    rows = [(key.key, f"(tr['{key.text}'] || '{key.text}')") for key in KEYS]
    rows += [(key.upper(), text) for _name, _shape, _icon, key, text in TOOLS]
    with v.VDialog(v_model=("helping",), max_width=820), v.VCard(id="keys"):
        with v.VCardTitle():
            widgets.text(_("Keys"))
        with html.Div(classes="keys"):
            for key, text in (*rows, *VIEWS):
                with html.Div():
                    html.Kbd(key)
                    widgets.text(text)
        with v.VCardActions():
            v.VSpacer()
            widgets.button(_("Close"), "helping = false", id="close-keys")
