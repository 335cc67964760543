"""The page: drawer, toolbar, views and foot; what it shows is in ``drawing.page_values``."""

from __future__ import annotations

import json
from typing import Any

from .drawer import draw_drawer
from .entry import STYLE as ENTRY_STYLE
from .entry import draw_entry, draw_help, example_file
from .foot import HEIGHT as FOOT
from .foot import draw_foot
from .layouts import Layouts
from .measuring import draw_statistics
from .messages import draw_messages
from .overlay import STYLE as OVERLAY_STYLE
from .sending import STYLE as SENDING_STYLE
from .sending import draw_sending
from .sending import script as sending_script
from .style import STYLE
from .toolbar import draw_toolbar
from .tools import KEYS as TOOL_KEYS
from .view_bar import STYLE as BAR_STYLE
from .view_bar import draw_view_bar
from .viewing import HOLD
from .viewing import KEYS as VIEW_KEYS
from .widgets import KEYS as PAGE_KEYS
from .widgets import Widgets

TITLE = "S2VNet"
ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
    "%3Crect width='16' height='16' rx='3' fill='%23222'/%3E"
    "%3Cellipse cx='8' cy='8' rx='5' ry='4' fill='%23e67340'/%3E"
    "%3Cpath d='M5 9l2 1 4-4' stroke='white' fill='none'/%3E%3C/svg%3E"
)
SCRIPT = """
if (!window.s2vnetKeys) {
  window.s2vnetKeys = KEYS;
  window.addEventListener("keydown", (event) => {
    const writes = event.target.closest &&
      event.target.closest("input[type=text], textarea, [role=combobox], .v-overlay, .v-slider");
    if (document.getElementById("question")) return;
    const key = event.key.toLowerCase(), keys = window.s2vnetKeys;
    const action = (event.shiftKey && keys["shift+" + key]) || keys[key];
    if (!action || writes || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!event.repeat || action.startsWith("scroll")) window.trame.trigger("key", [action]);
  }, true);
  const show = (event) => {
    if (!event.key || window.s2vnetKeys[event.key.toLowerCase()] === "hide")
      window.trame.trigger("key", ["show"]);
  };
  window.addEventListener("keyup", show, true);
  window.addEventListener("blur", show);
  document.addEventListener("dblclick", (event) => {
    const item = event.target.closest(".layout-grid-item");
    const over = item && item.querySelector("[data-view]");
    if (over && !event.target.closest(".head, .scroll"))
      window.trame.trigger("double_click", [over.dataset.view]);
  });
  const known = window.localStorage, state = window.trame.state;
  window.trame.trigger("language", [known.getItem("s2vnet-language") || navigator.language]);
  state.set("theme", known.getItem("s2vnet-theme") || "dark");
  state.watch(["theme"], (theme) => theme && known.setItem("s2vnet-theme", theme));
  state.watch(["language"], (language) => {
    document.documentElement.lang = language || "en";
    if (language) known.setItem("s2vnet-language", language);
  });
  document.querySelector("meta[name=viewport]").content = "width=device-width, initial-scale=1";
  setInterval(() => {
    for (const image of document.querySelectorAll("img:not([alt])")) {
      const view = image.closest(".layout-grid-item")?.querySelector("[data-view]");
      image.alt = view ? view.dataset.view : "";
    }
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


def page_keys() -> dict[str, str]:
    """What each key does, by its name in browsers; keys of the views come before."""
    shared = {key.key.lower(): key.action for key in PAGE_KEYS}
    return {**shared, **VIEW_KEYS, **TOOL_KEYS, HOLD: "hide", "f2": "rename", "?": "help"}


class Page:
    """Builds the page; ``actions`` has a method for everything that a user can do."""

    def __init__(self, server: Any, layouts: Layouts, actions: Any) -> None:
        from trame.widgets import client
        from trame_vuetify.ui.vuetify3 import VAppLayout

        self.actions, widgets = actions, Widgets()
        html, v = widgets.html, widgets.v
        server.state.trame__title = TITLE
        server.state.trame__favicon = ICON
        server.state.trame__template_error = LOST
        server.state.update({"tr": {}, "language": "en", "theme": "dark"})
        server.state.example = example_file() is not None
        server.state.update({"filter": "", "typing": "", "draft": ""})
        with VAppLayout(server, theme=("theme",)) as self.layout:
            client.Style(STYLE + OVERLAY_STYLE + BAR_STYLE + SENDING_STYLE + ENTRY_STYLE)
            client.Script(SCRIPT.replace("KEYS", json.dumps(page_keys())) + sending_script())
            server.trigger("key")(actions.press)
            server.trigger("language")(actions.speak)
            server.trigger("rename")(actions.rename)
            server.trigger("double_click")(actions.viewing.double_click)
            drawer = {"permanent": True, "width": 320, "__properties": ["permanent"]}
            with v.VNavigationDrawer(**drawer), html.Div(classes="drawer"):
                draw_drawer(widgets, actions)
            with v.VAppBar(height=40, flat=True, border="b"):
                draw_toolbar(widgets, actions)
            draw_help(widgets)
            with v.VFooter(app=True, height=FOOT, classes="pa-0", border="t"):
                draw_foot(widgets, actions)
            with v.VMain(style="height: 100vh"), html.Div(classes="view-area"):
                draw_view_bar(widgets, actions.viewing, actions.measuring)
                with html.Div(classes="view-grid"):
                    draw_entry(widgets, actions)
                    draw_messages(widgets, actions)
                    draw_sending(widgets, actions.transfers)
                    draw_statistics(widgets)
                    layouts.place(self.layout)
