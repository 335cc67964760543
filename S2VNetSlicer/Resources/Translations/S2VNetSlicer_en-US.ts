<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en_US" sourcelanguage="en_US">
<context>
    <name>S2VNetSegmentEditorEffect</name>
    <message>
        <source>S2VNet Segment Editor effect</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This hidden module adds the effect S2VNet to the Segment Editor.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The method is S2VNet: Y. Ding, L. Li, W. Wang, Y. Yang, Clustering Propagation for Universal Medical Image Segmentation, CVPR 2024.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>S2VNetSlicer</name>
    <message>
        <source>1. Volume and segmentation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Volume:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The CT or MR volume to segment.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segmentation:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Where the result goes. A new segmentation is made when none is chosen.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>New segmentation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Modality:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>CT intensities are Hounsfield units; MR intensities are scaled to their own range.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>From the volume</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Slices:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The direction in which masks go from slice to slice. Mark along it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>As in the first marked view</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compute on:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Where the network runs; auto takes a graphics card when there is one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Installs PyTorch and small packages into Slicer&apos;s Python, after asking.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Install what is missing...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>2. Classes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Click a colour or a terminology to change it, double-click a name to rename. A locked class keeps its voxels.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Class</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Terminology</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Lock</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Changed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A new class, selected for marks.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Removes the selected class and its voxels.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Takes every segment of the chosen segmentation as an automatic result; marks then correct it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Correct a result</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>3. Automatic</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Classes that the weights or your library know; they appear when the network is loaded.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segments the checked classes without marks, as new classes to correct.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Find</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keeps the selected class, as it is in the accepted slices, for other volumes.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Learn this class</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Takes the learned class in the current row out of your library.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Forget</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>4. Marks</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>5. Propagate</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check other planes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>6. Review</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>7. Export</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>8. Results of a batch</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Click or draw in a slice view; Ctrl turns a mark into its opposite.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What the volume is, along which direction masks go, and where the network runs.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Modality, slices and device</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Locks all classes but the selected one, or unlocks them again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Lock others</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Takes the result in a file (.seg.nrrd, DICOM SEG, RT structure set or label map) up to be corrected.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open a result...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Adapts the learned class in the current row to the slices that you accepted; asks before it begins and before anything is kept.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fine-tune...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mark</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Marks say: this is the selected class.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Structure</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Marks say: this is no class.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Background</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Strokes take marks away.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Erase</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Radius:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Takes back the last mark, propagation or acceptance.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Undo</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Does again what was taken back.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Redo</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A mark shows its slice at once and then goes through the volume by itself.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Propagate while marking</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>From all marked slices through the whole volume.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Radius of clicks and strokes; in a slice view Shift and the wheel, or + and -, change it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Whole volume</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Only towards higher slices.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Up</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Only towards lower slices.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Down</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Only between the marked slices around the current one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Between</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>After each run planes across the slices settle all that is not accepted; without, a mark changes only what lies between its neighbours.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stops; finished slices stay.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The slice where a correction should help most.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Go to worst slice</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This slice is right: it stays voxel for voxel.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Accept slice</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Everything, marks and review as well, to go on later.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save scene...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The segmentation as .seg.nrrd, .nii.gz or .mrb.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export segmentation...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>By Slicer&apos;s own exporter; the volume must have been loaded from DICOM.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>DICOM SEG...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Volumes and intensities by Slicer&apos;s Segment Statistics.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segment statistics</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What was done and what went wrong, for whoever looks for a fault.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show log</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The least sure case first. Double-click a case to open and correct it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Case</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Expected Dice</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Status</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The output folder of s2vnet batch.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open results...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Opens the least sure case that nobody judged, to correct it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Next case</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The case is right: saves it with its corrections as completed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Completed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Somebody should look at the case again: saves it as flagged.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Flag</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>S2VNet Segmentation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The method is S2VNet: Y. Ding, L. Li, W. Wang, Y. Yang, Clustering Propagation for Universal Medical Image Segmentation, CVPR 2024. Research use only: not a medical device.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a volume, add a class, switch Mark on and draw on the structure in a slice view; Ctrl marks background. The masks go from slice to slice. Correct where the strip is dark: corrections are obeyed exactly, and only the slices between two of them change.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>browser.automatic</name>
    <message>
        <source>Fine-tune...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Adapts the learned class to the slices that you accepted; asks before it begins and before anything is kept.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Forget</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Takes the learned class out of your library.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Classes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No such class is known, or the network is not loaded yet.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segments the chosen classes without marks, as new classes to correct.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Find</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keeps the selected class, as it is in the accepted slices, for other volumes.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Learn this class</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Yes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>browser.class_list</name>
    <message>
        <source>Classes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Filter</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show only the selected class, or all again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Lock others</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Lock all classes but the selected one, or unlock them again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Colour</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show or hide</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Lock or unlock</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segmentation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close this segmentation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open result...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A segmentation of this volume by another method, to be corrected</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Correct</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Take all segments up as classes and count what is changed</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>browser.drawer</name>
    <message>
        <source>Automatic</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Guess</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Files of at most</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Volume</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open the last session</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Saved on</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close this volume</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Modality</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Slices</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open volume...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open DICOM folder...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show log</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save session</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Everything in one file, to go on with it anywhere</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open session...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Research use, not a medical device.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>browser.drawing</name>
    <message>
        <source>A new one</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>As marked</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sagittal</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Coronal</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Axial</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>browser.entry</name>
    <message>
        <source>1. Open a volume: it is prepared while you look at it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>2. Click or draw on a structure in one slice: its mask goes through the volume.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>3. Look where the strip is dark, mark what is wrong, accept slices, download the result.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>scroll slices, one or ten</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>window: automatic, and presets of CT</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>hide segmentations while it is held</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>outlines, smooth pixels, crosshair</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>rename the selected class</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>with a mark: its opposite</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>radius of the brush, with the wheel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>this list</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Drop a CT or MR here</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A file, a DICOM folder or a .zip file, or choose one:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open volume...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open DICOM folder...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Try an example</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>An example comes with the Python package nilearn, which is not installed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>? lists all keys.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keys</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>browser.foot</name>
    <message>
        <source>Up</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Down</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Whole volume</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Carry the marks through the whole volume</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Only towards this side of the shown slice</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Between</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Only between the marked slices around the shown one</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Go to slice</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Propagate</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>After each run planes across the slices settle what is not accepted</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check other planes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Worst slice</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Accept slice</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>3D</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Surfaces in the 3D view</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>browser.measuring</name>
    <message>
        <source>Distance: click two points in a slice</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove all distances</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Statistics of the classes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Class</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Statistics</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>browser.messages</name>
    <message>
        <source>Close</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>browser.overlay</name>
    <message>
        <source>Axial</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Coronal</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sagittal</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>3D</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show this view alone (double click)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show all views</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fit into the view</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>browser.sending</name>
    <message>
        <source>Drop a volume, a DICOM folder, a result or a session</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The study holds several series</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>slices</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Done</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>browser.toolbar</name>
    <message>
        <source>Mark the class</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mark the background</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Erase marks</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep the largest piece</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fill holes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Smooth</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Marking</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mark</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Switch the mark tool on or off</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tools</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keys (?)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tidy the selected class</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Radius</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Undo</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Redo</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Live</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Carry every mark through the volume at once</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Dark or light</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>browser.tools</name>
    <message>
        <source>Stroke or click: marks the class</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Lasso: draw around the structure</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Box: drag over the structure</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Brush: draws voxels, nothing else follows</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Eraser: takes voxels of the class away</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fill: all inside an outline</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>browser.view_bar</name>
    <message>
        <source>Automatic window</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Soft tissue</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Lung</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Liver</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bone</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Brain</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Four views</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>One large view</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Three slices in a row</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Three slices, no 3D</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Outlines only (O)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Smooth pixels (I)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Crosshair (J); Shift and a move of the mouse place it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Names and window in the corners</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>View</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Opacity</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Opacity of the segmentation in the slices; hold H to hide it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Window</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A drag with the left button in a slice changes window and level</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>desktop.automatic</name>
    <message>
        <source>Forget the learned class {name} with all its examples?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} (learned, {modality}, examples: {examples})</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>desktop.batch_review</name>
    <message>
        <source>Not started</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Completed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Flagged</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Failed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Folder with the results of a batch</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{case} was changed and not saved. Leave it and lose the changes?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{package} is missing: install it above first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>nothing found</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{judged} of {cases} cases judged, {failed} failed</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>desktop.drawing</name>
    <message>
        <source>Up</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Down</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Changed against the automatic result: {voxels} voxels, {ml:.2f} ml</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>desktop.effect</name>
    <message>
        <source>S2VNet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Draw on the structure in one slice view, with Ctrl on the background; the mask goes through the volume slice by slice. Correct where it is wrong, then Apply. With several segments at once, marks are those of the segment that is selected.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Structure</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Background</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Erase</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Marks:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Radius:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All visible segments at once</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Otherwise only the selected segment is marked and changed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What is there is a result to correct</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Otherwise what is painted already counts as marks.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Propagate</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Carries the marks through the volume, as a preview.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Forgets marks and preview; nothing changes.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Apply</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Replaces what is there by the preview.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Missing: {packages}; install them in the S2VNet Segmentation module.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a source volume and select a segment first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Another volume or segmentation was chosen while the stroke was drawn: draw it again.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>desktop.export</name>
    <message>
        <source>This Slicer cannot write DICOM SEG: install the QuantitativeReporting extension.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>its images are not in a database</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} was not exported ({problem}): load the volume from Slicer&apos;s DICOM database.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} statistics</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>desktop.install</name>
    <message>
        <source>0.2 to 3 GB</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>S2VNet needs {packages} in Slicer&apos;s Python. PyTorch is a download of {size} and takes some minutes, the rest is small. Install now?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The PyTorch extension comes first, from the Extensions Manager; Slicer then has to be restarted.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The installation failed ({error}): see the Python console, then try again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>PyTorch was not installed: see the Python console, then try again or restart.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The PyTorch extension is missing: install it in the Extensions Manager and restart.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The PyTorch extension could not be installed: Slicer&apos;s error log says why. Install it in the Extensions Manager and restart.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The PyTorch extension is installed. Once Slicer is restarted, the installation goes on by itself. Restart now?</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>desktop.log</name>
    <message>
        <source>Nothing was logged yet.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The log: {file}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>desktop.terminology</name>
    <message>
        <source>Terminology</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Select</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>desktop.widget</name>
    <message>
        <source>Sagittal</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Coronal</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Axial</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Results (*.seg.nrrd *.dcm *.nii *.nii.gz *.nrrd *.mha *.mhd);;All files (*)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open a result of this volume</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save scene</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Slicer scene (*.mrb)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segmentation (*.seg.nrrd);;Label map (*.nii.gz);;Scene (*.mrb)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export segmentation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Folder for DICOM SEG</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Axis {axis}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>qSlicerAbstractCoreModule</name>
    <message>
        <source>Segmentation</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>workflow.keyboard</name>
    <message>
        <source>switch the mark tool on or off</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>marks are background, or the class again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>strokes erase marks, or mark again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>select the next class</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>undo</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>redo</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>propagate through the whole volume</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>propagate towards higher slices</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>propagate towards lower slices</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>propagate between the marked slices around this one</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>cancel the propagation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>go to the worst slice</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>accept the slice</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>workflow.words</name>
    <message>
        <source>Loading</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Propagating</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Preparing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Checking other planes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bringing the result onto the volume&apos;s grid</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Finding</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Learning</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tuning</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{done} of {total} slices</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{time} left</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>not reached yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>by the model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>marked</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>accepted</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Slice {z} of {slices}: {who}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>, expected agreement {percent} %</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>, the worst</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Towards the head</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Towards the feet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Towards the front</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Towards the back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Towards the right</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Towards the left</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Slices {told}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>accepted by you</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>marked by you</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>by the model {name}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>from {name}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>corrected by {name}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
</TS>
