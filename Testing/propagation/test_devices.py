"""The device that sessions run on."""

from __future__ import annotations

import pytest
import torch
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.propagation.devices import choose_device, working_precision
from S2VNetSlicerLib.propagation.records import DEVICES


@pytest.mark.parametrize(
    ("cuda", "mps", "chosen"),
    [(True, True, "cuda"), (False, True, "mps"), (False, False, "cpu")],
)
def test_auto_takes_the_fastest_device_that_is_there(monkeypatch, cuda, mps, chosen):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert choose_device("auto").type == chosen
    assert choose_device("cpu").type == "cpu"
    for name, there in (("cuda", cuda), ("mps", mps)):
        if there:
            assert choose_device(name).type == name
        else:
            with pytest.raises(UserError, match=f"{name} is not available here: use auto or cpu"):
                choose_device(name)


def test_unknown_devices_are_told_with_the_choices():
    with pytest.raises(UserError) as failure:
        choose_device("tpu")
    assert all(name in str(failure.value) for name in ("tpu", *DEVICES))


def test_half_precision_only_where_it_gains():
    assert working_precision(torch.device("cpu")) == torch.float32
    assert working_precision(torch.device("cuda")) == torch.float16
    assert working_precision(torch.device("mps")) == torch.float16
