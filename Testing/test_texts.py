"""Sentences can be told in another language wherever they were made and whatever carried them."""

from __future__ import annotations

import errno
import os
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st
from S2VNetSlicerLib.errors import UserError, cause_of
from S2VNetSlicerLib.texts import Text, joined, texts, told

_ = texts("S2VNetSlicerLib.volumes.reading")
GERMAN = {
    ("volumes.reading", "{path} is {what}."): "{path} ist {what}.",
    ("volumes.reading", "a web page"): "eine Webseite",
    ("S2VNetSlicerLib.errors", "{path} was not saved"): "{path} wurde nicht gespeichert",
    ("S2VNetSlicerLib.errors", "No space left on device"): "Kein Platz",
    (
        "S2VNetSlicerLib.errors",
        "Free some disk space there or choose another folder.",
    ): "Schaffen Sie dort Platz.",
}


def german(text):
    return told(text, lambda *key: GERMAN.get(key, key[1]))


def test_a_sentence_is_english_and_can_be_translated_with_what_stands_in_it():
    said = _("{path} is {what}.").format(path="scan.nii", what=_("a web page"))
    assert said == "scan.nii is a web page."
    assert german(said) == "scan.nii ist eine Webseite."
    assert german("plain {words}") == "plain {words}"


def test_a_failure_keeps_its_cause_and_remedy_to_be_translated():
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    error = UserError("{path} was not saved", full, path="a{b}.mrb")
    english = "a{b}.mrb was not saved: No space left on device. Free some disk space"
    assert str(error).startswith(english)
    assert (
        german(str(error))
        == "a{b}.mrb wurde nicht gespeichert: Kein Platz. Schaffen Sie dort Platz."
    )


@pytest.mark.parametrize("carry", [lambda e: e, lambda e: pickle.loads(pickle.dumps(e))])
def test_it_stays_so_through_other_failures_and_processes(carry):
    inner = carry(UserError("{path} was not saved", path="x"))
    outer = carry(UserError(_("{path} is {what}.").format(path="y", what=_("a web page")), inner))
    assert german(str(outer)) == "y ist eine Webseite.: x wurde nicht gespeichert."
    assert isinstance(cause_of(outer), Text)


def test_a_cause_that_only_the_system_knows_is_told_as_it_is():
    error = UserError("{path} was not saved", OSError(errno.ENOSPC, "disc full"), path="x")
    assert german(str(error)).startswith("x wurde nicht gespeichert: disc full.")


@given(st.lists(st.text(), max_size=4), st.text(alphabet=st.characters(exclude_characters="{}")))
def test_joined_is_join(parts, separator):
    assert joined(separator, parts) == separator.join(parts)
    assert german(joined(separator, parts)) == separator.join(parts)
