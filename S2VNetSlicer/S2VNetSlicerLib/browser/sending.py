"""How files leave the browser: chosen or dropped, with progress, refused early, cancelled."""

from __future__ import annotations

from typing import Any

from .language import _
from .uploads import MOST_BYTES, MOST_FILES
from .widgets import Widgets, role_of

SCRIPT = """
if (!window.s2vnetSend) {
  const set = (values) => window.trame.state.update(values);
  let request = null;
  window.s2vnetSend = (action, files) => {
    files = [...files];
    if (!files.length || request) return;
    const size = files.reduce((sum, file) => sum + file.size, 0);
    const refused = size > MOST_BYTES ? "bytes" : files.length > MOST_FILES ? "files" : "";
    set({ refused });
    if (refused) return;
    const tr = window.trame.state.get("tr");
    const form = new FormData();
    for (const file of files)
      form.append("files", file, (file.path || file.webkitRelativePath || file.name));
    request = new XMLHttpRequest();
    let told = 0;
    const name = files.length > 1 ? files.length + " " + FILES_IN_ALL : files[0].name;
    set({ sending: { name, percent: 0 } });
    request.upload.onprogress = (event) => {
      if (Date.now() - told < 200 && event.loaded < event.total) return;
      told = Date.now();
      set({ sending: { name, percent: Math.floor(100 * event.loaded / event.total) } });
    };
    const end = () => { request = null; set({ sending: null }); };
    request.onload = request.onabort = end;
    request.onerror = () => { end(); set({ refused: "unreachable" }); };
    request.open("POST", action);
    request.send(form);
  };
  document.addEventListener("click", (event) => {
    if (event.target.closest("#cancel-sending") && request) request.abort();
  });
  document.addEventListener("change", (event) => {
    const action = event.target.dataset && event.target.dataset.send;
    if (!action) return;
    window.s2vnetSend(action, event.target.files);
    event.target.value = "";
  });
  const route = (files) => {
    const name = files.length === 1 ? files[0].name.toLowerCase() : "";
    if (name.endsWith(".mrb")) return "session";
    return name.endsWith(".seg.nrrd") ? "result" : "upload";
  };
  const walk = async (entry, found) => {
    if (entry.isFile) {
      const file = await new Promise((done, failed) => entry.file(done, failed));
      file.path = entry.fullPath.replace(/^[/]/, "");
      found.push(file);
    } else {
      const reader = entry.createReader();
      for (;;) {
        const some = await new Promise((done, failed) => reader.readEntries(done, failed));
        if (!some.length) break;
        for (const each of some) await walk(each, found);
      }
    }
  };
  const carries = (event) => [...event.dataTransfer.types].includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    if (!window.trame.state.get("dropping")) set({ dropping: true });
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) set({ dropping: false });
  });
  document.addEventListener("drop", async (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    set({ dropping: false });
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry());
    const found = entries.some((entry) => entry) ? [] : [...event.dataTransfer.files];
    for (const entry of entries) if (entry) await walk(entry, found);
    window.s2vnetSend(route(found), found);
  });
}
"""
STYLE = """
.dropping { position: fixed; inset: 12px; z-index: 3000; border: 3px dashed; border-radius: 12px;
  display: flex; align-items: center; justify-content: center; font-size: 22px;
  pointer-events: none; background: rgba(20, 40, 60, .75); color: white }
.sending { position: absolute; z-index: 21; left: 50%; bottom: 40px; transform: translateX(-50%);
  width: min(420px, 80%); padding: 10px 14px; border-radius: 8px; box-shadow: 0 2px 8px #0008;
  background: rgb(var(--v-theme-surface)) }
.sending .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
.series-row { display: flex; align-items: center; gap: 12px; padding: 6px 0 }
.series-row > div { flex: 1; min-width: 0 }
"""
_TOO_LARGE = _("More than {limit} GB were chosen: start the server with that volume instead.")
_TOO_MANY = _("More than {limit} files were chosen: send one study.")
_UNREACHABLE = _("The files did not arrive: the server does not answer.")
REFUSALS = f"""
bytes: {_TOO_LARGE}.replace('{{limit}}', {MOST_BYTES >> 30}),
files: {_TOO_MANY}.replace('{{limit}}', {MOST_FILES}),
unreachable: {_UNREACHABLE},
"""
"""Why files were not sent, by the page's variable ``refused``: expressions, as ``language._``."""


def script() -> str:
    """The page's script."""
    limits = {"MOST_BYTES": MOST_BYTES, "MOST_FILES": MOST_FILES}
    found = SCRIPT.replace("FILES_IN_ALL", _("files"))
    for name, value in limits.items():
        found = found.replace(name, str(value))
    return found


def draw_sending(widgets: Widgets, transfers: Any) -> None:
    """Add what is shown while files are dragged and sent, and the list of a study's series."""
    html, v = widgets.html, widgets.v
    widgets.text(_("Drop a volume, a DICOM folder, a result or a session"), "Div",
                 v_if="dropping", classes="dropping")  # fmt: skip
    with html.Div(v_if="sending", classes="sending", raw_attrs=[role_of("status")]):
        html.Div("{{ sending.name }}", classes="name")
        v.VProgressLinear(
            model_value=("sending.percent",),
            indeterminate=("sending.percent >= 100",),
            height=6,
            color="primary",
            classes="my-2",
        )
        widgets.button(_("Cancel"), None, id="cancel-sending")
    with (
        v.VDialog(model_value=("choosing",), max_width=640, persistent=True),
        v.VCard(id="series", classes="pa-4"),
    ):
        widgets.text(_("The study holds several series"), "H3")
        with html.Div(v_for="row in series", key="row.key", classes="series-row"):
            with html.Div():
                html.Div("{{ row.title }}")
                slices = _("slices")
                html.Div(
                    f"{{{{ row.modality }}}} {{{{ row.slices }}}} {{{{ {slices} }}}} "
                    "{{ row.problem }}",
                    classes="note",
                )
            choose = (transfers.choose_series, "[row.key]")
            widgets.button(_("Open"), choose, "idle && !row.problem", classes="open-series")
        with v.VCardActions():
            v.VSpacer()
            widgets.button(_("Done"), transfers.end_choosing, id="end-choosing")
