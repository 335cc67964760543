<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de_DE" sourcelanguage="en_US">
<context>
    <name>S2VNetSegmentEditorEffect</name>
    <message>
        <source>S2VNet Segment Editor effect</source>
        <translation>S2VNet-Effekt des Segment-Editors</translation>
    </message>
    <message>
        <source>This hidden module adds the effect S2VNet to the Segment Editor.</source>
        <translation>Dieses verborgene Modul fügt dem Segment-Editor den Effekt S2VNet hinzu.</translation>
    </message>
    <message>
        <source>The method is S2VNet: Y. Ding, L. Li, W. Wang, Y. Yang, Clustering Propagation for Universal Medical Image Segmentation, CVPR 2024.</source>
        <translation>Das Verfahren ist S2VNet: Y. Ding, L. Li, W. Wang, Y. Yang, Clustering Propagation for Universal Medical Image Segmentation, CVPR 2024.</translation>
    </message>
</context>
<context>
    <name>S2VNetSlicer</name>
    <message>
        <source>1. Volume and segmentation</source>
        <translation>1. Volumen und Segmentierung</translation>
    </message>
    <message>
        <source>Volume:</source>
        <translation>Volumen:</translation>
    </message>
    <message>
        <source>The CT or MR volume to segment.</source>
        <translation>Das CT- oder MR-Volumen, das segmentiert wird.</translation>
    </message>
    <message>
        <source>Segmentation:</source>
        <translation>Segmentierung:</translation>
    </message>
    <message>
        <source>Where the result goes. A new segmentation is made when none is chosen.</source>
        <translation>Wohin das Ergebnis kommt. Ist keine gewählt, wird eine neue angelegt.</translation>
    </message>
    <message>
        <source>New segmentation</source>
        <translation>Neue Segmentierung</translation>
    </message>
    <message>
        <source>Modality:</source>
        <translation>Modalität:</translation>
    </message>
    <message>
        <source>CT intensities are Hounsfield units; MR intensities are scaled to their own range.</source>
        <translation>CT-Werte sind Hounsfield-Einheiten; MR-Werte werden auf ihren eigenen Bereich bezogen.</translation>
    </message>
    <message>
        <source>From the volume</source>
        <translation>Aus dem Volumen</translation>
    </message>
    <message>
        <source>Slices:</source>
        <translation>Schichten:</translation>
    </message>
    <message>
        <source>The direction in which masks go from slice to slice. Mark along it.</source>
        <translation>Die Richtung, in der die Masken von Schicht zu Schicht gehen. In ihr wird markiert.</translation>
    </message>
    <message>
        <source>As in the first marked view</source>
        <translation>Wie in der zuerst markierten Ansicht</translation>
    </message>
    <message>
        <source>Compute on:</source>
        <translation>Rechnen auf:</translation>
    </message>
    <message>
        <source>Where the network runs; auto takes a graphics card when there is one.</source>
        <translation>Wo das Netz rechnet; auto nimmt eine Grafikkarte, wenn es eine gibt.</translation>
    </message>
    <message>
        <source>Installs PyTorch and small packages into Slicer&apos;s Python, after asking.</source>
        <translation>Installiert nach Rückfrage PyTorch und kleine Pakete in Slicers Python.</translation>
    </message>
    <message>
        <source>Install what is missing...</source>
        <translation>Fehlendes installieren...</translation>
    </message>
    <message>
        <source>2. Classes</source>
        <translation>2. Klassen</translation>
    </message>
    <message>
        <source>Click a colour or a terminology to change it, double-click a name to rename. A locked class keeps its voxels.</source>
        <translation>Farbe oder Terminologie anklicken, um sie zu ändern; Namen doppelklicken, um umzubenennen. Eine gesperrte Klasse behält ihre Voxel.</translation>
    </message>
    <message>
        <source>Class</source>
        <translation>Klasse</translation>
    </message>
    <message>
        <source>Terminology</source>
        <translation>Terminologie</translation>
    </message>
    <message>
        <source>Lock</source>
        <translation>Fest</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Zeigen</translation>
    </message>
    <message>
        <source>Changed</source>
        <translation>Geändert</translation>
    </message>
    <message>
        <source>A new class, selected for marks.</source>
        <translation>Eine neue Klasse, zum Markieren gewählt.</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>Neu</translation>
    </message>
    <message>
        <source>Removes the selected class and its voxels.</source>
        <translation>Entfernt die gewählte Klasse und ihre Voxel.</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Takes every segment of the chosen segmentation as an automatic result; marks then correct it.</source>
        <translation>Nimmt jedes Segment der gewählten Segmentierung als automatisches Ergebnis; Marken korrigieren es dann.</translation>
    </message>
    <message>
        <source>Correct a result</source>
        <translation>Korrigieren</translation>
    </message>
    <message>
        <source>3. Automatic</source>
        <translation>3. Automatisch</translation>
    </message>
    <message>
        <source>Classes that the weights or your library know; they appear when the network is loaded.</source>
        <translation>Klassen, die die Gewichte oder Ihre Bibliothek kennen; sie erscheinen, wenn das Netz geladen ist.</translation>
    </message>
    <message>
        <source>Segments the checked classes without marks, as new classes to correct.</source>
        <translation>Segmentiert die angekreuzten Klassen ohne Marken, als neue Klassen zum Korrigieren.</translation>
    </message>
    <message>
        <source>Find</source>
        <translation>Suchen</translation>
    </message>
    <message>
        <source>Keeps the selected class, as it is in the accepted slices, for other volumes.</source>
        <translation>Merkt sich die gewählte Klasse, wie sie in den angenommenen Schichten ist, für andere Volumen.</translation>
    </message>
    <message>
        <source>Learn this class</source>
        <translation>Klasse lernen</translation>
    </message>
    <message>
        <source>Takes the learned class in the current row out of your library.</source>
        <translation>Nimmt die gelernte Klasse der aktuellen Zeile aus Ihrer Bibliothek.</translation>
    </message>
    <message>
        <source>Forget</source>
        <translation>Vergessen</translation>
    </message>
    <message>
        <source>4. Marks</source>
        <translation>4. Marken</translation>
    </message>
    <message>
        <source>5. Propagate</source>
        <translation>5. Ausbreiten</translation>
    </message>
    <message>
        <source>Check other planes</source>
        <translation>Andere Ebenen prüfen</translation>
    </message>
    <message>
        <source>6. Review</source>
        <translation>6. Durchsicht</translation>
    </message>
    <message>
        <source>7. Export</source>
        <translation>7. Ausgabe</translation>
    </message>
    <message>
        <source>8. Results of a batch</source>
        <translation>8. Ergebnisse einer Stapelverarbeitung</translation>
    </message>
    <message>
        <source>Click or draw in a slice view; Ctrl turns a mark into its opposite.</source>
        <translation>In einer Schichtansicht klicken oder zeichnen; Strg kehrt eine Marke um.</translation>
    </message>
    <message>
        <source>What the volume is, along which direction masks go, and where the network runs.</source>
        <translation>Was das Volumen ist, in welche Richtung die Masken gehen und wo das Netz rechnet.</translation>
    </message>
    <message>
        <source>Modality, slices and device</source>
        <translation>Modalität, Schichten und Gerät</translation>
    </message>
    <message>
        <source>Locks all classes but the selected one, or unlocks them again.</source>
        <translation>Sperrt alle Klassen außer der gewählten oder gibt sie wieder frei.</translation>
    </message>
    <message>
        <source>Lock others</source>
        <translation>Andere sperren</translation>
    </message>
    <message>
        <source>Takes the result in a file (.seg.nrrd, DICOM SEG, RT structure set or label map) up to be corrected.</source>
        <translation>Öffnet das Ergebnis in einer Datei (.seg.nrrd, DICOM SEG, RT Structure Set oder Label Map), um es zu korrigieren.</translation>
    </message>
    <message>
        <source>Open a result...</source>
        <translation>Ergebnis öffnen...</translation>
    </message>
    <message>
        <source>Adapts the learned class in the current row to the slices that you accepted; asks before it begins and before anything is kept.</source>
        <translation>Passt die gelernte Klasse der aktuellen Zeile an die Schichten an, die Sie angenommen haben; fragt vor dem Beginn und bevor etwas behalten wird.</translation>
    </message>
    <message>
        <source>Fine-tune...</source>
        <translation>Nachtrainieren...</translation>
    </message>
    <message>
        <source>Mark</source>
        <translation>Markieren</translation>
    </message>
    <message>
        <source>Marks say: this is the selected class.</source>
        <translation>Marken sagen: Das ist die gewählte Klasse.</translation>
    </message>
    <message>
        <source>Structure</source>
        <translation>Struktur</translation>
    </message>
    <message>
        <source>Marks say: this is no class.</source>
        <translation>Marken sagen: Das ist keine Klasse.</translation>
    </message>
    <message>
        <source>Background</source>
        <translation>Hintergrund</translation>
    </message>
    <message>
        <source>Strokes take marks away.</source>
        <translation>Striche nehmen Marken weg.</translation>
    </message>
    <message>
        <source>Erase</source>
        <translation>Radieren</translation>
    </message>
    <message>
        <source>Radius:</source>
        <translation>Radius:</translation>
    </message>
    <message>
        <source>Takes back the last mark, propagation or acceptance.</source>
        <translation>Nimmt die letzte Marke, Ausbreitung oder Annahme zurück.</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>Does again what was taken back.</source>
        <translation>Stellt wieder her, was zurückgenommen wurde.</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>Wiederholen</translation>
    </message>
    <message>
        <source>A mark shows its slice at once and then goes through the volume by itself.</source>
        <translation>Eine Marke zeigt sofort ihre Schicht und geht dann von selbst durch das Volumen.</translation>
    </message>
    <message>
        <source>Propagate while marking</source>
        <translation>Beim Markieren ausbreiten</translation>
    </message>
    <message>
        <source>From all marked slices through the whole volume.</source>
        <translation>Von allen markierten Schichten durch das ganze Volumen.</translation>
    </message>
    <message>
        <source>Radius of clicks and strokes; in a slice view Shift and the wheel, or + and -, change it.</source>
        <translation>Radius von Klicks und Strichen; in einer Schichtansicht ändern ihn Umschalt und Mausrad oder + und -.</translation>
    </message>
    <message>
        <source>Whole volume</source>
        <translation>Ganzes Volumen</translation>
    </message>
    <message>
        <source>Only towards higher slices.</source>
        <translation>Nur zu höheren Schichten.</translation>
    </message>
    <message>
        <source>Up</source>
        <translation>Auf</translation>
    </message>
    <message>
        <source>Only towards lower slices.</source>
        <translation>Nur zu niedrigeren Schichten.</translation>
    </message>
    <message>
        <source>Down</source>
        <translation>Ab</translation>
    </message>
    <message>
        <source>Only between the marked slices around the current one.</source>
        <translation>Nur zwischen den markierten Schichten um die aktuelle.</translation>
    </message>
    <message>
        <source>Between</source>
        <translation>Zwischen</translation>
    </message>
    <message>
        <source>After each run planes across the slices settle all that is not accepted; without, a mark changes only what lies between its neighbours.</source>
        <translation>Nach jedem Lauf klären Ebenen quer zu den Schichten alles, was nicht bestätigt ist; sonst ändert eine Markierung nur, was zwischen ihren Nachbarn liegt.</translation>
    </message>
    <message>
        <source>Stops; finished slices stay.</source>
        <translation>Hält an; fertige Schichten bleiben.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>The slice where a correction should help most.</source>
        <translation>Die Schicht, in der eine Korrektur am meisten helfen sollte.</translation>
    </message>
    <message>
        <source>Go to worst slice</source>
        <translation>Schlechteste Schicht</translation>
    </message>
    <message>
        <source>This slice is right: it stays voxel for voxel.</source>
        <translation>Diese Schicht ist richtig: Sie bleibt Voxel für Voxel.</translation>
    </message>
    <message>
        <source>Accept slice</source>
        <translation>Schicht annehmen</translation>
    </message>
    <message>
        <source>Everything, marks and review as well, to go on later.</source>
        <translation>Alles, auch Marken und Durchsicht, um später weiterzumachen.</translation>
    </message>
    <message>
        <source>Save scene...</source>
        <translation>Szene speichern...</translation>
    </message>
    <message>
        <source>The segmentation as .seg.nrrd, .nii.gz or .mrb.</source>
        <translation>Die Segmentierung als .seg.nrrd, .nii.gz oder .mrb.</translation>
    </message>
    <message>
        <source>Export segmentation...</source>
        <translation>Segmentierung ausgeben...</translation>
    </message>
    <message>
        <source>By Slicer&apos;s own exporter; the volume must have been loaded from DICOM.</source>
        <translation>Durch Slicers eigene Ausgabe; das Volumen muss aus DICOM geladen sein.</translation>
    </message>
    <message>
        <source>DICOM SEG...</source>
        <translation>DICOM SEG...</translation>
    </message>
    <message>
        <source>Volumes and intensities by Slicer&apos;s Segment Statistics.</source>
        <translation>Volumina und Intensitäten durch Slicers Segment Statistics.</translation>
    </message>
    <message>
        <source>Segment statistics</source>
        <translation>Segmentstatistik</translation>
    </message>
    <message>
        <source>What was done and what went wrong, for whoever looks for a fault.</source>
        <translation>Was getan wurde und was misslang, für die Suche nach einem Fehler.</translation>
    </message>
    <message>
        <source>Show log</source>
        <translation>Protokoll zeigen</translation>
    </message>
    <message>
        <source>The least sure case first. Double-click a case to open and correct it.</source>
        <translation>Der unsicherste Fall zuerst. Ein Doppelklick öffnet einen Fall zum Korrigieren.</translation>
    </message>
    <message>
        <source>Case</source>
        <translation>Fall</translation>
    </message>
    <message>
        <source>Expected Dice</source>
        <translation>Erwarteter Dice</translation>
    </message>
    <message>
        <source>Status</source>
        <translation>Status</translation>
    </message>
    <message>
        <source>The output folder of s2vnet batch.</source>
        <translation>Der Ausgabeordner von s2vnet batch.</translation>
    </message>
    <message>
        <source>Open results...</source>
        <translation>Ergebnisse öffnen...</translation>
    </message>
    <message>
        <source>Opens the least sure case that nobody judged, to correct it.</source>
        <translation>Öffnet den unsichersten Fall, den noch niemand beurteilt hat, zum Korrigieren.</translation>
    </message>
    <message>
        <source>Next case</source>
        <translation>Nächster Fall</translation>
    </message>
    <message>
        <source>The case is right: saves it with its corrections as completed.</source>
        <translation>Der Fall ist richtig: speichert ihn mit seinen Korrekturen als abgeschlossen.</translation>
    </message>
    <message>
        <source>Completed</source>
        <translation>Abgeschlossen</translation>
    </message>
    <message>
        <source>Somebody should look at the case again: saves it as flagged.</source>
        <translation>Jemand soll den Fall noch einmal ansehen: speichert ihn als vorgemerkt.</translation>
    </message>
    <message>
        <source>Flag</source>
        <translation>Vormerken</translation>
    </message>
    <message>
        <source>S2VNet Segmentation</source>
        <translation>S2VNet-Segmentierung</translation>
    </message>
    <message>
        <source>The method is S2VNet: Y. Ding, L. Li, W. Wang, Y. Yang, Clustering Propagation for Universal Medical Image Segmentation, CVPR 2024. Research use only: not a medical device.</source>
        <translation>Das Verfahren ist S2VNet: Y. Ding, L. Li, W. Wang, Y. Yang, Clustering Propagation for Universal Medical Image Segmentation, CVPR 2024. Nur für die Forschung: kein Medizinprodukt.</translation>
    </message>
    <message>
        <source>Choose a volume, add a class, switch Mark on and draw on the structure in a slice view; Ctrl marks background. The masks go from slice to slice. Correct where the strip is dark: corrections are obeyed exactly, and only the slices between two of them change.</source>
        <translation>Ein Volumen wählen, eine Klasse anlegen, Markieren einschalten und in einer Schichtansicht auf die Struktur zeichnen; Strg markiert Hintergrund. Die Masken gehen von Schicht zu Schicht. Korrigieren, wo der Streifen dunkel ist: Korrekturen werden genau befolgt, und nur die Schichten zwischen zweien ändern sich.</translation>
    </message>
</context>
<context>
    <name>S2VNetSlicerLib.errors</name>
    <message>
        <source>The annotation was stored by a newer version (its format is {version}, this version knows {known}) and is left as it is. Update S2VNet to go on with it.</source>
        <translation>Die Annotation wurde von einer neueren Version gespeichert (ihr Format ist {version}, diese Version kennt {known}) und bleibt, wie sie ist. Aktualisieren Sie S2VNet, um mit ihr weiterzuarbeiten.</translation>
    </message>
    <message>
        <source>The stored annotation cannot be read: it has no version.</source>
        <translation>Die gespeicherte Annotation kann nicht gelesen werden: Sie hat keine Versionsangabe.</translation>
    </message>
    <message>
        <source>The stored annotation is that of a volume of shape {shape}, not {wanted}: choose the volume it was made on.</source>
        <translation>Die gespeicherte Annotation gehört zu einem Volumen der Form {shape}, nicht {wanted}: Wählen Sie das Volumen, auf dem sie entstand.</translation>
    </message>
    <message>
        <source>The stored annotation cannot be read</source>
        <translation>Die gespeicherte Annotation kann nicht gelesen werden</translation>
    </message>
    <message>
        <source>There is no slice {z}: the volume has slices 0 to {last}.</source>
        <translation>Es gibt keine Schicht {z}: Das Volumen hat die Schichten 0 bis {last}.</translation>
    </message>
    <message>
        <source>Marks of shape {shape} do not fit slices of shape {wanted}: draw them on the volume&apos;s grid.</source>
        <translation>Markierungen der Form {shape} passen nicht zu Schichten der Form {wanted}: Zeichnen Sie auf dem Gitter des Volumens.</translation>
    </message>
    <message>
        <source>Slice {z} has values from {lowest} to {highest}: only 0 to {structures} mean something in this session.</source>
        <translation>Schicht {z} hat Werte von {lowest} bis {highest}: In dieser Sitzung bedeuten nur 0 bis {structures} etwas.</translation>
    </message>
    <message>
        <source>That class is no longer there: choose another one.</source>
        <translation>Diese Klasse gibt es nicht mehr: Wählen Sie eine andere.</translation>
    </message>
    <message>
        <source>At most {n} classes are possible: remove some first.</source>
        <translation>Höchstens {n} Klassen sind möglich: Entfernen Sie zuerst einige.</translation>
    </message>
    <message>
        <source>{path} cannot be opened: {damaged} in it is damaged.</source>
        <translation>{path} kann nicht geöffnet werden: {damaged} darin ist beschädigt.</translation>
    </message>
    <message>
        <source>No session is saved in {folder}: start without --resume.</source>
        <translation>In {folder} ist keine Sitzung gespeichert: Starten Sie ohne --resume.</translation>
    </message>
    <message>
        <source>{path} cannot be opened: Slicer finds no scene in it.</source>
        <translation>{path} kann nicht geöffnet werden: Slicer findet darin keine Szene.</translation>
    </message>
    <message>
        <source>{path} cannot be gone on with</source>
        <translation>Mit {path} kann nicht weitergearbeitet werden</translation>
    </message>
    <message>
        <source>{path} was not saved</source>
        <translation>{path} wurde nicht gespeichert</translation>
    </message>
    <message>
        <source>{path} cannot be opened</source>
        <translation>{path} kann nicht geöffnet werden</translation>
    </message>
    <message>
        <source>Another server saves into {folder}: end it or choose another --state.</source>
        <translation>Ein anderer Server speichert in {folder}: Beenden Sie ihn oder wählen Sie ein anderes --state.</translation>
    </message>
    <message>
        <source>{folder} cannot be used for saving</source>
        <translation>{folder} kann nicht zum Speichern benutzt werden</translation>
    </message>
    <message>
        <source>{path} cannot be closed</source>
        <translation>{path} kann nicht geschlossen werden</translation>
    </message>
    <message>
        <source>{path} cannot be saved</source>
        <translation>{path} kann nicht gespeichert werden</translation>
    </message>
    <message>
        <source>What is shown now cannot be kept in {folder}</source>
        <translation>Was zu sehen ist, kann in {folder} nicht festgehalten werden</translation>
    </message>
    <message>
        <source>{path} is no saved session: choose an {suffix} file.</source>
        <translation>{path} ist keine gespeicherte Sitzung: Wählen Sie eine Datei mit der Endung {suffix}.</translation>
    </message>
    <message>
        <source>The scene in {path} cannot be read</source>
        <translation>Die Szene in {path} kann nicht gelesen werden</translation>
    </message>
    <message>
        <source>{path} is larger than {most:.0f} MB when it is unpacked.</source>
        <translation>{path} ist entpackt größer als {most:.0f} MB.</translation>
    </message>
    <message>
        <source>{path} is damaged or holds no scene.</source>
        <translation>{path} ist beschädigt oder enthält keine Szene.</translation>
    </message>
    <message>
        <source>The scene in {path} names files outside it.</source>
        <translation>Die Szene in {path} nennt Dateien außerhalb.</translation>
    </message>
    <message>
        <source>{path} names files outside itself.</source>
        <translation>{path} nennt Dateien außerhalb seiner selbst.</translation>
    </message>
    <message>
        <source>The journal cannot be read</source>
        <translation>Das Journal kann nicht gelesen werden</translation>
    </message>
    <message>
        <source>There is nothing to measure yet: add a class and mark it.</source>
        <translation>Es gibt noch nichts zu messen: Fügen Sie eine Klasse hinzu und markieren Sie sie.</translation>
    </message>
    <message>
        <source>The surface of {names} cannot be written.</source>
        <translation>Die Oberfläche von {names} kann nicht geschrieben werden.</translation>
    </message>
    <message>
        <source>The {thing} cannot be written</source>
        <translation>Der Export ({thing}) kann nicht geschrieben werden</translation>
    </message>
    <message>
        <source>A DICOM segmentation refers to the DICOM files of its volume, which are not there: open the DICOM series itself.</source>
        <translation>Eine DICOM-Segmentierung verweist auf die DICOM-Dateien ihres Volumens, und diese fehlen: Öffnen Sie die DICOM-Serie selbst.</translation>
    </message>
    <message>
        <source>{path} cannot be read</source>
        <translation>{path} kann nicht gelesen werden</translation>
    </message>
    <message>
        <source>{path} cannot be copied</source>
        <translation>{path} kann nicht kopiert werden</translation>
    </message>
    <message>
        <source>What came after the last save cannot be shown</source>
        <translation>Was nach dem letzten Speichern kam, kann nicht gezeigt werden</translation>
    </message>
    <message>
        <source>What came after the last save cannot be read ({kept})</source>
        <translation>Was nach dem letzten Speichern kam, kann nicht gelesen werden ({kept})</translation>
    </message>
    <message>
        <source>Nothing could be measured</source>
        <translation>Es konnte nichts gemessen werden</translation>
    </message>
    <message>
        <source>The server has ended, but not everything could be done</source>
        <translation>Der Server ist beendet, aber nicht alles gelang</translation>
    </message>
    <message>
        <source>Something was begun already: its session goes on.</source>
        <translation>Es wurde schon etwas begonnen: Dessen Sitzung geht weiter.</translation>
    </message>
    <message>
        <source>A propagation runs: cancel it before another file is loaded.</source>
        <translation>Eine Ausbreitung läuft: Brechen Sie sie ab, bevor Sie eine andere Datei laden.</translation>
    </message>
    <message>
        <source>Several files arrived: choose the one with the result.</source>
        <translation>Es kamen mehrere Dateien an: Wählen Sie die eine mit dem Ergebnis.</translation>
    </message>
    <message>
        <source>No file arrived: choose a file.</source>
        <translation>Es kam keine Datei an: Wählen Sie eine Datei.</translation>
    </message>
    <message>
        <source>The series cannot be loaded</source>
        <translation>Die Serie kann nicht geladen werden</translation>
    </message>
    <message>
        <source>The file cannot be loaded</source>
        <translation>Die Datei kann nicht geladen werden</translation>
    </message>
    <message>
        <source>{name} is larger than {most:.0f} MB in all: start the server with that volume instead.</source>
        <translation>{name} ist insgesamt größer als {most:.0f} MB: Starten Sie den Server mit diesem Volumen.</translation>
    </message>
    <message>
        <source>More than {most} files arrived: send one series.</source>
        <translation>Es kamen mehr als {most} Dateien an: Senden Sie eine einzige Serie.</translation>
    </message>
    <message>
        <source>{path} is no volume: send .nii.gz, .nrrd, .mha, DICOM files or a .zip of them.</source>
        <translation>{path} ist kein Volumen: Senden Sie .nii.gz, .nrrd, .mha, DICOM-Dateien oder diese als .zip.</translation>
    </message>
    <message>
        <source>{path} is one of several files: send one volume at a time.</source>
        <translation>{path} ist eine von mehreren Dateien: Senden Sie ein Volumen nach dem anderen.</translation>
    </message>
    <message>
        <source>{path} names another file for its voxels: send a single file.</source>
        <translation>{path} nennt eine andere Datei für die Voxel: Senden Sie eine einzige Datei.</translation>
    </message>
    <message>
        <source>No file arrived: choose a volume file or the files of a series.</source>
        <translation>Es kam keine Datei an: Wählen Sie eine Volumendatei oder die Dateien einer Serie.</translation>
    </message>
    <message>
        <source>{archive} cannot be unpacked ({reason}): send it again, without a password.</source>
        <translation>{archive} kann nicht entpackt werden ({reason}): Senden Sie es noch einmal, ohne Passwort.</translation>
    </message>
    <message>
        <source>Free some disk space there or choose another folder.</source>
        <translation>Schaffen Sie dort Platz oder wählen Sie einen anderen Ordner.</translation>
    </message>
    <message>
        <source>Check its permissions or choose another place.</source>
        <translation>Prüfen Sie die Zugriffsrechte oder wählen Sie einen anderen Ort.</translation>
    </message>
    <message>
        <source>Choose another port, or end the program that uses this one.</source>
        <translation>Wählen Sie einen anderen Port oder beenden Sie das Programm, das diesen benutzt.</translation>
    </message>
    <message>
        <source>No space left on device</source>
        <translation>Auf dem Datenträger ist kein Platz mehr</translation>
    </message>
    <message>
        <source>Disk quota exceeded</source>
        <translation>Das Kontingent auf dem Datenträger ist erschöpft</translation>
    </message>
    <message>
        <source>Permission denied</source>
        <translation>Keine Berechtigung</translation>
    </message>
    <message>
        <source>Operation not permitted</source>
        <translation>Vorgang nicht erlaubt</translation>
    </message>
    <message>
        <source>Read-only file system</source>
        <translation>Das Dateisystem ist schreibgeschützt</translation>
    </message>
    <message>
        <source>No such file or directory</source>
        <translation>Datei oder Ordner nicht gefunden</translation>
    </message>
    <message>
        <source>Not a directory</source>
        <translation>Das ist kein Ordner</translation>
    </message>
    <message>
        <source>Is a directory</source>
        <translation>Das ist ein Ordner</translation>
    </message>
    <message>
        <source>File exists</source>
        <translation>Die Datei gibt es schon</translation>
    </message>
    <message>
        <source>Input/output error</source>
        <translation>Fehler beim Lesen oder Schreiben des Datenträgers</translation>
    </message>
    <message>
        <source>Cannot allocate memory</source>
        <translation>Es ist kein Speicher mehr frei</translation>
    </message>
    <message>
        <source>Too many open files</source>
        <translation>Zu viele offene Dateien</translation>
    </message>
    <message>
        <source>File name too long</source>
        <translation>Der Dateiname ist zu lang</translation>
    </message>
    <message>
        <source>Address already in use</source>
        <translation>Die Adresse wird schon benutzt</translation>
    </message>
    <message>
        <source>It needs more memory than is free: close other programs or take a smaller volume.</source>
        <translation>Es wird mehr Arbeitsspeicher gebraucht, als frei ist: Schließen Sie andere Programme oder nehmen Sie ein kleineres Volumen.</translation>
    </message>
    <message>
        <source>it does not answer</source>
        <translation>er antwortet nicht</translation>
    </message>
    <message>
        <source>exit code {code}</source>
        <translation>Rückgabewert {code}</translation>
    </message>
    <message>
        <source>ended by the signal {signal}</source>
        <translation>beendet durch das Signal {signal}</translation>
    </message>
    <message>
        <source>ended by a signal ({error})</source>
        <translation>beendet durch ein Signal ({error})</translation>
    </message>
    <message>
        <source>The inference process cannot be started: no Python was found beside {executable} or in {exec_prefix}. Name one in the environment variable {python}.</source>
        <translation>Der Rechenprozess kann nicht gestartet werden: Neben {executable} und in {exec_prefix} wurde kein Python gefunden. Nennen Sie eines in der Umgebungsvariablen {python}.</translation>
    </message>
    <message>
        <source>{name} cannot be fine-tuned, the slices it was learned from are not stored: learn it again in two volumes.</source>
        <translation>{name} kann nicht nachtrainiert werden, denn die gelernten Schichten sind nicht gespeichert: Lernen Sie die Klasse noch einmal in zwei Volumen.</translation>
    </message>
    <message>
        <source>{file} is damaged and cannot be set aside</source>
        <translation>{file} ist beschädigt und kann nicht beiseitegelegt werden</translation>
    </message>
    <message>
        <source>{thing} cannot be read</source>
        <translation>{thing} kann nicht gelesen werden</translation>
    </message>
    <message>
        <source>{thing} is damaged</source>
        <translation>{thing} ist beschädigt</translation>
    </message>
    <message>
        <source>The weights know these classes in another modality, this volume is {modality}: mark the structures instead.</source>
        <translation>Die Gewichte kennen diese Klassen in einer anderen Modalität, dieses Volumen ist {modality}: Markieren Sie die Strukturen stattdessen.</translation>
    </message>
    <message>
        <source>{learned} was learned on slices along {axes}: choose that direction.</source>
        <translation>{learned} wurde auf Schichten in der Richtung {axes} gelernt: Wählen Sie diese Richtung.</translation>
    </message>
    <message>
        <source>{name} cannot be learned yet: accept a slice in which it is right, better three.</source>
        <translation>{name} kann noch nicht gelernt werden: Nehmen Sie eine Schicht an, in der die Klasse stimmt, besser drei.</translation>
    </message>
    <message>
        <source>{name} was learned on slices along {axes}: accept slices of that direction, or choose another name.</source>
        <translation>{name} wurde auf Schichten in der Richtung {axes} gelernt: Nehmen Sie Schichten dieser Richtung an oder wählen Sie einen anderen Namen.</translation>
    </message>
    <message>
        <source>{name} was learned in {modality}, this volume is {this}: learn it in {this} under another name.</source>
        <translation>{name} wurde in {modality} gelernt, dieses Volumen ist {this}: Lernen Sie in {this} unter einem anderen Namen.</translation>
    </message>
    <message>
        <source>{name} was learned with the weights {weights}, not {used}: use those, or learn it again.</source>
        <translation>{name} wurde mit den Gewichten {weights} gelernt, nicht mit {used}: Benutzen Sie jene oder lernen Sie neu.</translation>
    </message>
    <message>
        <source>{name} cannot be fine-tuned yet, it has accepted slices of {count} volume: accept it in another volume first and learn it there.</source>
        <translation>{name} kann noch nicht nachtrainiert werden, es gibt angenommene Schichten von {count} Volumen: Nehmen Sie zuerst in einem anderen Volumen Schichten an und lernen Sie die Klasse dort.</translation>
    </message>
    <message>
        <source>{name} cannot be fine-tuned yet, it has no accepted slices: accept it in two volumes and learn it there.</source>
        <translation>{name} kann noch nicht nachtrainiert werden, es gibt keine angenommenen Schichten: Nehmen Sie in zwei Volumen Schichten an und lernen Sie die Klasse dort.</translation>
    </message>
    <message>
        <source>{file} does not belong to {path}.</source>
        <translation>{file} gehört nicht zu {path}.</translation>
    </message>
    <message>
        <source>A learned class needs a name with letters or digits, not {name!r}.</source>
        <translation>Eine gelernte Klasse braucht einen Namen mit Buchstaben oder Ziffern, nicht {name!r}.</translation>
    </message>
    <message>
        <source>There is no learned class {name}: the library knows {known}.</source>
        <translation>Es gibt keine gelernte Klasse {name}: Die Bibliothek kennt {known}.</translation>
    </message>
    <message>
        <source>There is no learned class {name}: nothing was removed.</source>
        <translation>Es gibt keine gelernte Klasse {name}: Nichts wurde entfernt.</translation>
    </message>
    <message>
        <source>The library {folder} cannot be read</source>
        <translation>Die Bibliothek {folder} kann nicht gelesen werden</translation>
    </message>
    <message>
        <source>{path} cannot be removed</source>
        <translation>{path} kann nicht entfernt werden</translation>
    </message>
    <message>
        <source>There is no class {name}: the weights know {listed}, the library {learned}.</source>
        <translation>Es gibt keine Klasse {name}: Die Gewichte kennen {listed}, die Bibliothek {learned}.</translation>
    </message>
    <message>
        <source>{tuned} was learned anew in the meantime: fine-tune it again.</source>
        <translation>{tuned} wurde in der Zwischenzeit neu gelernt: Trainieren Sie noch einmal nach.</translation>
    </message>
    <message>
        <source>{path} is a pickled checkpoint, which could run any code: convert it to safetensors.</source>
        <translation>{path} ist ein Checkpoint im Pickle-Format, das beliebigen Code ausführen könnte: Wandeln Sie ihn in safetensors um.</translation>
    </message>
    <message>
        <source>The weights {path} are missing: reinstall S2VNetSlicer or name a file.</source>
        <translation>Die Gewichte {path} fehlen: Installieren Sie S2VNetSlicer neu oder nennen Sie eine Datei.</translation>
    </message>
    <message>
        <source>The weights {path} are of version {version}, not {format}: use the weights that came with this release.</source>
        <translation>Die Gewichte {path} haben die Version {version}, nicht {format}: Benutzen Sie die Gewichte dieser Ausgabe.</translation>
    </message>
    <message>
        <source>The weights {path} cannot be read ({error}): copy or download the file again.</source>
        <translation>Die Gewichte {path} können nicht gelesen werden ({error}): Kopieren oder laden Sie die Datei noch einmal.</translation>
    </message>
    <message>
        <source>The weights {path} do not fit this release</source>
        <translation>Die Gewichte {path} passen nicht zu dieser Ausgabe</translation>
    </message>
    <message>
        <source>Use the weights that came with it.</source>
        <translation>Benutzen Sie die Gewichte, die dabei waren.</translation>
    </message>
    <message>
        <source>The model card {card} cannot be read</source>
        <translation>Die Modellkarte {card} kann nicht gelesen werden</translation>
    </message>
    <message>
        <source>The weights know {known} predefined classes, not class {max}: use other weights or mark the structure.</source>
        <translation>Die Gewichte kennen {known} vordefinierte Klassen, nicht die Klasse {max}: Benutzen Sie andere Gewichte oder markieren Sie die Struktur.</translation>
    </message>
    <message>
        <source>None of the session&apos;s classes is predefined: choose classes from the weights&apos; card or mark the structures.</source>
        <translation>Keine Klasse der Sitzung ist vordefiniert: Wählen Sie Klassen aus der Karte der Gewichte oder markieren Sie die Strukturen.</translation>
    </message>
    <message>
        <source>There is no device {name!r}: choose one of {listed}.</source>
        <translation>Es gibt kein Gerät {name!r}: Wählen Sie eines von {listed}.</translation>
    </message>
    <message>
        <source>The device {name} is not available here: use auto or cpu.</source>
        <translation>Das Gerät {name} ist hier nicht verfügbar: Benutzen Sie auto oder cpu.</translation>
    </message>
    <message>
        <source>The features of this volume need {size:.1f} GB in {place}: free some disk space there or set TMPDIR to another folder.</source>
        <translation>Die Merkmale dieses Volumens brauchen {size:.1f} GB in {place}: Schaffen Sie dort Platz oder nennen Sie mit TMPDIR einen anderen Ordner.</translation>
    </message>
    <message>
        <source>A session needs a 3D volume and axis 0, 1 or 2, not {shape}.</source>
        <translation>Eine Sitzung braucht ein 3D-Volumen und die Achse 0, 1 oder 2, nicht {shape}.</translation>
    </message>
    <message>
        <source>Slicer&apos;s libraries are not installed: run pip install &apos;s2vnet-slicer[scene]&apos;.</source>
        <translation>Die Bibliotheken von Slicer sind nicht installiert: Führen Sie pip install &apos;s2vnet-slicer[scene]&apos; aus.</translation>
    </message>
    <message>
        <source>The record of who made {name}, its tag {tag}, cannot be read</source>
        <translation>Die Angabe, wer {name} gemacht hat (Attribut {tag}), kann nicht gelesen werden</translation>
    </message>
    <message>
        <source>{path} would be a DICOM segmentation, which refers to DICOM images: give their folder as the volume, or another format.</source>
        <translation>{path} wäre eine DICOM-Segmentierung, die auf DICOM-Bilder verweist: Geben Sie deren Ordner als Volumen an oder ein anderes Format.</translation>
    </message>
    <message>
        <source>{path} is not a Slicer file: end its name in {listed}.</source>
        <translation>{path} ist keine Datei von Slicer: Der Name muss auf {listed} enden.</translation>
    </message>
    <message>
        <source>{path} has {count} structures: {largest_label} are possible.</source>
        <translation>{path} hat {count} Strukturen: {largest_label} sind möglich.</translation>
    </message>
    <message>
        <source>{path} holds the label {unknown}, which has no name.</source>
        <translation>{path} enthält das Label {unknown}, das keinen Namen hat.</translation>
    </message>
    <message>
        <source>{name} is made of surfaces: make the binary label map its source in the Segmentations module.</source>
        <translation>{name} besteht aus Oberflächen: Machen Sie im Modul Segmentations die binäre Labelmap zur Quelle.</translation>
    </message>
    <message>
        <source>{name} has no segment {segment}: choose another one.</source>
        <translation>{name} hat kein Segment {segment}: Wählen Sie ein anderes.</translation>
    </message>
    <message>
        <source>{name} and another class both mark voxel ({i}, {j}, {k}): erase one.</source>
        <translation>{name} und eine andere Klasse markieren beide das Voxel ({i}, {j}, {k}): Löschen Sie eine der Markierungen.</translation>
    </message>
    <message>
        <source>{name} is painted only outside {volume}: paint inside the volume.</source>
        <translation>{name} ist nur außerhalb von {volume} gemalt: Malen Sie innerhalb des Volumens.</translation>
    </message>
    <message>
        <source>{name} is under another transform than {volume}: choose a new segmentation or move it under the volume&apos;s transform.</source>
        <translation>{name} liegt unter einer anderen Transformation als {volume}: Wählen Sie eine neue Segmentierung oder bringen Sie diese unter die Transformation des Volumens.</translation>
    </message>
    <message>
        <source>There is no slice {z} to write into.</source>
        <translation>Es gibt keine Schicht {z}, in die geschrieben werden könnte.</translation>
    </message>
    <message>
        <source>The result has structure {number}: add a segment for it first.</source>
        <translation>Das Ergebnis hat die Struktur {number}: Fügen Sie zuerst ein Segment dafür hinzu.</translation>
    </message>
    <message>
        <source>The result has the shape {shape} where {volume} has {wanted}: segment the volume again.</source>
        <translation>Das Ergebnis hat die Form {shape}, {volume} aber {wanted}: Segmentieren Sie das Volumen noch einmal.</translation>
    </message>
    <message>
        <source>A segment was removed while it was written: start again.</source>
        <translation>Ein Segment wurde entfernt, während es geschrieben wurde: Beginnen Sie noch einmal.</translation>
    </message>
    <message>
        <source>The {thing} is no longer in the scene: choose another one and start again.</source>
        <translation>Nicht mehr in der Szene: {thing}. Wählen Sie etwas anderes und beginnen Sie noch einmal.</translation>
    </message>
    <message>
        <source>{name} is under a non-linear transform: harden the transform first.</source>
        <translation>{name} liegt unter einer nichtlinearen Transformation: Wenden Sie die Transformation zuerst fest an.</translation>
    </message>
    <message>
        <source>{name} has no voxels: load the volume again.</source>
        <translation>{name} hat keine Voxel: Laden Sie das Volumen noch einmal.</translation>
    </message>
    <message>
        <source>{name} is a colour or vector volume: choose a scalar CT or MR volume.</source>
        <translation>{name} ist ein Farb- oder Vektorvolumen: Wählen Sie ein skalares CT- oder MR-Volumen.</translation>
    </message>
    <message>
        <source>{folder} holds no series {series}: choose one of these. {listed}.</source>
        <translation>{folder} enthält keine Serie {series}: Wählen Sie eine von diesen. {listed}.</translation>
    </message>
    <message>
        <source>{folder} holds no DICOM series of two or more slices but {besides}: give the folder that directly holds the files of one series.</source>
        <translation>{folder} enthält keine DICOM-Serie von zwei oder mehr Schichten, sondern {besides}: Geben Sie den Ordner an, in dem die Dateien einer Serie direkt liegen.</translation>
    </message>
    <message>
        <source>{folder} holds no DICOM series of two or more slices: give the folder that directly holds the files of one series.</source>
        <translation>{folder} enthält keine DICOM-Serie von zwei oder mehr Schichten: Geben Sie den Ordner an, in dem die Dateien einer Serie direkt liegen.</translation>
    </message>
    <message>
        <source>{folder} holds {count} DICOM series: choose one by its number with --series, or put it into a folder of its own. {listed}.</source>
        <translation>{folder} enthält {count} DICOM-Serien: Wählen Sie eine mit --series und ihrer Nummer oder legen Sie sie in einen eigenen Ordner. {listed}.</translation>
    </message>
    <message>
        <source>{file} is cut off or damaged</source>
        <translation>{file} ist abgeschnitten oder beschädigt</translation>
    </message>
    <message>
        <source>{file} states a RescaleSlope of 0: its values are lost.</source>
        <translation>{file} gibt RescaleSlope 0 an: Die Werte sind verloren.</translation>
    </message>
    <message>
        <source>{file} holds pixels of another size than it states.</source>
        <translation>{file} enthält Pixel anderer Größe als angegeben.</translation>
    </message>
    <message>
        <source>{file} states its values by a lookup table (Modality LUT), which is not supported: export the series with RescaleSlope and RescaleIntercept.</source>
        <translation>{file} gibt die Werte durch eine Tabelle an (Modality LUT), was nicht unterstützt wird: Exportieren Sie die Serie mit RescaleSlope und RescaleIntercept.</translation>
    </message>
    <message>
        <source>{path} is neither a DICOM segmentation nor an RT structure set. A volume is read from the folder of its files.</source>
        <translation>{path} ist weder eine DICOM-Segmentierung noch ein RT Structure Set. Ein Volumen wird aus dem Ordner seiner Dateien gelesen.</translation>
    </message>
    <message>
        <source>{path} belongs to another patient than the volume.</source>
        <translation>{path} gehört zu einem anderen Patienten als das Volumen.</translation>
    </message>
    <message>
        <source>{path} has no contour within the volume.</source>
        <translation>{path} hat keine Kontur innerhalb des Volumens.</translation>
    </message>
    <message>
        <source>{path} has a contour across the slices of the volume: it was drawn on another one.</source>
        <translation>{path} hat eine Kontur quer zu den Schichten des Volumens: Sie wurde auf einem anderen gezeichnet.</translation>
    </message>
    <message>
        <source>{path} would be a DICOM segmentation, but the volume is not DICOM.</source>
        <translation>{path} wäre eine DICOM-Segmentierung, aber das Volumen ist kein DICOM.</translation>
    </message>
    <message>
        <source>{path} cannot be written: a DICOM segmentation cannot be empty.</source>
        <translation>{path} kann nicht geschrieben werden: Eine DICOM-Segmentierung darf nicht leer sein.</translation>
    </message>
    <message>
        <source>{path} cannot be read as a DICOM segmentation</source>
        <translation>{path} kann nicht als DICOM-Segmentierung gelesen werden</translation>
    </message>
    <message>
        <source>{path} was drawn on another scan: its frame of reference is {theirs}, the volume&apos;s is {ours}.</source>
        <translation>{path} wurde auf einer anderen Aufnahme gezeichnet: Ihr Bezugssystem (Frame of Reference) ist {theirs}, das des Volumens {ours}.</translation>
    </message>
    <message>
        <source>{path} cannot be written as a DICOM segmentation</source>
        <translation>{path} kann nicht als DICOM-Segmentierung geschrieben werden</translation>
    </message>
    <message>
        <source>{folder} holds slices of different numbers of rows or columns.</source>
        <translation>{folder} enthält Schichten mit verschiedenen Zahlen von Zeilen oder Spalten.</translation>
    </message>
    <message>
        <source>{folder} holds slices of different pixel spacings.</source>
        <translation>{folder} enthält Schichten mit verschiedenen Pixelabständen.</translation>
    </message>
    <message>
        <source>{folder} holds slices of different orientations: put the slices of one orientation into a folder of their own.</source>
        <translation>{folder} enthält Schichten verschiedener Ausrichtung: Legen Sie die Schichten einer Ausrichtung in einen eigenen Ordner.</translation>
    </message>
    <message>
        <source>{folder} holds only one slice: give a series of two or more.</source>
        <translation>{folder} enthält nur eine Schicht: Geben Sie eine Serie von zwei oder mehr an.</translation>
    </message>
    <message>
        <source>{folder} holds several slices at one position, {at}, and no tag tells their time points or echoes apart: put those of one volume into a folder of their own.</source>
        <translation>{folder} enthält mehrere Schichten an einer Stelle, {at}, und kein Attribut unterscheidet ihre Zeitpunkte oder Echos: Legen Sie die eines Volumens in einen eigenen Ordner.</translation>
    </message>
    <message>
        <source>{folder} has {step:.2f} mm between slices {first} and {second} where {usual:.2f} mm is usual: copy the missing slices, or resample the series to even distances.</source>
        <translation>{folder} hat {step:.2f} mm zwischen den Schichten {first} und {second}, wo {usual:.2f} mm üblich sind: Kopieren Sie die fehlenden Schichten oder bringen Sie die Serie auf gleiche Abstände.</translation>
    </message>
    <message>
        <source>{folder} was acquired with a tilted gantry: resample it to a rectangular grid, as 3D Slicer&apos;s DICOM import does.</source>
        <translation>{folder} wurde mit gekippter Gantry aufgenommen: Bringen Sie die Serie auf ein rechtwinkliges Gitter, wie der DICOM-Import von 3D Slicer es tut.</translation>
    </message>
    <message>
        <source>{file} holds slices without a position in the patient: give the original series.</source>
        <translation>{file} enthält Schichten ohne Lage im Patienten: Geben Sie die ursprüngliche Serie an.</translation>
    </message>
    <message>
        <source>{file} states no PixelSpacing, so the size of its pixels is unknown: give the original series.</source>
        <translation>{file} gibt kein PixelSpacing an, also ist die Größe der Pixel unbekannt: Geben Sie die ursprüngliche Serie an.</translation>
    </message>
    <message>
        <source>{file} states a PixelSpacing of {smallest:g} mm.</source>
        <translation>{file} gibt ein PixelSpacing von {smallest:g} mm an.</translation>
    </message>
    <message>
        <source>{name} has no valid voxel spacing, direction or origin: export it again from the original images.</source>
        <translation>{name} hat keinen gültigen Voxelabstand, keine gültige Richtung oder keinen gültigen Ursprung: Exportieren Sie noch einmal aus den ursprünglichen Bildern.</translation>
    </message>
    <message>
        <source>{name} has a degenerate grid: two of its axes have one direction.</source>
        <translation>{name} hat ein entartetes Gitter: Zwei seiner Achsen haben dieselbe Richtung.</translation>
    </message>
    <message>
        <source>{name} has axes that are not at right angles (a tilted gantry or a shear): resample it to a rectangular grid, in 3D Slicer with Resample Scalar Volume.</source>
        <translation>{name} hat Achsen, die nicht rechtwinklig sind (gekippte Gantry oder Scherung): Bringen Sie es auf ein rechtwinkliges Gitter, in 3D Slicer mit Resample Scalar Volume.</translation>
    </message>
    <message>
        <source>{name} does not lie on the grid of {wanted_name}: it has {own}, not {wanted}{far}. Export it with that volume as the reference, or resample it to that volume.</source>
        <translation>{name} liegt nicht auf dem Gitter von {wanted_name}: Es hat {own}, nicht {wanted}{far}. Exportieren Sie es mit diesem Volumen als Referenz oder bringen Sie es auf dieses Volumen.</translation>
    </message>
    <message>
        <source>{path} holds no points, lines or curves but {listed}: place points in the structure.</source>
        <translation>{path} enthält keine Punkte, Linien oder Kurven, sondern {listed}: Setzen Sie Punkte in die Struktur.</translation>
    </message>
    <message>
        <source>{path} marks {count} structures: mark {largest_label} at most.</source>
        <translation>{path} markiert {count} Strukturen: Markieren Sie höchstens {largest_label}.</translation>
    </message>
    <message>
        <source>{path} holds no {suffix} or {old_suffix} files: save the marks there from 3D Slicer.</source>
        <translation>{path} enthält keine Dateien {suffix} oder {old_suffix}: Speichern Sie dort die Markierungen aus 3D Slicer.</translation>
    </message>
    <message>
        <source>{path} marks {name} {where}: place its points or delete the list.</source>
        <translation>{path} markiert {name} {where}: Setzen Sie die Punkte oder löschen Sie die Liste.</translation>
    </message>
    <message>
        <source>{file} cannot be read</source>
        <translation>{file} kann nicht gelesen werden</translation>
    </message>
    <message>
        <source>{file} is not a file of points, lines or curves from 3D Slicer</source>
        <translation>{file} ist keine Datei mit Punkten, Linien oder Kurven aus 3D Slicer</translation>
    </message>
    <message>
        <source>Save the marks again as {suffix}.</source>
        <translation>Speichern Sie die Markierungen noch einmal als {suffix}.</translation>
    </message>
    <message>
        <source>{path} is no NIfTI file, or its header is damaged.</source>
        <translation>{path} ist keine NIfTI-Datei, oder der Kopf ist beschädigt.</translation>
    </message>
    <message>
        <source>{path} is a colour image: export one scalar 3D volume.</source>
        <translation>{path} ist ein Farbbild: Exportieren Sie ein skalares 3D-Volumen.</translation>
    </message>
    <message>
        <source>{path} has {count} dimensions: export one 3D volume of it.</source>
        <translation>{path} hat {count} Dimensionen: Exportieren Sie ein 3D-Volumen davon.</translation>
    </message>
    <message>
        <source>{path} has an sform whose axes are not at right angles{unlike} (a tilted gantry or an affine registration): resample it to a rectangular grid, for instance with nibabel.processing.resample_to_output.</source>
        <translation>{path} hat eine sform, deren Achsen nicht rechtwinklig sind{unlike} (gekippte Gantry oder affine Registrierung): Bringen Sie das Bild auf ein rechtwinkliges Gitter, zum Beispiel mit nibabel.processing.resample_to_output.</translation>
    </message>
    <message>
        <source>{path} states two spacings, {told} mm (sform and pixdim): mend one.</source>
        <translation>{path} gibt zwei Voxelabstände an, {told} mm (sform und pixdim): Berichtigen Sie einen.</translation>
    </message>
    <message>
        <source>{path} cannot be read as a NIfTI image</source>
        <translation>{path} kann nicht als NIfTI-Bild gelesen werden</translation>
    </message>
    <message>
        <source>{path} has a voxel spacing of zero: export it again.</source>
        <translation>{path} hat einen Voxelabstand von null: Exportieren Sie noch einmal.</translation>
    </message>
    <message>
        <source>{path} is no NRRD file: it does not begin with NRRD.</source>
        <translation>{path} ist keine NRRD-Datei: Sie beginnt nicht mit NRRD.</translation>
    </message>
    <message>
        <source>{path} is compressed with bzip2, which ITK and 3D Slicer cannot read: save it with the encoding gzip.</source>
        <translation>{path} ist mit bzip2 komprimiert, was ITK und 3D Slicer nicht lesen können: Speichern Sie mit der Kodierung gzip.</translation>
    </message>
    <message>
        <source>{path} is only a header: the file of its voxels, {name}, is missing.</source>
        <translation>{path} ist nur ein Kopf: Die Datei der Voxel, {name}, fehlt.</translation>
    </message>
    <message>
        <source>{path} does not exist: there is no folder {missing}.</source>
        <translation>{path} gibt es nicht: Es gibt keinen Ordner {missing}.</translation>
    </message>
    <message>
        <source>{path} is neither a file nor a folder.</source>
        <translation>{path} ist weder eine Datei noch ein Ordner.</translation>
    </message>
    <message>
        <source>{path} does not exist.</source>
        <translation>{path} gibt es nicht.</translation>
    </message>
    <message>
        <source>{where} marks voxel {voxel} (i, j, k) both as {one} and as {other}: delete one of the two marks.</source>
        <translation>{where} markiert das Voxel {voxel} (i, j, k) als {one} und als {other}: Löschen Sie eine der beiden Markierungen.</translation>
    </message>
    <message>
        <source>The modality {modality} is unknown: state CT or MR.</source>
        <translation>Die Modalität {modality} ist unbekannt: Geben Sie CT oder MR an.</translation>
    </message>
    <message>
        <source>{path} is no folder of DICOM files: a series cannot be chosen in it.</source>
        <translation>{path} ist kein Ordner von DICOM-Dateien: Darin kann keine Serie gewählt werden.</translation>
    </message>
    <message>
        <source>{path} is cut off or damaged: it holds no voxels.</source>
        <translation>{path} ist abgeschnitten oder beschädigt: Die Datei enthält keine Voxel.</translation>
    </message>
    <message>
        <source>{path} holds {count} values in each voxel (colour, vectors or overlapping segments): export one scalar 3D volume.</source>
        <translation>{path} enthält {count} Werte in jedem Voxel (Farbe, Vektoren oder überlappende Segmente): Exportieren Sie ein skalares 3D-Volumen.</translation>
    </message>
    <message>
        <source>{path} holds complex numbers: export their magnitude.</source>
        <translation>{path} enthält komplexe Zahlen: Exportieren Sie ihren Betrag.</translation>
    </message>
    <message>
        <source>{path} is not of a supported format: give {listed}, or the folder of a DICOM series.</source>
        <translation>{path} hat kein unterstütztes Format: Geben Sie {listed} an oder den Ordner einer DICOM-Serie.</translation>
    </message>
    <message>
        <source>{path} is cut off or damaged: it is an empty file.</source>
        <translation>{path} ist abgeschnitten oder beschädigt: Die Datei ist leer.</translation>
    </message>
    <message>
        <source>{path} is {thing}.</source>
        <translation>{path} ist {thing}.</translation>
    </message>
    <message>
        <source>{path} is cut off or damaged</source>
        <translation>{path} ist abgeschnitten oder beschädigt</translation>
    </message>
    <message>
        <source>{path} has a sheared or degenerate grid</source>
        <translation>{path} hat ein geschertes oder entartetes Gitter</translation>
    </message>
    <message>
        <source>{name} holds labels from {lowest} to {highest}: use {meaning}.</source>
        <translation>{name} enthält Labels von {lowest} bis {highest}: Benutzen Sie {meaning}.</translation>
    </message>
    <message>
        <source>{name} holds fractions: give a label map of whole numbers.</source>
        <translation>{name} enthält Brüche: Geben Sie eine Labelmap aus ganzen Zahlen an.</translation>
    </message>
    <message>
        <source>{name} holds no marks: mark the structure, and best the background.</source>
        <translation>{name} enthält keine Markierungen: Markieren Sie die Struktur und am besten den Hintergrund.</translation>
    </message>
    <message>
        <source>{name} marks only background (label 1): mark at least one structure with label 2.</source>
        <translation>{name} markiert nur Hintergrund (Label 1): Markieren Sie mindestens eine Struktur mit Label 2.</translation>
    </message>
    <message>
        <source>{name} needs one name and one colour for each marked structure.</source>
        <translation>{name} braucht einen Namen und eine Farbe für jede markierte Struktur.</translation>
    </message>
    <message>
        <source>{name} has no mark with label {label}: number the structures 2, 3, ... without gaps.</source>
        <translation>{name} hat keine Markierung mit dem Label {label}: Nummerieren Sie die Strukturen 2, 3, ... ohne Lücken.</translation>
    </message>
    <message>
        <source>{name} is no label map: give one of whole numbers, 0 the background.</source>
        <translation>{name} ist keine Labelmap: Geben Sie eine aus ganzen Zahlen an, 0 für den Hintergrund.</translation>
    </message>
    <message>
        <source>{name} holds {count} structures: {largest_label} are possible.</source>
        <translation>{name} enthält {count} Strukturen: {largest_label} sind möglich.</translation>
    </message>
    <message>
        <source>{name} marks more than {largest_label} structures.</source>
        <translation>{name} markiert mehr als {largest_label} Strukturen.</translation>
    </message>
    <message>
        <source>{name} marks {count} voxels both as {rival} and as {called}: take them out of one of the two segments.</source>
        <translation>{name} markiert {count} Voxel sowohl als {rival} als auch als {called}: Nehmen Sie sie aus einem der beiden Segmente heraus.</translation>
    </message>
    <message>
        <source>{name} has voxels in several segments: make them not overlap.</source>
        <translation>{name} hat Voxel in mehreren Segmenten: Sorgen Sie dafür, dass sie sich nicht überlappen.</translation>
    </message>
    <message>
        <source>{name} has a damaged description of segment {number}</source>
        <translation>{name} hat eine beschädigte Beschreibung des Segments {number}</translation>
    </message>
    <message>
        <source>{name} marks {called} nowhere: draw it or delete the segment.</source>
        <translation>{name} markiert {called} nirgends: Zeichnen Sie es oder löschen Sie das Segment.</translation>
    </message>
    <message>
        <source>{name} is given as {modality}: state CT or MR.</source>
        <translation>{name} ist als {modality} angegeben: Geben Sie CT oder MR an.</translation>
    </message>
    <message>
        <source>{name} has {count} dimensions: give one 3D volume.</source>
        <translation>{name} hat {count} Dimensionen: Geben Sie ein 3D-Volumen an.</translation>
    </message>
    <message>
        <source>{name} has a grid of another size than its voxels: load it again.</source>
        <translation>{name} hat ein Gitter anderer Größe als die Voxel: Laden Sie es noch einmal.</translation>
    </message>
    <message>
        <source>{name} holds NaN or infinite values: replace them by numbers.</source>
        <translation>{name} enthält NaN oder unendliche Werte: Ersetzen Sie diese durch Zahlen.</translation>
    </message>
    <message>
        <source>{name} has the same value {lowest:g} everywhere: give a volume that shows something.</source>
        <translation>{name} hat überall denselben Wert {lowest:g}: Geben Sie ein Volumen an, das etwas zeigt.</translation>
    </message>
    <message>
        <source>{name} has only {count} {thing}: give a volume with at least 2 slices, rows and columns.</source>
        <translation>{name} hat zu wenig ({thing}: {count}): Geben Sie ein Volumen mit mindestens 2 Schichten, Zeilen und Spalten an.</translation>
    </message>
    <message>
        <source>{name} has values from {lowest:g} to {highest:g}, not the Hounsfield units of a CT: give the original CT, or state MR as its modality.</source>
        <translation>{name} hat Werte von {lowest:g} bis {highest:g}, nicht die Hounsfield-Einheiten eines CT: Geben Sie das ursprüngliche CT an oder MR als Modalität.</translation>
    </message>
    <message>
        <source>{path} cannot be written</source>
        <translation>{path} kann nicht geschrieben werden</translation>
    </message>
    <message>
        <source>{path} is not of a supported format: end its name in {listed}.</source>
        <translation>{path} hat kein unterstütztes Format: Der Name muss auf {listed} enden.</translation>
    </message>
    <message>
        <source>the file reads back with other labels</source>
        <translation>die Datei liest sich mit anderen Labels zurück</translation>
    </message>
    <message>
        <source>this format cannot hold the place of the voxels to a hundredth of their size</source>
        <translation>dieses Format kann den Ort der Voxel nicht auf ein Hundertstel ihrer Größe angeben</translation>
    </message>
    <message>
        <source>Write .nrrd, which can.</source>
        <translation>Schreiben Sie .nrrd, das kann es.</translation>
    </message>
    <message>
        <source>Give an existing folder.</source>
        <translation>Geben Sie einen vorhandenen Ordner an.</translation>
    </message>
    <message>
        <source>{path} is a folder: give the name of a file.</source>
        <translation>{path} ist ein Ordner: Geben Sie den Namen einer Datei an.</translation>
    </message>
    <message>
        <source>{path} is no ordinary file: give another name.</source>
        <translation>{path} ist keine gewöhnliche Datei: Geben Sie einen anderen Namen an.</translation>
    </message>
    <message>
        <source>{path} is an input: give the result another name.</source>
        <translation>{path} ist eine Eingabe: Geben Sie dem Ergebnis einen anderen Namen.</translation>
    </message>
    <message>
        <source>{path} is a file of the input {given}: give the result another name.</source>
        <translation>{path} ist eine Datei der Eingabe {given}: Geben Sie dem Ergebnis einen anderen Namen.</translation>
    </message>
    <message>
        <source>{name} has lost its automatic result: load it again.</source>
        <translation>{name} hat das automatische Ergebnis verloren: Laden Sie es noch einmal.</translation>
    </message>
    <message>
        <source>A class needs a name: type one.</source>
        <translation>Eine Klasse braucht einen Namen: Tippen Sie einen ein.</translation>
    </message>
    <message>
        <source>{name} could not be done</source>
        <translation>Nicht ausgeführt: {name}</translation>
    </message>
    <message>
        <source>No volume is chosen: load a CT or MR volume and choose it.</source>
        <translation>Es ist kein Volumen gewählt: Laden Sie ein CT- oder MR-Volumen und wählen Sie es.</translation>
    </message>
    <message>
        <source>{name} has another grid than before: its annotation stays in the segmentation, begin a new one.</source>
        <translation>{name} hat ein anderes Gitter als vorher: Die Annotation bleibt in der Segmentierung, beginnen Sie eine neue.</translation>
    </message>
    <message>
        <source>There is no class yet: add one and mark it.</source>
        <translation>Es gibt noch keine Klasse: Fügen Sie eine hinzu und markieren Sie sie.</translation>
    </message>
    <message>
        <source>Nothing is marked yet: mark a structure on one slice first.</source>
        <translation>Es ist noch nichts markiert: Markieren Sie zuerst eine Struktur in einer Schicht.</translation>
    </message>
    <message>
        <source>The outline encloses nothing of {volume}.</source>
        <translation>Der Umriss schließt nichts von {volume} ein.</translation>
    </message>
    <message>
        <source>No class is selected: choose the one to draw.</source>
        <translation>Es ist keine Klasse gewählt: Wählen Sie die, die gezeichnet werden soll.</translation>
    </message>
    <message>
        <source>Nothing of {volume} was drawn on: draw inside.</source>
        <translation>Es wurde nicht auf {volume} gezeichnet: Zeichnen Sie innerhalb.</translation>
    </message>
    <message>
        <source>No class is selected: choose the one to tidy.</source>
        <translation>Es ist keine Klasse gewählt: Wählen Sie die, die aufgeräumt werden soll.</translation>
    </message>
    <message>
        <source>Nothing is to be changed.</source>
        <translation>Es gibt nichts zu ändern.</translation>
    </message>
    <message>
        <source>{name} is locked: unlock it first.</source>
        <translation>{name} ist gesperrt: Geben Sie die Klasse zuerst frei.</translation>
    </message>
    <message>
        <source>{name} has no segments: choose another segmentation.</source>
        <translation>{name} hat keine Segmente: Wählen Sie eine andere Segmentierung.</translation>
    </message>
    <message>
        <source>There is nothing to undo.</source>
        <translation>Es gibt nichts rückgängig zu machen.</translation>
    </message>
    <message>
        <source>There is nothing to redo.</source>
        <translation>Es gibt nichts zu wiederholen.</translation>
    </message>
    <message>
        <source>Several views show other slices: go to the slice first.</source>
        <translation>Mehrere Ansichten zeigen andere Schichten: Gehen Sie zuerst zu der Schicht.</translation>
    </message>
    <message>
        <source>No class is chosen: choose what to look for.</source>
        <translation>Es ist keine Klasse gewählt: Wählen Sie, was gesucht werden soll.</translation>
    </message>
    <message>
        <source>The weights know a class {structure} already: give yours another name first.</source>
        <translation>Die Gewichte kennen schon eine Klasse {structure}: Geben Sie Ihrer zuerst einen anderen Namen.</translation>
    </message>
    <message>
        <source>No fine-tuned class waits for an answer: fine-tune one first.</source>
        <translation>Keine nachtrainierte Klasse wartet auf eine Antwort: Trainieren Sie zuerst eine nach.</translation>
    </message>
    <message>
        <source>Something runs already: wait until it has ended or cancel it.</source>
        <translation>Es läuft schon etwas: Warten Sie, bis es fertig ist, oder brechen Sie es ab.</translation>
    </message>
    <message>
        <source>{name} lies outside {volume}: it belongs to another volume.</source>
        <translation>{name} liegt außerhalb von {volume}: Es gehört zu einem anderen Volumen.</translation>
    </message>
    <message>
        <source>The scene holds no annotation: choose a volume and mark a structure.</source>
        <translation>Die Szene enthält keine Annotation: Wählen Sie ein Volumen und markieren Sie eine Struktur.</translation>
    </message>
    <message>
        <source>The volume of {name} is not in the scene: load it again.</source>
        <translation>Das Volumen von {name} ist nicht in der Szene: Laden Sie es noch einmal.</translation>
    </message>
    <message>
        <source>The {thing} {node_id} is not in the scene: choose another one.</source>
        <translation>Nicht in der Szene: {thing} {node_id}. Wählen Sie etwas anderes.</translation>
    </message>
    <message>
        <source>Another volume or segmentation was chosen while the stroke was drawn: draw it again.</source>
        <translation>Ein anderes Volumen oder eine andere Segmentierung wurde gewählt, während der Strich gezeichnet wurde: Zeichnen Sie ihn noch einmal.</translation>
    </message>
    <message>
        <source>The view shows {names}, but {volume} is marked: show it there, or choose the other volume.</source>
        <translation>Die Ansicht zeigt {names}, markiert wird aber {volume}: Zeigen Sie es dort oder wählen Sie das andere Volumen.</translation>
    </message>
    <message>
        <source>No segmentation is chosen: choose the result that is to be corrected.</source>
        <translation>Es ist keine Segmentierung gewählt: Wählen Sie das Ergebnis, das korrigiert werden soll.</translation>
    </message>
    <message>
        <source>No volume is chosen: load the volume of this result first.</source>
        <translation>Es ist kein Volumen gewählt: Laden Sie zuerst das Volumen dieses Ergebnisses.</translation>
    </message>
    <message>
        <source>Nothing was asked.</source>
        <translation>Es wurde nichts gefragt.</translation>
    </message>
    <message>
        <source>Outlines need a view along the voxels: turn the view back.</source>
        <translation>Umrisse brauchen eine Ansicht entlang der Voxel: Drehen Sie die Ansicht zurück.</translation>
    </message>
    <message>
        <source>There is no modality {modality}: choose CT or MR.</source>
        <translation>Es gibt keine Modalität {modality}: Wählen Sie CT oder MR.</translation>
    </message>
    <message>
        <source>There is no axis {axis}: choose 0, 1 or 2.</source>
        <translation>Es gibt keine Achse {axis}: Wählen Sie 0, 1 oder 2.</translation>
    </message>
    <message>
        <source>There is no device {device}: choose one of {listed}.</source>
        <translation>Es gibt kein Gerät {device}: Wählen Sie eines von {listed}.</translation>
    </message>
    <message>
        <source>The stroke lies outside {volume}: mark inside.</source>
        <translation>Der Strich liegt außerhalb von {volume}: Markieren Sie innerhalb.</translation>
    </message>
    <message>
        <source>Everything there belongs to locked classes: unlock them first.</source>
        <translation>Alles dort gehört zu gesperrten Klassen: Geben Sie diese zuerst frei.</translation>
    </message>
    <message>
        <source>Slice {slice} is not between marked slices: mark another one.</source>
        <translation>Schicht {slice} liegt nicht zwischen markierten Schichten: Markieren Sie eine weitere.</translation>
    </message>
    <message>
        <source>Nothing is suggested yet: mark a slice and propagate first.</source>
        <translation>Es wird noch nichts vorgeschlagen: Markieren Sie zuerst eine Schicht und breiten Sie aus.</translation>
    </message>
    <message>
        <source>Slices are marked already: choose one of the three directions.</source>
        <translation>Es sind schon Schichten markiert: Wählen Sie eine der drei Richtungen.</translation>
    </message>
    <message>
        <source>The work stopped</source>
        <translation>Die Arbeit wurde unterbrochen</translation>
    </message>
    <message>
        <source>{path} has no known format: end its name in {listed}.</source>
        <translation>{path} hat kein bekanntes Format: Der Name muss auf {listed} enden.</translation>
    </message>
    <message>
        <source>There is nothing to export yet: add a class and mark it.</source>
        <translation>Es gibt noch nichts zu exportieren: Fügen Sie eine Klasse hinzu und markieren Sie sie.</translation>
    </message>
    <message>
        <source>{path} is not a scene file: end its name in .mrb.</source>
        <translation>{path} ist keine Szenendatei: Der Name muss auf .mrb enden.</translation>
    </message>
    <message>
        <source>The annotation stored in {name} cannot be read</source>
        <translation>Die in {name} gespeicherte Annotation kann nicht gelesen werden</translation>
    </message>
    <message>
        <source>{name}: {error}</source>
        <translation>{name}: {error}</translation>
    </message>
    <message>
        <source>The record of who made {name} is damaged</source>
        <translation>Die Angabe, wer {name} gemacht hat, ist beschädigt</translation>
    </message>
    <message>
        <source>{step} was not finished</source>
        <translation>Nicht beendet: {step}</translation>
    </message>
    <message>
        <source>Port {port} of {host} cannot be used ({reason}): choose another --port.</source>
        <translation>Der Port {port} von {host} kann nicht benutzt werden ({reason}): Wählen Sie einen anderen --port.</translation>
    </message>
</context>
<context>
    <name>browser.automatic</name>
    <message>
        <source>Fine-tune...</source>
        <translation>Nachtrainieren...</translation>
    </message>
    <message>
        <source>Adapts the learned class to the slices that you accepted; asks before it begins and before anything is kept.</source>
        <translation>Passt die gelernte Klasse an die von Ihnen bestätigten Schichten an; fragt, bevor es beginnt und bevor etwas behalten wird.</translation>
    </message>
    <message>
        <source>Forget</source>
        <translation>Vergessen</translation>
    </message>
    <message>
        <source>Takes the learned class out of your library.</source>
        <translation>Nimmt die gelernte Klasse aus Ihrer Bibliothek.</translation>
    </message>
    <message>
        <source>Classes</source>
        <translation>Klassen</translation>
    </message>
    <message>
        <source>No such class is known, or the network is not loaded yet.</source>
        <translation>Eine solche Klasse ist nicht bekannt, oder das Netz ist noch nicht geladen.</translation>
    </message>
    <message>
        <source>Segments the chosen classes without marks, as new classes to correct.</source>
        <translation>Segmentiert die gewählten Klassen ohne Markierungen, als neue Klassen zum Korrigieren.</translation>
    </message>
    <message>
        <source>Find</source>
        <translation>Suchen</translation>
    </message>
    <message>
        <source>Keeps the selected class, as it is in the accepted slices, for other volumes.</source>
        <translation>Merkt sich die gewählte Klasse, wie sie in den angenommenen Schichten ist, für andere Volumen.</translation>
    </message>
    <message>
        <source>Learn this class</source>
        <translation>Klasse lernen</translation>
    </message>
    <message>
        <source>Yes</source>
        <translation>Ja</translation>
    </message>
    <message>
        <source>No</source>
        <translation>Nein</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
</context>
<context>
    <name>browser.class_list</name>
    <message>
        <source>Classes</source>
        <translation>Klassen</translation>
    </message>
    <message>
        <source>Filter</source>
        <translation>Filter</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>Neu</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Show only the selected class, or all again</source>
        <translation>Nur die ausgewählte Klasse zeigen oder wieder alle</translation>
    </message>
    <message>
        <source>Lock others</source>
        <translation>Andere sperren</translation>
    </message>
    <message>
        <source>Lock all classes but the selected one, or unlock them again</source>
        <translation>Alle Klassen außer der ausgewählten sperren oder wieder entsperren</translation>
    </message>
    <message>
        <source>Colour</source>
        <translation>Farbe</translation>
    </message>
    <message>
        <source>changed</source>
        <translation>geändert</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Show or hide</source>
        <translation>Zeigen oder verbergen</translation>
    </message>
    <message>
        <source>Lock or unlock</source>
        <translation>Sperren oder entsperren</translation>
    </message>
    <message>
        <source>Segmentation</source>
        <translation>Segmentierung</translation>
    </message>
    <message>
        <source>Close this segmentation</source>
        <translation>Diese Segmentierung schließen</translation>
    </message>
    <message>
        <source>Open result...</source>
        <translation>Ergebnis öffnen...</translation>
    </message>
    <message>
        <source>A segmentation of this volume by another method, to be corrected</source>
        <translation>Eine Segmentierung dieses Volumens von einem anderen Verfahren, zum Korrigieren</translation>
    </message>
    <message>
        <source>Correct</source>
        <translation>Korrigieren</translation>
    </message>
    <message>
        <source>Take all segments up as classes and count what is changed</source>
        <translation>Alle Segmente als Klassen übernehmen und zählen, was geändert wird</translation>
    </message>
</context>
<context>
    <name>browser.closing</name>
    <message>
        <source>Close {volume}? {lost} would go with it and was not downloaded as it is now.</source>
        <translation>{volume} schließen? {lost} ginge damit verloren und wurde in dieser Form nicht heruntergeladen.</translation>
    </message>
    <message>
        <source>Close {name}? It was not downloaded as it is now.</source>
        <translation>{name} schließen? In dieser Form wurde es nicht heruntergeladen.</translation>
    </message>
</context>
<context>
    <name>browser.drawer</name>
    <message>
        <source>Automatic</source>
        <translation>Automatisch</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Export</translation>
    </message>
    <message>
        <source>Guess</source>
        <translation>Raten</translation>
    </message>
    <message>
        <source>Files of at most</source>
        <translation>Dateien von höchstens</translation>
    </message>
    <message>
        <source>Volume</source>
        <translation>Volumen</translation>
    </message>
    <message>
        <source>Open the last session</source>
        <translation>Letzte Sitzung öffnen</translation>
    </message>
    <message>
        <source>Saved on</source>
        <translation>Gespeichert am</translation>
    </message>
    <message>
        <source>Close this volume</source>
        <translation>Dieses Volumen schließen</translation>
    </message>
    <message>
        <source>Modality</source>
        <translation>Modalität</translation>
    </message>
    <message>
        <source>Slices</source>
        <translation>Schichten</translation>
    </message>
    <message>
        <source>Open volume...</source>
        <translation>Volumen öffnen...</translation>
    </message>
    <message>
        <source>Open DICOM folder...</source>
        <translation>DICOM-Ordner öffnen...</translation>
    </message>
    <message>
        <source>Show log</source>
        <translation>Protokoll zeigen</translation>
    </message>
    <message>
        <source>Save session</source>
        <translation>Sitzung speichern</translation>
    </message>
    <message>
        <source>Everything in one file, to go on with it anywhere</source>
        <translation>Alles in einer Datei, um überall damit weiterzuarbeiten</translation>
    </message>
    <message>
        <source>Open session...</source>
        <translation>Sitzung öffnen...</translation>
    </message>
    <message>
        <source>Research use, not a medical device.</source>
        <translation>Nur für die Forschung, kein Medizinprodukt.</translation>
    </message>
</context>
<context>
    <name>browser.drawing</name>
    <message>
        <source>A new one</source>
        <translation>Eine neue</translation>
    </message>
    <message>
        <source>As marked</source>
        <translation>Wie markiert</translation>
    </message>
    <message>
        <source>Sagittal</source>
        <translation>Sagittal</translation>
    </message>
    <message>
        <source>Coronal</source>
        <translation>Koronal</translation>
    </message>
    <message>
        <source>Axial</source>
        <translation>Axial</translation>
    </message>
</context>
<context>
    <name>browser.entry</name>
    <message>
        <source>1. Open a volume: it is prepared while you look at it.</source>
        <translation>1. Ein Volumen öffnen: es wird vorbereitet, während Sie es ansehen.</translation>
    </message>
    <message>
        <source>2. Click or draw on a structure in one slice: its mask goes through the volume.</source>
        <translation>2. In einer Schicht auf eine Struktur klicken oder zeichnen: ihre Maske geht durch das Volumen.</translation>
    </message>
    <message>
        <source>3. Look where the strip is dark, mark what is wrong, accept slices, download the result.</source>
        <translation>3. Ansehen, wo der Streifen dunkel ist, Falsches markieren, Schichten bestätigen, das Ergebnis herunterladen.</translation>
    </message>
    <message>
        <source>scroll slices, one or ten</source>
        <translation>Schichten blättern, eine oder zehn</translation>
    </message>
    <message>
        <source>window: automatic, presets of CT, that of the file</source>
        <translation>Fenster: automatisch, Vorgaben für CT, das der Datei</translation>
    </message>
    <message>
        <source>with a drag: the window, also while marking</source>
        <translation>beim Ziehen: das Fenster, auch beim Markieren</translation>
    </message>
    <message>
        <source>hide segmentations while it is held</source>
        <translation>Segmentierungen verbergen, solange sie gedrückt ist</translation>
    </message>
    <message>
        <source>outlines, smooth pixels, crosshair</source>
        <translation>Umrisse, glatte Pixel, Fadenkreuz</translation>
    </message>
    <message>
        <source>rename the selected class</source>
        <translation>ausgewählte Klasse umbenennen</translation>
    </message>
    <message>
        <source>with a mark: its opposite</source>
        <translation>mit einer Markierung: ihr Gegenteil</translation>
    </message>
    <message>
        <source>radius of the brush, with the wheel</source>
        <translation>Radius des Pinsels, mit dem Rad</translation>
    </message>
    <message>
        <source>this list</source>
        <translation>diese Liste</translation>
    </message>
    <message>
        <source>Drop a CT or MR here</source>
        <translation>CT oder MR hierher ziehen</translation>
    </message>
    <message>
        <source>A file, a DICOM folder or a .zip file, or choose one:</source>
        <translation>Eine Datei, einen DICOM-Ordner oder eine .zip-Datei; oder wählen:</translation>
    </message>
    <message>
        <source>Open volume...</source>
        <translation>Volumen öffnen...</translation>
    </message>
    <message>
        <source>Open DICOM folder...</source>
        <translation>DICOM-Ordner öffnen...</translation>
    </message>
    <message>
        <source>Try an example</source>
        <translation>Ein Beispiel ausprobieren</translation>
    </message>
    <message>
        <source>An example comes with the Python package nilearn, which is not installed.</source>
        <translation>Ein Beispiel kommt mit dem Python-Paket nilearn, das nicht installiert ist.</translation>
    </message>
    <message>
        <source>? lists all keys.</source>
        <translation>? zeigt alle Tasten.</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Tasten</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
</context>
<context>
    <name>browser.exports</name>
    <message>
        <source>There is nothing to export yet: add a class and mark it.</source>
        <translation>Es gibt noch nichts zu exportieren: Fügen Sie eine Klasse hinzu und markieren Sie sie.</translation>
    </message>
    <message>
        <source>Writing {suffix}</source>
        <translation>{suffix} wird geschrieben</translation>
    </message>
    <message>
        <source>Measuring</source>
        <translation>Messen</translation>
    </message>
</context>
<context>
    <name>browser.foot</name>
    <message>
        <source>Up</source>
        <translation>Aufwärts</translation>
    </message>
    <message>
        <source>Down</source>
        <translation>Abwärts</translation>
    </message>
    <message>
        <source>Whole volume</source>
        <translation>Ganzes Volumen</translation>
    </message>
    <message>
        <source>Carry the marks through the whole volume</source>
        <translation>Die Markierungen durch das ganze Volumen tragen</translation>
    </message>
    <message>
        <source>Only towards this side of the shown slice</source>
        <translation>Nur nach dieser Seite der gezeigten Schicht</translation>
    </message>
    <message>
        <source>Between</source>
        <translation>Dazwischen</translation>
    </message>
    <message>
        <source>Only between the marked slices around the shown one</source>
        <translation>Nur zwischen den markierten Schichten um die gezeigte</translation>
    </message>
    <message>
        <source>Go to slice</source>
        <translation>Zu Schicht</translation>
    </message>
    <message>
        <source>Propagate</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>After each run planes across the slices settle what is not accepted</source>
        <translation>Nach jedem Lauf klären Ebenen quer zu den Schichten, was nicht bestätigt ist</translation>
    </message>
    <message>
        <source>Check other planes</source>
        <translation>Andere Ebenen prüfen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Worst slice</source>
        <translation>Schlechteste Schicht</translation>
    </message>
    <message>
        <source>Accept slice</source>
        <translation>Schicht bestätigen</translation>
    </message>
</context>
<context>
    <name>browser.journal</name>
    <message>
        <source>The run that was going on is not complete: Whole volume carries it on.</source>
        <translation>Der unterbrochene Lauf ist nicht vollständig: Ganzes Volumen führt ihn weiter.</translation>
    </message>
    <message>
        <source>{path} keeps it.</source>
        <translation>{path} bewahrt es auf.</translation>
    </message>
</context>
<context>
    <name>browser.measuring</name>
    <message>
        <source>Distance: click two points in a slice</source>
        <translation>Strecke: zwei Punkte in einer Schicht anklicken</translation>
    </message>
    <message>
        <source>Remove all distances</source>
        <translation>Alle Strecken entfernen</translation>
    </message>
    <message>
        <source>Statistics of the classes</source>
        <translation>Statistik der Klassen</translation>
    </message>
    <message>
        <source>Class</source>
        <translation>Klasse</translation>
    </message>
    <message>
        <source>Volume</source>
        <translation>Volumen</translation>
    </message>
    <message>
        <source>Mean</source>
        <translation>Mittelwert</translation>
    </message>
    <message>
        <source>SD</source>
        <translation>Standardabw.</translation>
    </message>
    <message>
        <source>Largest diameter</source>
        <translation>Größter Durchmesser</translation>
    </message>
    <message>
        <source>Statistics</source>
        <translation>Statistik</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
</context>
<context>
    <name>browser.messages</name>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
</context>
<context>
    <name>browser.multi</name>
    <message>
        <source>All sessions are in use. It is tried again every {seconds} s.</source>
        <translation>Alle Sitzungen sind belegt. Es wird alle {seconds} s noch einmal versucht.</translation>
    </message>
    <message>
        <source>The session ended.</source>
        <translation>Die Sitzung ist beendet.</translation>
    </message>
    <message>
        <source>One moment...</source>
        <translation>Einen Moment...</translation>
    </message>
    <message>
        <source>The session starts, in about ten seconds...</source>
        <translation>Die Sitzung beginnt, in etwa zehn Sekunden...</translation>
    </message>
    <message>
        <source>The session ended and begins again...</source>
        <translation>Die Sitzung endete und beginnt von neuem...</translation>
    </message>
    <message>
        <source>The session did not start: {reason}. What was saved is kept; it is tried again in {seconds} s.</source>
        <translation>Die Sitzung begann nicht: {reason}. Was gespeichert wurde, bleibt; in {seconds} s wird es noch einmal versucht.</translation>
    </message>
    <message>
        <source>Begin anew</source>
        <translation>Neu beginnen</translation>
    </message>
    <message>
        <source>The saved session stays: a new one begins beside it.</source>
        <translation>Die gespeicherte Sitzung bleibt: Eine neue beginnt daneben.</translation>
    </message>
</context>
<context>
    <name>browser.overlay</name>
    <message>
        <source>Axial</source>
        <translation>Axial</translation>
    </message>
    <message>
        <source>Coronal</source>
        <translation>Koronal</translation>
    </message>
    <message>
        <source>Sagittal</source>
        <translation>Sagittal</translation>
    </message>
    <message>
        <source>3D</source>
        <translation>3D</translation>
    </message>
    <message>
        <source>Show this view alone (double click)</source>
        <translation>Nur diese Ansicht zeigen (Doppelklick)</translation>
    </message>
    <message>
        <source>Show all views</source>
        <translation>Alle Ansichten zeigen</translation>
    </message>
    <message>
        <source>Fit into the view</source>
        <translation>In die Ansicht einpassen</translation>
    </message>
</context>
<context>
    <name>browser.sending</name>
    <message>
        <source>More than {limit} GB were chosen: start the server with that volume instead.</source>
        <translation>Es wurden mehr als {limit} GB gewählt: Starten Sie den Server mit diesem Volumen.</translation>
    </message>
    <message>
        <source>More than {limit} files were chosen: send one study.</source>
        <translation>Es wurden mehr als {limit} Dateien gewählt: Senden Sie eine einzige Studie.</translation>
    </message>
    <message>
        <source>The files did not arrive: the server does not answer.</source>
        <translation>Die Dateien kamen nicht an: Der Server antwortet nicht.</translation>
    </message>
    <message>
        <source>files</source>
        <translation>Dateien</translation>
    </message>
    <message>
        <source>Drop a volume, a DICOM folder, a result or a session</source>
        <translation>Volumen, DICOM-Ordner, Ergebnis oder Sitzung hier ablegen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>The study holds several series</source>
        <translation>Die Studie enthält mehrere Serien</translation>
    </message>
    <message>
        <source>slices</source>
        <translation>Schichten</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Fertig</translation>
    </message>
</context>
<context>
    <name>browser.server</name>
    <message>
        <source>Saving</source>
        <translation>Speichern</translation>
    </message>
    <message>
        <source>Surfaces</source>
        <translation>Oberflächen</translation>
    </message>
    <message>
        <source>Something failed and is tried again: {cause}</source>
        <translation>Etwas ist fehlgeschlagen und wird noch einmal versucht: {cause}</translation>
    </message>
</context>
<context>
    <name>browser.store</name>
    <message>
        <source>it was written by a newer version (format {version})</source>
        <translation>von einer neueren Version geschrieben (Format {version})</translation>
    </message>
</context>
<context>
    <name>browser.toolbar</name>
    <message>
        <source>Mark the class</source>
        <translation>Klasse markieren</translation>
    </message>
    <message>
        <source>Mark the background</source>
        <translation>Hintergrund markieren</translation>
    </message>
    <message>
        <source>Erase marks</source>
        <translation>Markierungen löschen</translation>
    </message>
    <message>
        <source>Keep the largest piece</source>
        <translation>Größtes Stück behalten</translation>
    </message>
    <message>
        <source>Fill holes</source>
        <translation>Löcher füllen</translation>
    </message>
    <message>
        <source>Smooth</source>
        <translation>Glätten</translation>
    </message>
    <message>
        <source>Marking</source>
        <translation>Markieren an</translation>
    </message>
    <message>
        <source>Mark</source>
        <translation>Markieren</translation>
    </message>
    <message>
        <source>Switch the mark tool on or off</source>
        <translation>Markieren ein- oder ausschalten</translation>
    </message>
    <message>
        <source>Tools</source>
        <translation>Werkzeuge</translation>
    </message>
    <message>
        <source>Keys (?)</source>
        <translation>Tasten (?)</translation>
    </message>
    <message>
        <source>Tidy the selected class</source>
        <translation>Ausgewählte Klasse aufräumen</translation>
    </message>
    <message>
        <source>Radius</source>
        <translation>Radius</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>Wiederholen</translation>
    </message>
    <message>
        <source>Live</source>
        <translation>Sofort</translation>
    </message>
    <message>
        <source>Carry every mark through the volume at once</source>
        <translation>Jede Markierung sofort durch das Volumen tragen</translation>
    </message>
    <message>
        <source>Dark or light</source>
        <translation>Dunkel oder hell</translation>
    </message>
</context>
<context>
    <name>browser.tools</name>
    <message>
        <source>Stroke or click: marks the class</source>
        <translation>Strich oder Klick: markiert die Klasse</translation>
    </message>
    <message>
        <source>Lasso: draw around the structure</source>
        <translation>Lasso: um die Struktur herum zeichnen</translation>
    </message>
    <message>
        <source>Box: drag over the structure</source>
        <translation>Rechteck: über die Struktur ziehen</translation>
    </message>
    <message>
        <source>Brush: draws voxels, nothing else follows</source>
        <translation>Pinsel: zeichnet Voxel, sonst ändert sich nichts</translation>
    </message>
    <message>
        <source>Eraser: takes voxels of the class away</source>
        <translation>Radierer: nimmt der Klasse Voxel weg</translation>
    </message>
    <message>
        <source>Fill: all inside an outline</source>
        <translation>Füllen: alles in einem Umriss</translation>
    </message>
</context>
<context>
    <name>browser.transfers</name>
    <message>
        <source>Reading</source>
        <translation>Lesen</translation>
    </message>
</context>
<context>
    <name>browser.uploads</name>
    <message>
        <source>damaged</source>
        <translation>beschädigt</translation>
    </message>
</context>
<context>
    <name>browser.view_bar</name>
    <message>
        <source>Automatic window</source>
        <translation>Automatisches Fenster</translation>
    </message>
    <message>
        <source>Soft tissue</source>
        <translation>Weichteile</translation>
    </message>
    <message>
        <source>Lung</source>
        <translation>Lunge</translation>
    </message>
    <message>
        <source>Liver</source>
        <translation>Leber</translation>
    </message>
    <message>
        <source>Bone</source>
        <translation>Knochen</translation>
    </message>
    <message>
        <source>Brain</source>
        <translation>Gehirn</translation>
    </message>
    <message>
        <source>As in the file</source>
        <translation>Wie in der Datei</translation>
    </message>
    <message>
        <source>Four views</source>
        <translation>Vier Ansichten</translation>
    </message>
    <message>
        <source>One large view</source>
        <translation>Eine große Ansicht</translation>
    </message>
    <message>
        <source>Three slices in a row</source>
        <translation>Drei Schichten nebeneinander</translation>
    </message>
    <message>
        <source>Three slices, no 3D</source>
        <translation>Drei Schichten, ohne 3D</translation>
    </message>
    <message>
        <source>Outlines only (O)</source>
        <translation>Nur Umrisse (O)</translation>
    </message>
    <message>
        <source>Smooth pixels (I)</source>
        <translation>Pixel glätten (I)</translation>
    </message>
    <message>
        <source>Crosshair (J); Shift and a move of the mouse place it</source>
        <translation>Fadenkreuz (J); Umschalttaste und Mausbewegung setzen es</translation>
    </message>
    <message>
        <source>Surfaces in the 3D view</source>
        <translation>Oberflächen in der 3D-Ansicht</translation>
    </message>
    <message>
        <source>Names and window in the corners</source>
        <translation>Namen und Fenster in den Ecken</translation>
    </message>
    <message>
        <source>View</source>
        <translation>Ansicht</translation>
    </message>
    <message>
        <source>Opacity</source>
        <translation>Deckkraft</translation>
    </message>
    <message>
        <source>Opacity of the segmentation in the slices; hold H to hide it</source>
        <translation>Deckkraft der Segmentierung in den Schichten; H gedrückt halten blendet sie aus</translation>
    </message>
    <message>
        <source>Window</source>
        <translation>Fenster</translation>
    </message>
    <message>
        <source>A drag with the left button in a slice changes window and level, with Alt also while marks are drawn</source>
        <translation>Ziehen mit der linken Taste in einer Schicht ändert Fensterbreite und -mitte, mit Alt auch während des Markierens</translation>
    </message>
</context>
<context>
    <name>desktop.automatic</name>
    <message>
        <source>{name} (learned, {modality}, examples: {examples})</source>
        <translation>{name} (gelernt, {modality}, Beispiele: {examples})</translation>
    </message>
</context>
<context>
    <name>desktop.batch_review</name>
    <message>
        <source>Not started</source>
        <translation>Nicht begonnen</translation>
    </message>
    <message>
        <source>Completed</source>
        <translation>Abgeschlossen</translation>
    </message>
    <message>
        <source>Flagged</source>
        <translation>Vorgemerkt</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>Fehlgeschlagen</translation>
    </message>
    <message>
        <source>Folder with the results of a batch</source>
        <translation>Ordner mit den Ergebnissen einer Stapelverarbeitung</translation>
    </message>
    <message>
        <source>{case} was changed and not saved. Leave it and lose the changes?</source>
        <translation>{case} wurde geändert und nicht gespeichert. Verlassen und die Änderungen verlieren?</translation>
    </message>
    <message>
        <source>{package} is missing: install it above first.</source>
        <translation>{package} fehlt: zuerst oben installieren.</translation>
    </message>
    <message>
        <source>nothing found</source>
        <translation>nichts gefunden</translation>
    </message>
    <message>
        <source>{judged} of {cases} cases judged, {failed} failed</source>
        <translation>{judged} von {cases} Fällen beurteilt, {failed} fehlgeschlagen</translation>
    </message>
</context>
<context>
    <name>desktop.drawing</name>
    <message>
        <source>Up</source>
        <translation>Aufwärts</translation>
    </message>
    <message>
        <source>Down</source>
        <translation>Abwärts</translation>
    </message>
    <message>
        <source>Changed against the automatic result: {voxels} voxels, {ml:.2f} ml</source>
        <translation>Gegenüber dem automatischen Ergebnis geändert: {voxels} Voxel, {ml:.2f} ml</translation>
    </message>
</context>
<context>
    <name>desktop.effect</name>
    <message>
        <source>S2VNet</source>
        <translation>S2VNet</translation>
    </message>
    <message>
        <source>Draw on the structure in one slice view, with Ctrl on the background; the mask goes through the volume slice by slice. Correct where it is wrong, then Apply. With several segments at once, marks are those of the segment that is selected.</source>
        <translation>In einer Schichtansicht auf die Struktur zeichnen, mit Strg auf den Hintergrund; die Maske geht Schicht für Schicht durch das Volumen. Korrigieren, wo sie falsch ist, dann anwenden. Bei mehreren Segmenten zugleich gelten Marken für das gewählte Segment.</translation>
    </message>
    <message>
        <source>Structure</source>
        <translation>Struktur</translation>
    </message>
    <message>
        <source>Background</source>
        <translation>Hintergrund</translation>
    </message>
    <message>
        <source>Erase</source>
        <translation>Radieren</translation>
    </message>
    <message>
        <source>Marks:</source>
        <translation>Marken:</translation>
    </message>
    <message>
        <source>Radius:</source>
        <translation>Radius:</translation>
    </message>
    <message>
        <source>All visible segments at once</source>
        <translation>Alle sichtbaren Segmente zugleich</translation>
    </message>
    <message>
        <source>Otherwise only the selected segment is marked and changed.</source>
        <translation>Sonst wird nur das gewählte Segment markiert und geändert.</translation>
    </message>
    <message>
        <source>What is there is a result to correct</source>
        <translation>Was da ist, ist ein Ergebnis zum Korrigieren</translation>
    </message>
    <message>
        <source>Otherwise what is painted already counts as marks.</source>
        <translation>Sonst zählt als Marke, was schon gemalt ist.</translation>
    </message>
    <message>
        <source>Propagate</source>
        <translation>Ausbreiten</translation>
    </message>
    <message>
        <source>Carries the marks through the volume, as a preview.</source>
        <translation>Trägt die Marken durch das Volumen, als Vorschau.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Forgets marks and preview; nothing changes.</source>
        <translation>Vergisst Marken und Vorschau; nichts ändert sich.</translation>
    </message>
    <message>
        <source>Apply</source>
        <translation>Anwenden</translation>
    </message>
    <message>
        <source>Replaces what is there by the preview.</source>
        <translation>Ersetzt das Vorhandene durch die Vorschau.</translation>
    </message>
    <message>
        <source>Missing: {packages}; install them in the S2VNet Segmentation module.</source>
        <translation>Es fehlt: {packages}; im Modul S2VNet-Segmentierung installieren.</translation>
    </message>
    <message>
        <source>Choose a source volume and select a segment first.</source>
        <translation>Zuerst ein Quellvolumen und ein Segment wählen.</translation>
    </message>
    <message>
        <source>Another volume or segmentation was chosen while the stroke was drawn: draw it again.</source>
        <translation>Während des Strichs wurde ein anderes Volumen oder eine andere Segmentierung gewählt: bitte neu zeichnen.</translation>
    </message>
</context>
<context>
    <name>desktop.export</name>
    <message>
        <source>This Slicer cannot write DICOM SEG: install the QuantitativeReporting extension.</source>
        <translation>Dieser Slicer kann kein DICOM SEG schreiben: die Erweiterung QuantitativeReporting installieren.</translation>
    </message>
    <message>
        <source>its images are not in a database</source>
        <translation>seine Bilder sind in keiner Datenbank</translation>
    </message>
    <message>
        <source>{name} was not exported ({problem}): load the volume from Slicer&apos;s DICOM database.</source>
        <translation>{name} wurde nicht ausgegeben ({problem}): das Volumen aus Slicers DICOM-Datenbank laden.</translation>
    </message>
    <message>
        <source>{name} statistics</source>
        <translation>{name} Statistik</translation>
    </message>
</context>
<context>
    <name>desktop.install</name>
    <message>
        <source>0.2 to 3 GB</source>
        <translation>0,2 bis 3 GB</translation>
    </message>
    <message>
        <source>S2VNet needs {packages} in Slicer&apos;s Python. PyTorch is a download of {size} and takes some minutes, the rest is small. Install now?</source>
        <translation>S2VNet braucht {packages} in Slicers Python. PyTorch lädt {size} herunter und braucht einige Minuten, der Rest ist klein. Jetzt installieren?</translation>
    </message>
    <message>
        <source>The PyTorch extension comes first, from the Extensions Manager; Slicer then has to be restarted.</source>
        <translation>Zuerst kommt die Erweiterung PyTorch aus dem Extensions Manager; danach muss Slicer neu gestartet werden.</translation>
    </message>
    <message>
        <source>The installation failed ({error}): see the Python console, then try again.</source>
        <translation>Die Installation ist fehlgeschlagen ({error}): siehe Python-Konsole, dann noch einmal versuchen.</translation>
    </message>
    <message>
        <source>PyTorch was not installed: see the Python console, then try again or restart.</source>
        <translation>PyTorch wurde nicht installiert: siehe Python-Konsole, dann noch einmal versuchen oder neu starten.</translation>
    </message>
    <message>
        <source>The PyTorch extension is missing: install it in the Extensions Manager and restart.</source>
        <translation>Die Erweiterung PyTorch fehlt: im Extensions Manager installieren und neu starten.</translation>
    </message>
    <message>
        <source>The PyTorch extension could not be installed: Slicer&apos;s error log says why. Install it in the Extensions Manager and restart.</source>
        <translation>Die Erweiterung PyTorch konnte nicht installiert werden: Slicers Fehlerprotokoll sagt, warum. Im Extensions Manager installieren und neu starten.</translation>
    </message>
    <message>
        <source>The PyTorch extension is installed. Once Slicer is restarted, the installation goes on by itself. Restart now?</source>
        <translation>Die Erweiterung PyTorch ist installiert. Nach einem Neustart von Slicer geht die Installation von selbst weiter. Jetzt neu starten?</translation>
    </message>
</context>
<context>
    <name>desktop.log</name>
    <message>
        <source>Nothing was logged yet.</source>
        <translation>Es ist noch nichts protokolliert.</translation>
    </message>
    <message>
        <source>The log: {file}</source>
        <translation>Das Protokoll: {file}</translation>
    </message>
</context>
<context>
    <name>desktop.terminology</name>
    <message>
        <source>Terminology</source>
        <translation>Terminologie</translation>
    </message>
    <message>
        <source>Select</source>
        <translation>Wählen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
</context>
<context>
    <name>desktop.widget</name>
    <message>
        <source>Sagittal</source>
        <translation>Sagittal</translation>
    </message>
    <message>
        <source>Coronal</source>
        <translation>Koronal</translation>
    </message>
    <message>
        <source>Axial</source>
        <translation>Axial</translation>
    </message>
    <message>
        <source>Results (*.seg.nrrd *.dcm *.nii *.nii.gz *.nrrd *.mha *.mhd);;All files (*)</source>
        <translation>Ergebnisse (*.seg.nrrd *.dcm *.nii *.nii.gz *.nrrd *.mha *.mhd);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Open a result of this volume</source>
        <translation>Ergebnis zu diesem Volumen öffnen</translation>
    </message>
    <message>
        <source>Save scene</source>
        <translation>Szene speichern</translation>
    </message>
    <message>
        <source>Slicer scene (*.mrb)</source>
        <translation>Slicer-Szene (*.mrb)</translation>
    </message>
    <message>
        <source>Segmentation (*.seg.nrrd);;Label map (*.nii.gz);;Scene (*.mrb)</source>
        <translation>Segmentierung (*.seg.nrrd);;Labelkarte (*.nii.gz);;Szene (*.mrb)</translation>
    </message>
    <message>
        <source>Export segmentation</source>
        <translation>Segmentierung ausgeben</translation>
    </message>
    <message>
        <source>Folder for DICOM SEG</source>
        <translation>Ordner für DICOM SEG</translation>
    </message>
    <message>
        <source>Axis {axis}</source>
        <translation>Achse {axis}</translation>
    </message>
</context>
<context>
    <name>inference.client</name>
    <message>
        <source>it did not stop</source>
        <translation>er hielt nicht an</translation>
    </message>
    <message>
        <source>the inference process died {count} times of it ({how})</source>
        <translation>der Rechenprozess endete {count}-mal dabei ({how})</translation>
    </message>
</context>
<context>
    <name>inference.jobs</name>
    <message>
        <source>{name} is as it was: fine-tuning was cancelled.</source>
        <translation>{name} ist, wie es war: Das Nachtrainieren wurde abgebrochen.</translation>
    </message>
</context>
<context>
    <name>inference.process</name>
    <message>
        <source>The inference process {command} cannot be started</source>
        <translation>Der Rechenprozess {command} kann nicht gestartet werden</translation>
    </message>
    <message>
        <source>for want of memory</source>
        <translation>aus Mangel an Arbeitsspeicher</translation>
    </message>
    <message>
        <source>perhaps for want of memory</source>
        <translation>vielleicht aus Mangel an Arbeitsspeicher</translation>
    </message>
</context>
<context>
    <name>library.cases</name>
    <message>
        <source>{file}, which holds the slices of a learned class,</source>
        <translation>{file} mit den Schichten einer gelernten Klasse</translation>
    </message>
</context>
<context>
    <name>library.files</name>
    <message>
        <source>Another program is changing the library {folder}: try again when it has ended.</source>
        <translation>Ein anderes Programm ändert gerade die Bibliothek {folder}: Versuchen Sie es wieder, wenn es fertig ist.</translation>
    </message>
    <message>
        <source>The library {folder} cannot be changed</source>
        <translation>Die Bibliothek {folder} kann nicht geändert werden</translation>
    </message>
    <message>
        <source>a newer version of this software wrote it ({found}): update this one</source>
        <translation>eine neuere Version dieser Software hat sie geschrieben ({found}): Aktualisieren Sie diese</translation>
    </message>
</context>
<context>
    <name>library.finding</name>
    <message>
        <source>The volume does not show the body part whose classes the weights know (confidence {sure:.2f}, {least:.2f} is needed): mark the structures instead.</source>
        <translation>Das Volumen zeigt nicht den Körperteil, dessen Klassen die Gewichte kennen (Sicherheit {sure:.2f}, nötig {least:.2f}): Markieren Sie stattdessen die Strukturen.</translation>
    </message>
</context>
<context>
    <name>library.learned</name>
    <message>
        <source>left-right</source>
        <translation>links-rechts</translation>
    </message>
    <message>
        <source>back-front</source>
        <translation>hinten-vorn</translation>
    </message>
    <message>
        <source>down-up</source>
        <translation>unten-oben</translation>
    </message>
    <message>
        <source>{name} is learned from 1 example.</source>
        <translation>{name} ist aus 1 Beispiel gelernt.</translation>
    </message>
    <message>
        <source>{name} is learned from {count} examples.</source>
        <translation>{name} ist aus {count} Beispielen gelernt.</translation>
    </message>
</context>
<context>
    <name>library.material</name>
    <message>
        <source>Fine-tune {name} on its {slices} accepted slices of {volumes} volumes (about {minutes} min on a processor)? Nothing is kept before you see the result.</source>
        <translation>{name} auf {slices} angenommenen Schichten von {volumes} Volumen nachtrainieren (etwa {minutes} min auf einem Prozessor)? Nichts wird behalten, bevor Sie das Ergebnis sehen.</translation>
    </message>
</context>
<context>
    <name>library.store</name>
    <message>
        <source>The learned class {path}</source>
        <translation>Die gelernte Klasse {path}</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keine</translation>
    </message>
</context>
<context>
    <name>library.tuning</name>
    <message>
        <source>In {volumes} volumes, each held out in turn, {name} had Dice {before} as learned and {after} fine-tuned.</source>
        <translation>In {volumes} Volumen, von denen jedes einmal zurückgehalten wurde, hatte {name} gelernt einen Dice von {before} und nachtrainiert {after}.</translation>
    </message>
    <message>
        <source>It did not help.</source>
        <translation>Es half nicht.</translation>
    </message>
    <message>
        <source>Keep the fine-tuned class?</source>
        <translation>Die nachtrainierte Klasse behalten?</translation>
    </message>
    <message>
        <source>Keep it nevertheless?</source>
        <translation>Trotzdem behalten?</translation>
    </message>
</context>
<context>
    <name>qSlicerAbstractCoreModule</name>
    <message>
        <source>Segmentation</source>
        <translation>Segmentierung</translation>
    </message>
</context>
<context>
    <name>scene.files</name>
    <message>
        <source>{path} cannot be read as a segmentation</source>
        <translation>{path} kann nicht als Segmentierung gelesen werden</translation>
    </message>
    <message>
        <source>Slicer&apos;s reader gave no reason</source>
        <translation>Das Leseprogramm von Slicer nannte keinen Grund</translation>
    </message>
</context>
<context>
    <name>scene.probe</name>
    <message>
        <source>intensity {number}</source>
        <translation>Intensität {number}</translation>
    </message>
</context>
<context>
    <name>volumes.dicom</name>
    <message>
        <source>{file} is cut off or damaged</source>
        <translation>{file} ist abgeschnitten oder beschädigt</translation>
    </message>
    <message>
        <source>{file} has pixels ({syntax}) that cannot be decoded</source>
        <translation>{file} hat Pixel ({syntax}), die nicht dekodiert werden können</translation>
    </message>
</context>
<context>
    <name>volumes.dicom_headers</name>
    <message>
        <source>the file ends before its pixels</source>
        <translation>die Datei endet vor ihren Pixeln</translation>
    </message>
</context>
<context>
    <name>volumes.geometry</name>
    <message>
        <source>{size} voxels of {spacing} mm from ({origin}) RAS towards {names}</source>
        <translation>{size} Voxel von {spacing} mm ab ({origin}) RAS in Richtung {names}</translation>
    </message>
</context>
<context>
    <name>volumes.intensities</name>
    <message>
        <source>stated by the user</source>
        <translation>von Ihnen angegeben</translation>
    </message>
    <message>
        <source>the file&apos;s Modality tag says {tag}</source>
        <translation>das Attribut Modality der Datei sagt {tag}</translation>
    </message>
    <message>
        <source>the Modality tag says {tag}, neither CT nor MR, but </source>
        <translation>das Attribut Modality sagt {tag}, weder CT noch MR, aber </translation>
    </message>
    <message>
        <source>{percent} % of the voxels lie below -500, as air does in HU</source>
        <translation>{percent} % der Voxel liegen unter -500, wie Luft in HU</translation>
    </message>
    <message>
        <source>the darkest hundredth lies below {low:.0f}, as fat does in HU</source>
        <translation>das dunkelste Hundertstel liegt unter {low:.0f}, wie Fett in HU</translation>
    </message>
    <message>
        <source>the values look like HU with {offset} added</source>
        <translation>die Werte sehen aus wie HU plus {offset}</translation>
    </message>
    <message>
        <source>the values, mostly {low:.4g} to {high:.4g}, do not look like HU</source>
        <translation>die Werte, meist {low:.4g} bis {high:.4g}, sehen nicht aus wie HU</translation>
    </message>
</context>
<context>
    <name>volumes.lattice</name>
    <message>
        <source>, {distance:.3g} mm away at the farthest corner</source>
        <translation>, {distance:.3g} mm entfernt an der fernsten Ecke</translation>
    </message>
</context>
<context>
    <name>volumes.reading</name>
    <message>
        <source>a Git LFS pointer, not the file: fetch that with git lfs pull</source>
        <translation>ein Zeiger von Git LFS, nicht die Datei: Holen Sie diese mit git lfs pull</translation>
    </message>
    <message>
        <source>a web page, not an image: download the file itself</source>
        <translation>eine Webseite, kein Bild: Laden Sie die Datei selbst herunter</translation>
    </message>
    <message>
        <source>a ZIP archive: unpack it</source>
        <translation>ein ZIP-Archiv: Entpacken Sie es</translation>
    </message>
</context>
<context>
    <name>volumes.volume</name>
    <message>
        <source>slice</source>
        <translation>Schichten</translation>
    </message>
    <message>
        <source>row</source>
        <translation>Zeilen</translation>
    </message>
    <message>
        <source>column</source>
        <translation>Spalten</translation>
    </message>
</context>
<context>
    <name>workflow.class_commands</name>
    <message>
        <source>Structure {number}</source>
        <translation>Struktur {number}</translation>
    </message>
    <message>
        <source>{name} was removed, so the propagation ended: undo brings it back.</source>
        <translation>{name} wurde entfernt, also endete die Ausbreitung: Rückgängig bringt es zurück.</translation>
    </message>
    <message>
        <source>{name} was removed from the segmentation: undo brings it back.</source>
        <translation>{name} wurde aus der Segmentierung entfernt: Rückgängig bringt es zurück.</translation>
    </message>
</context>
<context>
    <name>workflow.correction</name>
    <message>
        <source>Only {percent} % of {name} lies inside {volume}. Does it belong to this volume, and shall the rest be cut off?</source>
        <translation>Nur {percent} % von {name} liegen innerhalb von {volume}. Gehört es zu diesem Volumen, und soll der Rest abgeschnitten werden?</translation>
    </message>
    <message>
        <source>{name} is as it was.</source>
        <translation>{name} ist, wie es war.</translation>
    </message>
    <message>
        <source>The segmentation changed while it was converted: correct it again.</source>
        <translation>Die Segmentierung änderte sich, während sie umgewandelt wurde: Korrigieren Sie noch einmal.</translation>
    </message>
</context>
<context>
    <name>workflow.display_text</name>
    <message>
        <source>Loading</source>
        <translation>Laden</translation>
    </message>
    <message>
        <source>Preparing</source>
        <translation>Vorbereiten</translation>
    </message>
    <message>
        <source>Propagating</source>
        <translation>Ausbreiten</translation>
    </message>
    <message>
        <source>Checking other planes</source>
        <translation>Andere Ebenen prüfen</translation>
    </message>
    <message>
        <source>Bringing the result onto the volume&apos;s grid</source>
        <translation>Das Ergebnis wird auf das Gitter des Volumens gebracht</translation>
    </message>
    <message>
        <source>Finding</source>
        <translation>Suchen</translation>
    </message>
    <message>
        <source>Learning</source>
        <translation>Lernen</translation>
    </message>
    <message>
        <source>Tuning</source>
        <translation>Anpassen</translation>
    </message>
    <message>
        <source>{done} of {total} slices</source>
        <translation>{done} von {total} Schichten</translation>
    </message>
    <message>
        <source>{time} left</source>
        <translation>noch {time}</translation>
    </message>
    <message>
        <source>not reached yet</source>
        <translation>noch nicht erreicht</translation>
    </message>
    <message>
        <source>by the model</source>
        <translation>vom Modell</translation>
    </message>
    <message>
        <source>marked</source>
        <translation>markiert</translation>
    </message>
    <message>
        <source>accepted</source>
        <translation>angenommen</translation>
    </message>
    <message>
        <source>Slice {z} of {slices}: {who}</source>
        <translation>Schicht {z} von {slices}: {who}</translation>
    </message>
    <message>
        <source>, expected agreement {percent} %</source>
        <translation>, erwartete Übereinstimmung {percent} %</translation>
    </message>
    <message>
        <source>, the worst</source>
        <translation>, die schlechteste</translation>
    </message>
    <message>
        <source>Towards the head</source>
        <translation>Kopfwärts</translation>
    </message>
    <message>
        <source>Towards the feet</source>
        <translation>Fußwärts</translation>
    </message>
    <message>
        <source>Towards the front</source>
        <translation>Nach vorn</translation>
    </message>
    <message>
        <source>Towards the back</source>
        <translation>Nach hinten</translation>
    </message>
    <message>
        <source>Towards the right</source>
        <translation>Nach rechts</translation>
    </message>
    <message>
        <source>Towards the left</source>
        <translation>Nach links</translation>
    </message>
    <message>
        <source>All classes of the weights</source>
        <translation>Alle Klassen der Gewichte</translation>
    </message>
    <message>
        <source>Brain: all classes</source>
        <translation>Gehirn: alle Klassen</translation>
    </message>
    <message>
        <source>Torso: all classes</source>
        <translation>Rumpf: alle Klassen</translation>
    </message>
    <message>
        <source>Head and neck: all classes</source>
        <translation>Kopf und Hals: alle Klassen</translation>
    </message>
    <message>
        <source>{part}: all classes</source>
        <translation>{part}: alle Klassen</translation>
    </message>
    <message>
        <source>{name} (learned, {modality}, examples: {examples})</source>
        <translation>{name} (gelernt, {modality}, Beispiele: {examples})</translation>
    </message>
    <message>
        <source>Forget the learned class {name} with all its examples?</source>
        <translation>Die gelernte Klasse {name} mit allen Beispielen vergessen?</translation>
    </message>
    <message>
        <source>{name} is taken for {known}, which the weights know: mark what is wrong.</source>
        <translation>{name} gilt als {known}, das die Gewichte kennen: Markieren Sie, was falsch ist.</translation>
    </message>
    <message>
        <source>Slices {told}</source>
        <translation>Schichten {told}</translation>
    </message>
    <message>
        <source>accepted by you</source>
        <translation>von Ihnen bestätigt</translation>
    </message>
    <message>
        <source>marked by you</source>
        <translation>von Ihnen markiert</translation>
    </message>
    <message>
        <source>by the model {name}</source>
        <translation>vom Modell {name}</translation>
    </message>
    <message>
        <source>from {name}</source>
        <translation>aus {name}</translation>
    </message>
    <message>
        <source>corrected by {name}</source>
        <translation>korrigiert von {name}</translation>
    </message>
    <message>
        <source>The work</source>
        <translation>Die Arbeit</translation>
    </message>
</context>
<context>
    <name>workflow.environment</name>
    <message>
        <source>PyTorch is missing: install it with the PyTorch module of 3D Slicer or pip install torch.</source>
        <translation>PyTorch fehlt: Installieren Sie es mit dem PyTorch-Modul von 3D Slicer oder mit pip install torch.</translation>
    </message>
    <message>
        <source>about {time} for this volume</source>
        <translation>etwa {time} für dieses Volumen</translation>
    </message>
</context>
<context>
    <name>workflow.keyboard</name>
    <message>
        <source>switch the mark tool on or off</source>
        <translation>Markieren ein- oder ausschalten</translation>
    </message>
    <message>
        <source>marks are background, or the class again</source>
        <translation>Marken sind Hintergrund oder wieder die Klasse</translation>
    </message>
    <message>
        <source>strokes erase marks, or mark again</source>
        <translation>Striche radieren oder markieren wieder</translation>
    </message>
    <message>
        <source>select the next class</source>
        <translation>die nächste Klasse wählen</translation>
    </message>
    <message>
        <source>undo</source>
        <translation>rückgängig</translation>
    </message>
    <message>
        <source>redo</source>
        <translation>wiederholen</translation>
    </message>
    <message>
        <source>propagate through the whole volume</source>
        <translation>durch das ganze Volumen ausbreiten</translation>
    </message>
    <message>
        <source>propagate towards higher slices</source>
        <translation>zu höheren Schichten ausbreiten</translation>
    </message>
    <message>
        <source>propagate towards lower slices</source>
        <translation>zu niedrigeren Schichten ausbreiten</translation>
    </message>
    <message>
        <source>propagate between the marked slices around this one</source>
        <translation>zwischen den markierten Schichten um diese ausbreiten</translation>
    </message>
    <message>
        <source>cancel the propagation</source>
        <translation>die Ausbreitung abbrechen</translation>
    </message>
    <message>
        <source>go to the worst slice</source>
        <translation>zur schlechtesten Schicht gehen</translation>
    </message>
    <message>
        <source>accept the slice</source>
        <translation>die Schicht annehmen</translation>
    </message>
</context>
<context>
    <name>workflow.library_commands</name>
    <message>
        <source>{tuned} is as it was.</source>
        <translation>{tuned} ist, wie es war.</translation>
    </message>
    <message>
        <source>{tuned} is fine-tuned.</source>
        <translation>{tuned} ist nachtrainiert.</translation>
    </message>
    <message>
        <source>Not found in this volume: {names}.</source>
        <translation>In diesem Volumen nicht gefunden: {names}.</translation>
    </message>
</context>
<context>
    <name>workflow.navigation</name>
    <message>
        <source>Nothing was found in this slice: accept it, or mark what is there.</source>
        <translation>In dieser Schicht wurde nichts gefunden: Nehmen Sie sie an oder markieren Sie, was da ist.</translation>
    </message>
</context>
<context>
    <name>workflow.node_commands</name>
    <message>
        <source>volume</source>
        <translation>Volumen</translation>
    </message>
    <message>
        <source>segmentation</source>
        <translation>Segmentierung</translation>
    </message>
</context>
<context>
    <name>workflow.runs</name>
    <message>
        <source>Cancelled: {done} of {total} slices are done and stay. Propagate to go on.</source>
        <translation>Abgebrochen: {done} von {total} Schichten sind fertig und bleiben. Breiten Sie aus, um weiterzumachen.</translation>
    </message>
    <message>
        <source>Cancelled: what was done by then stays.</source>
        <translation>Abgebrochen: Was bis dahin fertig war, bleibt.</translation>
    </message>
</context>
<context>
    <name>workflow.scene_sync</name>
    <message>
        <source>{name} was removed from the scene</source>
        <translation>{name} wurde aus der Szene entfernt</translation>
    </message>
    <message>
        <source>The scene was closed</source>
        <translation>Die Szene wurde geschlossen</translation>
    </message>
    <message>
        <source>The marks were removed: undo brings them back.</source>
        <translation>Die Markierungen wurden entfernt: Rückgängig bringt sie zurück.</translation>
    </message>
    <message>
        <source>{thing}, so the propagation ended: choose another one to go on.</source>
        <translation>{thing}, also endete die Ausbreitung: Wählen Sie etwas anderes, um weiterzuarbeiten.</translation>
    </message>
    <message>
        <source>{thing}: choose another one to go on.</source>
        <translation>{thing}: Wählen Sie etwas anderes, um weiterzuarbeiten.</translation>
    </message>
</context>
<context>
    <name>workflow.segmentation_mirror</name>
    <message>
        <source>{name} overlaps other segments and takes those voxels; the original stays in the hidden node {kept}.</source>
        <translation>{name} überlappt andere Segmente und bekommt diese Voxel; das Original bleibt im verborgenen Knoten {kept}.</translation>
    </message>
</context>
<context>
    <name>workflow.stroke_target</name>
    <message>
        <source>no volume</source>
        <translation>kein Volumen</translation>
    </message>
</context>
<context>
    <name>workflow.workspace</name>
    <message>
        <source>1 marked slice is still to be carried through the volume: propagate to go on.</source>
        <translation>1 markierte Schicht ist noch durch das Volumen zu tragen: Breiten Sie aus, um weiterzumachen.</translation>
    </message>
    <message>
        <source>{count} marked slices are still to be carried through the volume: propagate.</source>
        <translation>{count} markierte Schichten sind noch durch das Volumen zu tragen: Breiten Sie aus.</translation>
    </message>
</context>
</TS>
