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
        <source>window: automatic, and presets of CT</source>
        <translation>Fenster: automatisch und die der CT</translation>
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
    <message>
        <source>3D</source>
        <translation>3D</translation>
    </message>
    <message>
        <source>Surfaces in the 3D view</source>
        <translation>Oberflächen in der 3D-Ansicht</translation>
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
        <source>A drag with the left button in a slice changes window and level</source>
        <translation>Ziehen mit der linken Taste in einer Schicht ändert Fenster und Mitte</translation>
    </message>
</context>
<context>
    <name>desktop.automatic</name>
    <message>
        <source>Forget the learned class {name} with all its examples?</source>
        <translation>Die gelernte Klasse {name} mit allen Beispielen vergessen?</translation>
    </message>
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
    <name>qSlicerAbstractCoreModule</name>
    <message>
        <source>Segmentation</source>
        <translation>Segmentierung</translation>
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
    <name>workflow.words</name>
    <message>
        <source>Loading</source>
        <translation>Laden</translation>
    </message>
    <message>
        <source>Propagating</source>
        <translation>Ausbreiten</translation>
    </message>
    <message>
        <source>Preparing</source>
        <translation>Vorbereiten</translation>
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
</context>
</TS>
