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
    <name>S2VNetSlicerLib.errors</name>
    <message>
        <source>The annotation was stored by a newer version (its format is {version}, this version knows {known}) and is left as it is. Update S2VNet to go on with it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The stored annotation cannot be read: it has no version.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The stored annotation is that of a volume of shape {shape}, not {wanted}: choose the volume it was made on.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The stored annotation cannot be read</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no slice {z}: the volume has slices 0 to {last}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Marks of shape {shape} do not fit slices of shape {wanted}: draw them on the volume&apos;s grid.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Slice {z} has values from {lowest} to {highest}: only 0 to {structures} mean something in this session.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>That class is no longer there: choose another one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>At most {n} classes are possible: remove some first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} cannot be opened: {damaged} in it is damaged.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No session is saved in {folder}: start without --resume.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} cannot be opened: Slicer finds no scene in it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} cannot be gone on with</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} was not saved</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} cannot be opened</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Another server saves into {folder}: end it or choose another --state.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{folder} cannot be used for saving</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} cannot be closed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} cannot be saved</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What is shown now cannot be kept in {folder}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} is no saved session: choose an {suffix} file.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The scene in {path} cannot be read</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} is larger than {most:.0f} MB when it is unpacked.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} is damaged or holds no scene.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The scene in {path} names files outside it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} names files outside itself.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The journal cannot be read</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is nothing to measure yet: add a class and mark it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The surface of {names} cannot be written.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {thing} cannot be written</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A DICOM segmentation refers to the DICOM files of its volume, which are not there: open the DICOM series itself.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} cannot be read</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} cannot be copied</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What came after the last save cannot be shown</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What came after the last save cannot be read ({kept})</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing could be measured</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The server has ended, but not everything could be done</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Something was begun already: its session goes on.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A propagation runs: cancel it before another file is loaded.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Several files arrived: choose the one with the result.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No file arrived: choose a file.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The series cannot be loaded</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The file cannot be loaded</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} is larger than {most:.0f} MB in all: start the server with that volume instead.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>More than {most} files arrived: send one series.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} is no volume: send .nii.gz, .nrrd, .mha, DICOM files or a .zip of them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} is one of several files: send one volume at a time.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} names another file for its voxels: send a single file.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No file arrived: choose a volume file or the files of a series.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{archive} cannot be unpacked ({reason}): send it again, without a password.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Free some disk space there or choose another folder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check its permissions or choose another place.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose another port, or end the program that uses this one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No space left on device</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Disk quota exceeded</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Permission denied</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Operation not permitted</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Read-only file system</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No such file or directory</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not a directory</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Is a directory</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>File exists</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Input/output error</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cannot allocate memory</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Too many open files</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>File name too long</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Address already in use</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It needs more memory than is free: close other programs or take a smaller volume.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>it does not answer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>exit code {code}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>ended by the signal {signal}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>ended by a signal ({error})</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The inference process cannot be started: no Python was found beside {executable} or in {exec_prefix}. Name one in the environment variable {python}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} cannot be fine-tuned, the slices it was learned from are not stored: learn it again in two volumes.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} is damaged and cannot be set aside</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{thing} cannot be read</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{thing} is damaged</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The weights know these classes in another modality, this volume is {modality}: mark the structures instead.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{learned} was learned on slices along {axes}: choose that direction.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} cannot be learned yet: accept a slice in which it is right, better three.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} was learned on slices along {axes}: accept slices of that direction, or choose another name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} was learned in {modality}, this volume is {this}: learn it in {this} under another name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} was learned with the weights {weights}, not {used}: use those, or learn it again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} cannot be fine-tuned yet, it has accepted slices of {count} volume: accept it in another volume first and learn it there.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} cannot be fine-tuned yet, it has no accepted slices: accept it in two volumes and learn it there.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} does not belong to {path}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A learned class needs a name with letters or digits, not {name!r}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no learned class {name}: the library knows {known}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no learned class {name}: nothing was removed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The library {folder} cannot be read</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} cannot be removed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no class {name}: the weights know {listed}, the library {learned}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{tuned} was learned anew in the meantime: fine-tune it again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} is a pickled checkpoint, which could run any code: convert it to safetensors.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The weights {path} are missing: reinstall S2VNetSlicer or name a file.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The weights {path} are of version {version}, not {format}: use the weights that came with this release.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The weights {path} cannot be read ({error}): copy or download the file again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The weights {path} do not fit this release</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use the weights that came with it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model card {card} cannot be read</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The weights know {known} predefined classes, not class {max}: use other weights or mark the structure.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>None of the session&apos;s classes is predefined: choose classes from the weights&apos; card or mark the structures.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no device {name!r}: choose one of {listed}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The device {name} is not available here: use auto or cpu.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The features of this volume need {size:.1f} GB in {place}: free some disk space there or set TMPDIR to another folder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A session needs a 3D volume and axis 0, 1 or 2, not {shape}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Slicer&apos;s libraries are not installed: run pip install &apos;s2vnet-slicer[scene]&apos;.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The record of who made {name}, its tag {tag}, cannot be read</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} would be a DICOM segmentation, which refers to DICOM images: give their folder as the volume, or another format.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} is not a Slicer file: end its name in {listed}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} has {count} structures: {largest_label} are possible.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} holds the label {unknown}, which has no name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} is made of surfaces: make the binary label map its source in the Segmentations module.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} has no segment {segment}: choose another one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} and another class both mark voxel ({i}, {j}, {k}): erase one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} is painted only outside {volume}: paint inside the volume.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} is under another transform than {volume}: choose a new segmentation or move it under the volume&apos;s transform.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no slice {z} to write into.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The result has structure {number}: add a segment for it first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The result has the shape {shape} where {volume} has {wanted}: segment the volume again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A segment was removed while it was written: start again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {thing} is no longer in the scene: choose another one and start again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} is under a non-linear transform: harden the transform first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} has no voxels: load the volume again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} is a colour or vector volume: choose a scalar CT or MR volume.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{folder} holds no series {series}: choose one of these. {listed}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{folder} holds no DICOM series of two or more slices but {besides}: give the folder that directly holds the files of one series.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{folder} holds no DICOM series of two or more slices: give the folder that directly holds the files of one series.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{folder} holds {count} DICOM series: choose one by its number with --series, or put it into a folder of its own. {listed}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} is cut off or damaged</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} states a RescaleSlope of 0: its values are lost.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} holds pixels of another size than it states.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} states its values by a lookup table (Modality LUT), which is not supported: export the series with RescaleSlope and RescaleIntercept.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} is neither a DICOM segmentation nor an RT structure set. A volume is read from the folder of its files.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} belongs to another patient than the volume.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} has no contour within the volume.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} has a contour across the slices of the volume: it was drawn on another one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} would be a DICOM segmentation, but the volume is not DICOM.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} cannot be written: a DICOM segmentation cannot be empty.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} cannot be read as a DICOM segmentation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} was drawn on another scan: its frame of reference is {theirs}, the volume&apos;s is {ours}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} cannot be written as a DICOM segmentation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{folder} holds slices of different numbers of rows or columns.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{folder} holds slices of different pixel spacings.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{folder} holds slices of different orientations: put the slices of one orientation into a folder of their own.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{folder} holds only one slice: give a series of two or more.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{folder} holds several slices at one position, {at}, and no tag tells their time points or echoes apart: put those of one volume into a folder of their own.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{folder} has {step:.2f} mm between slices {first} and {second} where {usual:.2f} mm is usual: copy the missing slices, or resample the series to even distances.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{folder} was acquired with a tilted gantry: resample it to a rectangular grid, as 3D Slicer&apos;s DICOM import does.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} holds slices without a position in the patient: give the original series.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} states no PixelSpacing, so the size of its pixels is unknown: give the original series.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} states a PixelSpacing of {smallest:g} mm.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} has no valid voxel spacing, direction or origin: export it again from the original images.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} has a degenerate grid: two of its axes have one direction.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} has axes that are not at right angles (a tilted gantry or a shear): resample it to a rectangular grid, in 3D Slicer with Resample Scalar Volume.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} does not lie on the grid of {wanted_name}: it has {own}, not {wanted}{far}. Export it with that volume as the reference, or resample it to that volume.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} holds no points, lines or curves but {listed}: place points in the structure.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} marks {count} structures: mark {largest_label} at most.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} holds no {suffix} or {old_suffix} files: save the marks there from 3D Slicer.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} marks {name} {where}: place its points or delete the list.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} cannot be read</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} is not a file of points, lines or curves from 3D Slicer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save the marks again as {suffix}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} is no NIfTI file, or its header is damaged.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} is a colour image: export one scalar 3D volume.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} has {count} dimensions: export one 3D volume of it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} has an sform whose axes are not at right angles{unlike} (a tilted gantry or an affine registration): resample it to a rectangular grid, for instance with nibabel.processing.resample_to_output.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} states two spacings, {told} mm (sform and pixdim): mend one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} cannot be read as a NIfTI image</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} has a voxel spacing of zero: export it again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} is no NRRD file: it does not begin with NRRD.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} is compressed with bzip2, which ITK and 3D Slicer cannot read: save it with the encoding gzip.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} is only a header: the file of its voxels, {name}, is missing.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} does not exist: there is no folder {missing}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} is neither a file nor a folder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} does not exist.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{where} marks voxel {voxel} (i, j, k) both as {one} and as {other}: delete one of the two marks.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The modality {modality} is unknown: state CT or MR.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} is no folder of DICOM files: a series cannot be chosen in it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} is cut off or damaged: it holds no voxels.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} holds {count} values in each voxel (colour, vectors or overlapping segments): export one scalar 3D volume.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} holds complex numbers: export their magnitude.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} is not of a supported format: give {listed}, or the folder of a DICOM series.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} is cut off or damaged: it is an empty file.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} is {thing}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} is cut off or damaged</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} has a sheared or degenerate grid</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} holds labels from {lowest} to {highest}: use {meaning}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} holds fractions: give a label map of whole numbers.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} holds no marks: mark the structure, and best the background.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} marks only background (label 1): mark at least one structure with label 2.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} needs one name and one colour for each marked structure.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} has no mark with label {label}: number the structures 2, 3, ... without gaps.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} is no label map: give one of whole numbers, 0 the background.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} holds {count} structures: {largest_label} are possible.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} marks more than {largest_label} structures.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} marks {count} voxels both as {rival} and as {called}: take them out of one of the two segments.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} has voxels in several segments: make them not overlap.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} has a damaged description of segment {number}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} marks {called} nowhere: draw it or delete the segment.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} is given as {modality}: state CT or MR.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} has {count} dimensions: give one 3D volume.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} has a grid of another size than its voxels: load it again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} holds NaN or infinite values: replace them by numbers.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} has the same value {lowest:g} everywhere: give a volume that shows something.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} has only {count} {thing}: give a volume with at least 2 slices, rows and columns.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} has values from {lowest:g} to {highest:g}, not the Hounsfield units of a CT: give the original CT, or state MR as its modality.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} cannot be written</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} is not of a supported format: end its name in {listed}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the file reads back with other labels</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>this format cannot hold the place of the voxels to a hundredth of their size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Write .nrrd, which can.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Give an existing folder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} is a folder: give the name of a file.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} is no ordinary file: give another name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} is an input: give the result another name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} is a file of the input {given}: give the result another name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} has lost its automatic result: load it again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A class needs a name: type one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} could not be done</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No volume is chosen: load a CT or MR volume and choose it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} has another grid than before: its annotation stays in the segmentation, begin a new one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no class yet: add one and mark it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing is marked yet: mark a structure on one slice first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The outline encloses nothing of {volume}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No class is selected: choose the one to draw.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing of {volume} was drawn on: draw inside.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No class is selected: choose the one to tidy.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing is to be changed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} is locked: unlock it first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} has no segments: choose another segmentation.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is nothing to undo.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is nothing to redo.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Several views show other slices: go to the slice first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No class is chosen: choose what to look for.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The weights know a class {structure} already: give yours another name first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No fine-tuned class waits for an answer: fine-tune one first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Something runs already: wait until it has ended or cancel it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} lies outside {volume}: it belongs to another volume.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The scene holds no annotation: choose a volume and mark a structure.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The volume of {name} is not in the scene: load it again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {thing} {node_id} is not in the scene: choose another one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Another volume or segmentation was chosen while the stroke was drawn: draw it again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The view shows {names}, but {volume} is marked: show it there, or choose the other volume.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No segmentation is chosen: choose the result that is to be corrected.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No volume is chosen: load the volume of this result first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing was asked.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Outlines need a view along the voxels: turn the view back.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no modality {modality}: choose CT or MR.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no axis {axis}: choose 0, 1 or 2.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no device {device}: choose one of {listed}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The stroke lies outside {volume}: mark inside.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Everything there belongs to locked classes: unlock them first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Slice {slice} is not between marked slices: mark another one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing is suggested yet: mark a slice and propagate first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Slices are marked already: choose one of the three directions.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The work stopped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} has no known format: end its name in {listed}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is nothing to export yet: add a class and mark it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} is not a scene file: end its name in .mrb.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The annotation stored in {name} cannot be read</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name}: {error}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The record of who made {name} is damaged</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{step} was not finished</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Port {port} of {host} cannot be used ({reason}): choose another --port.</source>
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
        <source>changed</source>
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
    <name>browser.closing</name>
    <message>
        <source>Close {volume}? {lost} would go with it and was not downloaded as it is now.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close {name}? It was not downloaded as it is now.</source>
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
        <source>window: automatic, presets of CT, that of the file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>with a drag: the window, also while marking</source>
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
    <name>browser.exports</name>
    <message>
        <source>There is nothing to export yet: add a class and mark it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Writing {suffix}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Measuring</source>
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
</context>
<context>
    <name>browser.journal</name>
    <message>
        <source>The run that was going on is not complete: Whole volume carries it on.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} keeps it.</source>
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
        <source>Volume</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mean</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>SD</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Largest diameter</source>
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
    <name>browser.multi</name>
    <message>
        <source>All sessions are in use. It is tried again every {seconds} s.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The session ended.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>One moment...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The session starts, in about ten seconds...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The session ended and begins again...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The session did not start: {reason}. What was saved is kept; it is tried again in {seconds} s.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Begin anew</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The saved session stays: a new one begins beside it.</source>
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
        <source>More than {limit} GB were chosen: start the server with that volume instead.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>More than {limit} files were chosen: send one study.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The files did not arrive: the server does not answer.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>files</source>
        <translation type="unfinished"></translation>
    </message>
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
    <name>browser.server</name>
    <message>
        <source>Saving</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Surfaces</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Something failed and is tried again: {cause}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>browser.store</name>
    <message>
        <source>it was written by a newer version (format {version})</source>
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
    <name>browser.transfers</name>
    <message>
        <source>Reading</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>browser.uploads</name>
    <message>
        <source>damaged</source>
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
        <source>As in the file</source>
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
        <source>Surfaces in the 3D view</source>
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
        <source>A drag with the left button in a slice changes window and level, with Alt also while marks are drawn</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>desktop.automatic</name>
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
    <name>inference.client</name>
    <message>
        <source>it did not stop</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the inference process died {count} times of it ({how})</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>inference.jobs</name>
    <message>
        <source>{name} is as it was: fine-tuning was cancelled.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>inference.process</name>
    <message>
        <source>The inference process {command} cannot be started</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>for want of memory</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>perhaps for want of memory</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>library.cases</name>
    <message>
        <source>{file}, which holds the slices of a learned class,</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>library.files</name>
    <message>
        <source>Another program is changing the library {folder}: try again when it has ended.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The library {folder} cannot be changed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a newer version of this software wrote it ({found}): update this one</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>library.finding</name>
    <message>
        <source>The volume does not show the body part whose classes the weights know (confidence {sure:.2f}, {least:.2f} is needed): mark the structures instead.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>library.learned</name>
    <message>
        <source>left-right</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>back-front</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>down-up</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} is learned from 1 example.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} is learned from {count} examples.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>library.material</name>
    <message>
        <source>Fine-tune {name} on its {slices} accepted slices of {volumes} volumes (about {minutes} min on a processor)? Nothing is kept before you see the result.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>library.store</name>
    <message>
        <source>The learned class {path}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>none</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>library.tuning</name>
    <message>
        <source>In {volumes} volumes, each held out in turn, {name} had Dice {before} as learned and {after} fine-tuned.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It did not help.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep the fine-tuned class?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep it nevertheless?</source>
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
    <name>scene.files</name>
    <message>
        <source>{path} cannot be read as a segmentation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Slicer&apos;s reader gave no reason</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>scene.probe</name>
    <message>
        <source>intensity {number}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>volumes.dicom</name>
    <message>
        <source>{file} is cut off or damaged</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} has pixels ({syntax}) that cannot be decoded</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>volumes.dicom_headers</name>
    <message>
        <source>the file ends before its pixels</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>volumes.geometry</name>
    <message>
        <source>{size} voxels of {spacing} mm from ({origin}) RAS towards {names}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>volumes.intensities</name>
    <message>
        <source>stated by the user</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the file&apos;s Modality tag says {tag}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the Modality tag says {tag}, neither CT nor MR, but </source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{percent} % of the voxels lie below -500, as air does in HU</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the darkest hundredth lies below {low:.0f}, as fat does in HU</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the values look like HU with {offset} added</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the values, mostly {low:.4g} to {high:.4g}, do not look like HU</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>volumes.lattice</name>
    <message>
        <source>, {distance:.3g} mm away at the farthest corner</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>volumes.reading</name>
    <message>
        <source>a Git LFS pointer, not the file: fetch that with git lfs pull</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a web page, not an image: download the file itself</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a ZIP archive: unpack it</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>volumes.volume</name>
    <message>
        <source>slice</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>row</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>column</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>workflow.class_commands</name>
    <message>
        <source>Structure {number}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} was removed, so the propagation ended: undo brings it back.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} was removed from the segmentation: undo brings it back.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>workflow.correction</name>
    <message>
        <source>Only {percent} % of {name} lies inside {volume}. Does it belong to this volume, and shall the rest be cut off?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} is as it was.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The segmentation changed while it was converted: correct it again.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>workflow.display_text</name>
    <message>
        <source>Loading</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Preparing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Propagating</source>
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
        <source>All classes of the weights</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Brain: all classes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Torso: all classes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Head and neck: all classes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{part}: all classes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} (learned, {modality}, examples: {examples})</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Forget the learned class {name} with all its examples?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} is taken for {known}, which the weights know: mark what is wrong.</source>
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
    <message>
        <source>The work</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>workflow.environment</name>
    <message>
        <source>PyTorch is missing: install it with the PyTorch module of 3D Slicer or pip install torch.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>about {time} for this volume</source>
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
    <name>workflow.library_commands</name>
    <message>
        <source>{tuned} is as it was.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{tuned} is fine-tuned.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not found in this volume: {names}.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>workflow.navigation</name>
    <message>
        <source>Nothing was found in this slice: accept it, or mark what is there.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>workflow.node_commands</name>
    <message>
        <source>volume</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>segmentation</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>workflow.runs</name>
    <message>
        <source>Cancelled: {done} of {total} slices are done and stay. Propagate to go on.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancelled: what was done by then stays.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>workflow.scene_sync</name>
    <message>
        <source>{name} was removed from the scene</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The scene was closed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The marks were removed: undo brings them back.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{thing}, so the propagation ended: choose another one to go on.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{thing}: choose another one to go on.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>workflow.segmentation_mirror</name>
    <message>
        <source>{name} overlaps other segments and takes those voxels; the original stays in the hidden node {kept}.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>workflow.stroke_target</name>
    <message>
        <source>no volume</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>workflow.workspace</name>
    <message>
        <source>1 marked slice is still to be carried through the volume: propagate to go on.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{count} marked slices are still to be carried through the volume: propagate.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
</TS>
