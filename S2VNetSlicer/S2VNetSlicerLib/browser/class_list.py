"""The classes: each with colour, name, size, an eye and a lock."""

from __future__ import annotations

from typing import Any

from .language import _
from .widgets import Widgets, in_words, named, role_of

SELECTED = "classes.some(r => r.id === selected)"
SHOWN = "classes.filter(r => r.name.toLowerCase().includes((filter || '').trim().toLowerCase()))"
"""The classes whose names hold what is typed into the filter."""
MANY = 8
"""With more classes there is a field to filter them."""


def draw_classes(widgets: Widgets, actions: Any) -> None:
    """Add the list with its buttons to the drawer."""
    html = widgets.html
    with html.Div(classes="d-flex align-center"):
        widgets.text(_("Classes"), "H3", classes="mr-2")
        widgets.text("classes.length || ''", classes="note mr-2")
        html.Input(
            type="text",
            classes="filter",
            id="filter",
            v_if=f"classes.length > {MANY}",
            v_model=("filter",),
            placeholder=(_("Filter"),),
            raw_attrs=named(_("Filter")),
        )
    with html.Div(classes="row"):
        widgets.button(_("Add"), actions.add_class, "can_mark && idle", id="add-class")
        widgets.button(_("Remove"), actions.remove_class, f"{SELECTED} && idle", id="remove-class")
        several = f"classes.length > 1 && {SELECTED}"
        widgets.icon(
            "mdi-eye-circle-outline",
            _("Show only the selected class, or all again"),
            actions.show_only,
            several,
            id="show-only",
        )
        widgets.button(
            _("Lock others"),
            actions.lock_others,
            several,
            id="lock-others",
            title=_("Lock all classes but the selected one, or unlock them again"),
        )
    with html.Div(classes="classes", id="class-list", raw_attrs=named(_("Classes"), "list")):
        _draw_rows(widgets, actions)
    _draw_results(widgets, actions)


def _draw_rows(widgets: Widgets, actions: Any) -> None:
    html, colour, changed = widgets.html, _("Colour"), _("changed")
    with html.Div(
        v_for=f"row in {SHOWN}",
        key="row.id",
        raw_attrs=[role_of("listitem")],
        classes=("row.id === selected ? 'class selected' : 'class'",),
        click=(actions.select_class, "[row.id]"),
        dblclick="draft = row.name; typing = row.id",
        __events=["dblclick"],
    ):
        html.Input(
            type="color",
            value=("row.colour",),
            title=(_("Colour"),),
            raw_attrs=named(f"{colour} + ' ' + row.name"),
            change=(actions.recolour, "[row.id, $event.target.value]"),
        )
        html.Button(
            "{{ row.name }}",
            v_if="typing !== row.id",
            type="button",
            classes="name",
            title=("row.name",),
            raw_attrs=[
                ':aria-pressed="row.id === selected"',
                '@keydown.f2.prevent="draft = row.name; typing = row.id"',
            ],
        )
        html.Input(
            type="text",
            v_if="typing === row.id",
            # What is being typed stays while volumes change below it.
            value=("draft",),
            input="draft = $event.target.value",
            raw_attrs=[
                *named(_("Name")),
                '@vue:mounted="$event.el.focus(); $event.el.select()"',
                '@click.stop=""',
                '@dblclick.stop=""',
                """@keydown.enter.prevent="trigger('rename', [row.id, draft]); typing = ''" """,
                """@keydown.esc.prevent="typing = ''" """,
                """@blur="typing === row.id && trigger('rename', [row.id, draft]); """
                '''typing === row.id && (typing = '')"''',
            ],
        )
        more = f"row.changed ? ' (' + row.changed + ' ' + {changed} + ')' : ''"
        html.Span(f"{{{{ row.ml }}}} ml{{{{ {more} }}}}", classes="ml")
        for key, on, off, title in (
            ("visible", "mdi-eye", "mdi-eye-off", _("Show or hide")),
            ("locked", "mdi-lock", "mdi-lock-open-variant-outline", _("Lock or unlock")),
        ):
            action = actions.show_class if key == "visible" else actions.lock_class
            widgets.v.VBtn(
                icon=(f"row.{key} ? '{on}' : '{off}'",),
                title=(title,),
                # The row selects its class at a click; its buttons do not.
                click_stop=(action, f"[row.id, !row.{key}]"),
                __events=[("click_stop", "click.stop")],
                raw_attrs=[*named(f"{title} + ' ' + row.name"), f':aria-pressed="row.{key}"'],
                size="x-small",
                variant="text",
                density="comfortable",
            )


def _draw_results(widgets: Widgets, actions: Any) -> None:
    html = widgets.html
    with html.Div(classes="row", v_if="segmentations.length > 1", style="flex-wrap: nowrap"):
        widgets.select(
            _("Segmentation"),
            "segmentation",
            (in_words("segmentations"),),
            actions.choose_segmentation,
            "can_choose",
        )
        close, label = actions.closing.close_segmentation, _("Close this segmentation")
        widgets.icon("mdi-close", label, close, "can_correct", id="close-segmentation")
    with html.Div(classes="row"):
        widgets.upload(
            "upload-result",
            "result",
            _("Open result..."),
            title=_("A segmentation of this volume by another method, to be corrected"),
            enabled="can_choose",
            accept=".nrrd,.nii,.gz,.mha,.dcm",
        )
        widgets.button(
            _("Correct"),
            actions.correct,
            "can_correct",
            id="correct",
            title=_("Take all segments up as classes and count what is changed"),
        )
