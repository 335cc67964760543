"""The page: a dark drawer beside four views; what it shows is in ``drawing.page_values``."""

from __future__ import annotations

import json
from typing import Any

from ..workflow.keyboard import KEYS
from .automatic import draw_automatic
from .strip import draw_strip
from .uploads import ARCHIVE, MOST_BYTES, SUFFIXES

TITLE = "S2VNet"
ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
    "%3Crect width='16' height='16' rx='3' fill='%23222'/%3E"
    "%3Cellipse cx='8' cy='8' rx='5' ry='4' fill='%23e67340'/%3E"
    "%3Cpath d='M5 9l2 1 4-4' stroke='white' fill='none'/%3E%3C/svg%3E"
)
STYLE = """
html { overflow: hidden }
.group { padding: 8px 14px 10px; border-bottom: 1px solid #333 }
.group h3 { font-size: 12px; font-weight: 600; letter-spacing: .06em; text-transform: uppercase;
  color: #9ab; margin-bottom: 6px }
.row { display: flex; align-items: center; gap: 6px; margin-top: 6px; flex-wrap: wrap }
.note { font-size: 12px; color: #9a9a9a; line-height: 1.35 }
.class { display: flex; align-items: center; gap: 4px; padding: 2px 4px; border-radius: 4px;
  border: 1px solid transparent; cursor: pointer }
.class.selected { border-color: #6ea8fe; background: #23303f }
.class input[type=color] { width: 20px; height: 20px; border: 0; padding: 0; background: none }
.class input[type=text] { flex: 1; min-width: 0; color: inherit; outline: none; font-size: 14px }
.class input[type=text]:focus { border-bottom: 1px solid #6ea8fe }
.class .ml { font-size: 12px; color: #9a9a9a; white-space: nowrap }
.learned { display: flex; align-items: center; margin-top: 4px }
.learned .note { flex: 1; min-width: 0 }
.question { padding: 18px 20px 4px; white-space: pre-line }
.views { display: grid; grid-template: 1fr 1fr / 1fr 1fr; gap: 2px; height: 100%;
  background: #333 }
.views > div { position: relative; min-width: 0; min-height: 0; background: black }
.strip { width: 100%; height: 34px; cursor: pointer; display: block }
.message { background: #4a3320; color: #ffd9a8; font-size: 13px; padding: 8px 14px }
.upload { position: relative; padding: 4px 9px; border-radius: 4px; background: #ffffff1f;
  color: #eee; font-size: 12px; cursor: pointer; white-space: nowrap }
.upload:hover, .upload:focus-within { background: #ffffff33 }
.upload:has(input:disabled) { opacity: .4; cursor: default }
.upload input { position: absolute; width: 1px; height: 1px; opacity: 0 }
.v-btn { text-transform: none; letter-spacing: 0 }
.v-btn--size-small { padding: 0 9px }
"""
SCRIPT = """
if (!window.s2vnetKeys) {
  window.s2vnetKeys = KEYS;
  window.addEventListener("keydown", (event) => {
    const writes = event.target.closest &&
      event.target.closest("input[type=text], textarea, [role=combobox], .v-overlay, .v-slider");
    if (document.getElementById("question")) return;
    const action = window.s2vnetKeys[event.key.toLowerCase()];
    if (!action || writes || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!event.repeat) window.trame.trigger("key", [action]);
  }, true);
  setInterval(() => {
    if (document.getElementById("lost"))
      fetch("index.html", { cache: "no-store" }).then(
        (answer) => answer.ok && location.reload(), () => null
      );
  }, 1000);
}
"""
"""Letters without modifiers: browsers keep Ctrl+Shift+N, W, T and others for themselves."""
LOST = """
<div id="lost" role="alert" style="position: fixed; inset: 0; padding: 3em; background: #1c1c1e;
  color: #ddd; font: 16px sans-serif">The connection to the server is lost. What was shown is kept;
  the page goes on by itself as soon as the server answers again.</div>
"""
"""What trame shows in place of the page then; SCRIPT tries again."""
GROUPS = ("volume", "classes", "automatic", "marks", "propagate", "review", "export")
NAMES = {"PgUp": "PageUp", "PgDown": "PageDown"}
"""Keys that browsers call otherwise."""
TITLES = {key.action: f"{key.text[0].upper()}{key.text[1:]} ({key.key})" for key in KEYS}


class Page:
    """Builds the page; ``actions`` has a method for everything that a user can do."""

    def __init__(self, server: Any, tags: list[str], actions: Any) -> None:
        from trame.widgets import client, html
        from trame.widgets import vuetify3 as v
        from trame_vuetify.ui.vuetify3 import VAppLayout

        self.html, self.v, self.actions = html, v, actions
        server.state.trame__title = TITLE
        server.state.trame__favicon = ICON
        server.state.trame__template_error = LOST
        with VAppLayout(server, theme="dark") as self.layout:
            client.Style(STYLE)
            keys = {NAMES.get(key.key, key.key).lower(): key.action for key in KEYS}
            client.Script(SCRIPT.replace("KEYS", json.dumps(keys)))
            server.trigger("key")(actions.press)
            with v.VNavigationDrawer(
                permanent=True, width=340, color="#1c1c1e", __properties=["permanent"]
            ):
                html.Div(
                    "{{ notice || message }}",
                    v_if="notice || message",
                    classes="message",
                    role="status",
                )
                for name in GROUPS:
                    with html.Div(classes="group", id=f"group-{name}"):
                        html.H3(name.capitalize())
                        getattr(self, f"_{name}")()
            with v.VMain(style="height: 100vh"), html.Div(classes="views"):
                # Axial and 3D above, coronal and sagittal below.
                for tag in (tags[0], tags[3], tags[1], tags[2]):
                    with html.Div():
                        client.ServerTemplate(name=tag)

    def _button(self, text: str, action: Any, enabled: str = "", **options: Any) -> Any:
        if enabled:
            options["disabled"] = (f"!({enabled})",)
        options.setdefault("variant", "tonal")
        if (title := TITLES.get(options.get("id", "").removeprefix("span-"))) is not None:
            options["title"] = title
        return self.v.VBtn(text, click=action, size="small", **options)

    def _select(self, label: str, value: str, items: Any, action: Any, enabled: str) -> None:
        self.v.VSelect(
            label=label,
            model_value=(value,),
            items=items,
            update_modelValue=(action, "[$event]"),
            disabled=(f"!({enabled})",),
            density="compact",
            variant="outlined",
            hide_details=True,
            style="min-width: 90px",
        )

    def _volume(self) -> None:
        html, actions = self.html, self.actions
        with html.Div(classes="row mb-3", v_if="last_session && !classes.length"):
            self._button("Open the last session", actions.open_last, "idle", id="open-last")
            html.Div("Saved on {{ last_session }}", classes="note")
        self._select("Volume", "volume", ("volumes",), actions.choose_volume, "idle")
        with html.Div(classes="row", style="flex-wrap: nowrap"):
            kinds = [{"title": kind or "Guess", "value": kind} for kind in ("CT", "MR")]
            self._select(
                "Modality", "modality", ("kinds", kinds), actions.set_modality, "can_choose"
            )
            self._select("Slices", "axis", ("axes",), actions.set_axis, "can_choose")
        html.Div("{{ modality_reason }}", classes="note mt-1")
        with html.Div(classes="row"):
            limit = f"Files of at most {MOST_BYTES >> 30} GB in all"
            files = ",".join(s for s in (*SUFFIXES, ".gz", ARCHIVE) if s)
            self._upload(
                "upload", "upload", "Open volume...", title=limit, multiple=True, accept=files
            )
            self._upload(
                "upload-folder",
                "upload",
                "Open DICOM folder...",
                title=limit,
                multiple=True,
                webkitdirectory=True,
            )
        html.Iframe(name="upload-answer", style="display: none")
        html.Div("{{ environment }}", classes="note mt-1")

    def _upload(
        self,
        id: str,
        action: str,
        label: str,
        title: str,
        enabled: str = "idle",
        **options: Any,
    ) -> None:
        html = self.html
        with (
            html.Form(
                action=action,
                method="post",
                enctype="multipart/form-data",
                target="upload-answer",
            ),
            html.Label(label, classes="upload", title=title),
        ):
            html.Input(
                type="file",
                name="files",
                disabled=(f"!{enabled}",),
                change="$event.target.files.length && $event.target.form.submit()",
                id=id,
                **options,
                __properties=["webkitdirectory"],
            )

    def _classes(self) -> None:
        html, v, actions = self.html, self.v, self.actions
        with html.Div(
            v_for="row in classes",
            key="row.id",
            classes=("row.id === selected ? 'class selected' : 'class'",),
            click=(actions.select_class, "[row.id]"),
        ):
            html.Input(
                type="color",
                value=("row.colour",),
                title="Colour",
                change=(actions.recolour, "[row.id, $event.target.value]"),
            )
            html.Input(
                type="text",
                # What is being typed stays while volumes change below it.
                value=("typing === row.id ? draft : row.name",),
                focus="draft = row.name; typing = row.id",
                input="draft = $event.target.value",
                blur="typing = ''",
                title="Name",
                change=(actions.rename, "[row.id, $event.target.value]"),
            )
            html.Span(
                "{{ row.ml }} ml{{ row.changed ? ' (' + row.changed + ' changed)' : '' }}",
                classes="ml",
            )
            for key, on, off, title in (
                ("visible", "mdi-eye", "mdi-eye-off", "Show or hide"),
                ("locked", "mdi-lock", "mdi-lock-open-variant-outline", "Lock or unlock"),
            ):
                action = actions.show_class if key == "visible" else actions.lock_class
                v.VBtn(
                    icon=(f"row.{key} ? '{on}' : '{off}'",),
                    title=title,
                    # The row selects its class at a click; its buttons do not.
                    click_stop=(action, f"[row.id, !row.{key}]"),
                    __events=[("click_stop", "click.stop")],
                    size="x-small",
                    variant="text",
                    density="comfortable",
                )
        with html.Div(classes="row"):
            self._button("Add", actions.add_class, "can_mark && idle", id="add-class")
            self._button(
                "Remove", actions.remove_class, "classes.some(r => r.id === selected) && idle"
            )
            self._button(
                "Lock others",
                actions.lock_others,
                "classes.length > 1 && classes.some(r => r.id === selected)",
                id="lock-others",
                title="Lock all classes but the selected one, or unlock them again",
            )
        with html.Div(classes="row", v_if="segmentations.length > 2"):
            self._select(
                "Segmentation",
                "segmentation",
                ("segmentations",),
                actions.choose_segmentation,
                "can_choose",
            )
        with html.Div(classes="row"):
            self._upload(
                "upload-result",
                "result",
                "Open result...",
                title="A segmentation of this volume by another method, to be corrected",
                enabled="can_choose",
                accept=".nrrd,.nii,.gz,.mha",
            )
            self._button(
                "Correct",
                actions.correct,
                "can_correct",
                id="correct",
                title="Take all segments up as classes and count what is changed",
            )

    def _automatic(self) -> None:
        draw_automatic(self.html, self.v, self.actions.automatic, self._button)

    def _marks(self) -> None:
        html, v, actions = self.html, self.v, self.actions
        with html.Div(classes="row"):
            v.VBtn(
                "{{ marking ? 'Marking' : 'Mark' }}",
                id="mark",
                prepend_icon="mdi-draw",
                size="small",
                color=("marking ? 'primary' : undefined",),
                variant=("marking ? 'flat' : 'tonal'",),
                disabled=("!can_mark",),
                click="marking = !marking",
                title=TITLES["mark"],
            )
            with v.VBtnToggle(
                v_model=("kind",), mandatory=True, density="compact", style="height: 28px"
            ):
                for kind in ("structure", "background", "erase"):
                    v.VBtn(kind.capitalize(), value=kind, size="small", id=f"kind-{kind}")
        with html.Div(classes="row", style="flex-wrap: nowrap"):
            html.Span("Radius", classes="note")
            v.VSlider(
                v_model=("radius",),
                min=0.5,
                max=20,
                step=0.5,
                hide_details=True,
                density="compact",
            )
            html.Span(
                "{{ Number(radius).toFixed(1) }} mm", classes="note", style="white-space: nowrap"
            )
        with html.Div(classes="row"):
            undo = {"prepend_icon": "mdi-undo", "id": "undo"}
            redo = {"prepend_icon": "mdi-redo", "id": "redo"}
            self._button("Undo", actions.undo, "can_undo", **undo)
            self._button("Redo", actions.redo, "can_redo", **redo)
            self._switch("live", "Live", "Carry every mark through the volume at once")

    def _switch(self, name: str, label: str, title: str) -> None:
        self.v.VSwitch(
            v_model=(name,),
            label=label,
            density="compact",
            hide_details=True,
            color="primary",
            title=title,
            classes="ml-2",
        )

    def _propagate(self) -> None:
        html, v, actions = self.html, self.v, self.actions
        with html.Div(classes="row"):
            for span, text in (
                ("whole", "Whole"),
                ("up", "Up"),
                ("down", "Down"),
                ("between", "Between"),
            ):
                self._button(
                    text, (actions.propagate, f"['{span}']"), "can_propagate", id=f"span-{span}"
                )
            self._switch("across", "Across", "Then let planes across the slices settle them")
        with html.Div(classes="row", style="flex-wrap: nowrap"):
            v.VProgressLinear(model_value=("progress",), height=6, color="primary", rounded=True)
            self._button("Cancel", actions.cancel, "!idle", id="cancel")
        html.Div("{{ progress_text || working }}", classes="note", style="min-height: 17px")

    def _review(self) -> None:
        html, actions = self.html, self.actions
        draw_strip(html, actions.go_to)
        html.Div(
            "{{ hover === null ? slice_text : 'Go to slice ' + (hover + 1) }}",
            classes="note",
            style="min-height: 17px",
        )
        html.Div("{{ audit_text }}", classes="note")
        with html.Div(classes="row"):
            self._button("Worst slice", actions.go_to_worst, "worst !== null", id="worst")
            self._button("Accept slice", actions.accept, "can_accept", id="accept")
            self._switch("surfaces", "3D", "Surfaces in the 3D view")

    def _export(self) -> None:
        with self.html.Div(classes="row"):
            for suffix in (".seg.nrrd", ".nii.gz", ".mrb"):
                self.v.VBtn(
                    suffix,
                    href=f"export/segmentation{suffix}",
                    __properties=["download"],
                    download=f"segmentation{suffix}",
                    disabled=("!can_export",),
                    size="small",
                    variant="tonal",
                    prepend_icon="mdi-download",
                )
        with self.html.Div(classes="note", style="margin-top: 8px"):
            self.html.Span("Research use, not a medical device.")
            self.html.A("Show log", href="log", target="_blank", id="log")
