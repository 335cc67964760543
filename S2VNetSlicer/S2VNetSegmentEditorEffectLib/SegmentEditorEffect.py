"""What Slicer loads as the effect: its file and folder names are Slicer's convention."""

from S2VNetSlicerLib.desktop.effect import S2VNetEffect


class SegmentEditorEffect(S2VNetEffect):
    source = __file__
