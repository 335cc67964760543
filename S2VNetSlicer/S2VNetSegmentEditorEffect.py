"""The hidden module that adds the S2VNet effect to Slicer's Segment Editor."""
# ruff: noqa: N802, PT009 (Slicer's interface)

from __future__ import annotations

from pathlib import Path

import slicer
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.ScriptedLoadableModule import ScriptedLoadableModule, ScriptedLoadableModuleTest

SOURCE = Path(__file__).resolve().parent / "S2VNetSegmentEditorEffectLib" / "SegmentEditorEffect.py"
"""Slicer takes the folder for the name of the module and the file for that of the class."""


class S2VNetSegmentEditorEffect(ScriptedLoadableModule):
    def __init__(self, parent):
        super().__init__(parent)
        parent.title = _("S2VNet Segment Editor effect")
        parent.categories = [translate("qSlicerAbstractCoreModule", "Segmentation")]
        parent.dependencies = ["Segmentations"]
        parent.contributors = ["The S2VNetSlicer contributors"]
        parent.hidden = True
        parent.helpText = _("This hidden module adds the effect S2VNet to the Segment Editor.")
        parent.acknowledgementText = _(
            "The method is S2VNet: Y. Ding, L. Li, W. Wang, Y. Yang, Clustering Propagation for "
            "Universal Medical Image Segmentation, CVPR 2024."
        )
        slicer.app.connect("startupCompleted()", register_effect)


def register_effect():
    """Add the effect to the Segment Editor's."""
    import qSlicerSegmentationsEditorEffectsPythonQt as effects

    effect = effects.qSlicerSegmentEditorScriptedEffect(None)
    effect.setPythonSource(SOURCE.as_posix())
    effect.self().register()


class S2VNetSegmentEditorEffectTest(ScriptedLoadableModuleTest):
    """The effect is there; its work is tested with the module S2VNetSlicer."""

    def runTest(self):
        self.test_effect_is_registered()

    def test_effect_is_registered(self):
        factory = slicer.qSlicerSegmentEditorEffectFactory.instance()
        names = [effect.name for effect in factory.registeredEffects()]
        self.assertIn("S2VNet", names)
