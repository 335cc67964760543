"""The page's section of classes that need no marks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from chromium import CHROMIUM
from driving import begin, page_sets, serving, shown, until
from S2VNetSlicerLib.browser.drawing import page_values
from S2VNetSlicerLib.library import material, store, tuning
from S2VNetSlicerLib.workflow.state import ClassRow, LearnedRow, State

FORGET = "Forget the learned class femur with all its examples?"
KNOWN = State(
    volume="volume",
    classes=(ClassRow("id", "tumour", (1.0, 0.0, 0.0), False, True, 0.0),),
    selected="id",
    predefined=("liver", "spleen"),
    body_parts=("torso",),
    learned=(LearnedRow("femur", "MR", 3),),
    can_find=True,
)


@pytest.fixture
def weights(save_network, tmp_path, small_slices):
    """A small network with a predefined class."""
    small_slices(64)
    card = {"name": "small network"}
    return save_network(tmp_path / "small.safetensors", card, classes=("patella",))


def test_what_is_known_is_listed_and_says_what_can_be_done():
    values = page_values(KNOWN)
    text = "femur (learned, MR, examples: 3)"
    assert values["learned"] == [{"name": "femur", "text": text}]
    assert [(item["title"], item["value"]) for item in values["findable"]] == [
        ("Torso: all classes", "*torso"),
        ("liver", "liver"),
        ("spleen", "spleen"),
        (text, "femur"),
    ]
    both = page_values(replace(KNOWN, predefined=("liver", "femur")))
    assert [item["title"] for item in both["findable"]][1:] == ["liver", "femur"]
    assert values["can_find"]
    assert values["can_learn"]
    assert not page_values(replace(KNOWN, selected=""))["can_learn"]
    assert not page_values(replace(KNOWN, can_find=False))["can_find"]
    busy = page_values(replace(KNOWN, busy="Finding"))
    assert not busy["can_find"]
    assert not busy["can_learn"]
    assert page_values(replace(KNOWN, busy="Encoding", reading=True))["can_find"]


def test_a_class_is_learned_found_tuned_and_forgotten(in_application, image, volume, monkeypatch):
    for module in (material, tuning):
        monkeypatch.setattr(module, "STEPS", 1)

    def taught(presenter):
        """Slice 8 of the selected class is accepted."""
        presenter.runs.configure(live=False)
        assert presenter.stroke(np.zeros((1, 3)), 3.0)
        presenter.wait()
        assert presenter.accept(8)
        presenter.wait()

    async def test(application):
        async with await serving(application):
            begin(application, image)
            presenter, page = application.presenter, application.server.state
            section = application.page.actions.automatic
            presenter.add_class("femur")
            taught(presenter)
            section.learn()
            presenter.wait()
            assert page.message == "femur is learned from 1 example.", page.message
            assert [row["name"] for row in page.learned] == ["femur"]
            await page_sets(application, wanted=["patella", "forgotten long ago"])
            section.find()
            presenter.wait()
            assert [row["name"] for row in page.classes] == ["femur"]
            assert page.message == "Not found in this volume: Patella."

            section.tune("femur")
            assert "another volume" in page.message
            assert page.question == ""
            (example,) = store.load("femur").examples
            stored = material.cases.load(store.path_of("femur"), "femur")[example.key]
            other = replace(
                example, weight=example.weight / 2, case=replace(stored, volume="another")
            )
            store.add(replace(store.load("femur"), examples=(other,)))
            section.tune("femur")
            assert "2 volumes" in page.question
            section.answer(False)
            assert page.question == ""
            assert presenter.idle
            section.tune("femur")
            section.answer(True)
            assert not presenter.idle
            presenter.wait()
            assert "Dice" in page.tuning
            section.answer(True)
            assert (page.tuning, page.message) == ("", "femur is fine-tuned.")
            section.answer(True)  # by somebody who was late
            assert page.message == "femur is fine-tuned."

            section.forget("femur")
            assert page.question == FORGET
            section.answer(False)
            assert [row["name"] for row in page.learned] == ["femur"]
            section.forget("femur")
            section.answer(True)
            assert page.learned == []

    in_application(test)


@pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is missing")
def test_the_section_in_a_browser(in_application, monkeypatch):
    pytest.importorskip("playwright", reason="Playwright is not installed")

    async def test(application):
        presenter, calls = application.presenter, []
        for name in ("find_classes", "learn_class", "forget_learned", "tune_class", "keep_tuning"):
            monkeypatch.setattr(presenter, name, lambda *a, name=name: calls.append((name, *a)))
        monkeypatch.setattr(presenter, "estimate_tuning", lambda name: f"Fine-tune {name}?")

        def told(state):
            presenter.state = state
            application._draw(state)

        async with shown(application, 960, 640) as page:
            asked = page.locator("#question")
            await page.click("#group-automatic summary")

            async def says(*words):
                await asked.wait_for()
                assert await asked.inner_text() == "\n".join(words)

            async def answers(word, *call):
                await asked.get_by_role("button", name=word).click()
                await asked.wait_for(state="hidden")
                await until(lambda: calls == list(call))
                calls.clear()

            monkeypatch.setattr(presenter, "tick", lambda: False)
            told(KNOWN)
            await page.locator("#learn:enabled").click()
            assert await page.locator("#find").is_disabled()
            await page.locator("#wanted").click()
            await page.keyboard.type("m")
            names = page.locator(".v-overlay .v-list-item-title")
            await page.wait_for_function(
                "document.querySelectorAll('.v-overlay .v-list-item-title').length === 1"
            )
            assert await names.all_inner_texts() == ["femur (learned, MR, examples: 3)"]
            assert not application.server.state.marking, "letters of a name are no commands"
            await names.click()
            await page.keyboard.type("liv")
            await page.locator(".v-list-item-title", has_text="liver").click()
            await page.keyboard.press("Escape")
            await page.locator("#find:enabled").click()
            await until(lambda: len(calls) == 2)
            assert calls == [("learn_class", "id"), ("find_classes", ["femur", "liver"])]
            calls.clear()

            row = page.locator(".learned")
            assert "femur (learned, MR, examples: 3)" in await row.inner_text()
            await row.get_by_role("button", name="Forget").click()
            await says(FORGET, "OK", "Cancel")
            await page.keyboard.press("m")
            assert not application.server.state.marking
            await answers("Cancel")
            await row.get_by_role("button", name="Forget").click()
            await says(FORGET, "OK", "Cancel")
            await answers("OK", ("forget_learned", "femur"))
            await row.get_by_role("button", name="Fine-tune...").click()
            await says("Fine-tune femur?", "OK", "Cancel")
            await answers("OK", ("tune_class", "femur"))
            told(replace(KNOWN, tuning="Dice 0.70, then 0.80. Keep it?"))
            await says("Dice 0.70, then 0.80. Keep it?", "Yes", "No")
            await asked.get_by_role("button", name="Yes").click()
            await until(lambda: calls == [("keep_tuning", True)])
            told(KNOWN)
            await asked.wait_for(state="hidden")

    in_application(test)
