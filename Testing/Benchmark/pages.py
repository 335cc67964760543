"""The tables of README.md, MODEL_CARD.md and docs/benchmark.md, made from what was measured.

    python Testing/Benchmark/pages.py

Sources are the cards of the shipped weights, whose ``scores`` are those of ``make benchmark``, and
``docs/benchmark.json`` for all other figures. A table stands between ``<!-- table NAME -->`` and
``<!-- end -->``; what stands there before is replaced. ``make test`` fails where a page differs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from report import OURS, SHOWN, THEIRS, markdown

ROOT = Path(__file__).resolve().parents[2]
FIGURES = ROOT / "docs" / "benchmark.json"
MODELS = ROOT / "S2VNetSlicer" / "Resources" / "Models"
CARDS = ("s2vnet", "s2vnet-planes", "s2vnet-corrections", "s2vnet-torso", "s2vnet-head-neck")
PAGES = ("README.md", "MODEL_CARD.md", "docs/benchmark.md")
BLOCK = re.compile(r"(<!-- table ([\w -]+?) -->\n).*?(<!-- end -->)", re.DOTALL)
ALL = "ALL"
MAIN_PURPOSE = "Masks from slice to slice, and the classes of the brain without marks."
Figures = dict[str, Any]


def main() -> None:
    made = tables()
    for name in PAGES:
        path = ROOT / name
        path.write_text(filled(path.read_text("utf-8"), made), "utf-8")


def filled(text: str, made: dict[str, str]) -> str:
    """``text`` with every table as in ``made``; KeyError for a name that is not there."""
    return BLOCK.sub(lambda found: f"{found[1]}\n{made[found[2]]}\n{found[3]}", text)


def tables() -> dict[str, str]:
    """Every table by its name, as Markdown that ends with a line break."""
    figures = json.loads(FIGURES.read_text("utf-8"))
    cards = [json.loads((MODELS / f"{name}.json").read_text("utf-8")) for name in CARDS]
    made = {name: _stated(table, figures) for name, table in figures["tables"].items()}
    by_name: dict[str, Callable[[], str]] = {
        "overview": lambda: _overview(figures, cards[0]["scores"]["facts"]),
        "accuracy": lambda: _accuracy(figures, cards[0]["scores"]),
        "body parts": lambda: _body_parts(figures["body parts"], cards[0]["scores"]),
        "speed": lambda: _speed(figures),
        "networks": lambda: _networks(cards),
        "data": lambda: _data(cards),
        "schedules": lambda: _schedules(cards),
        "classes": lambda: _classes(cards),
        "known failures": lambda: _failures(cards),
    }
    return made | {name: make() for name, make in by_name.items()}


def _stated(table: Figures, figures: Figures) -> str:
    """A table and what must be known of it."""
    machine = table.get("machine", figures["machine"])
    return (
        markdown(table["columns"], table["rows"])
        + f"\n{table['script']}; {machine}; commit {table['commit']}. "
        + f"Tuned on: {table['tuned on']}.\n"
    )


def _overview(figures: Figures, facts: Figures) -> str:
    """What was measured where, and what was chosen while looking at it."""
    commit, ours = facts["commit"], figures["accuracy"]
    rows = [[_link(ours["title"]), commit, facts["machine"], "the column *tuned on* there"]]
    for table in figures["tables"].values():
        machine = table.get("machine", figures["machine"])
        rows.append([_link(table["title"]), table["commit"], machine, table["tuned on"]])
    return markdown(["figures", "commit", "machine", "tuned on"], rows)


def _link(title: str) -> str:
    """A link to the section of that title, as GitHub names its anchor."""
    anchor = re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
    return f"[{title}](#{anchor})"


def _rounds(scores: Figures, digits: int = 3) -> str:
    return " / ".join(f"{scores[f'Dice, round {n}']:.{digits}f}" for n in SHOWN)


def _accuracy(figures: Figures, scores: Figures) -> str:
    """Both methods by data set; what was tuned on each."""
    tuned, surface = figures["accuracy"]["tuned on"], "surface Dice 2 mm"
    rows = []
    for name, ours in scores[OURS].items():
        theirs, bold = scores[THEIRS][name], "**" if name == ALL else ""
        surfaces = f"{ours[surface]:.3f} / {theirs[surface]:.3f}"
        label = f"{bold}{name.lower() if bold else name}{bold}"
        chosen = "" if bold else tuned.get(name, "nothing")
        rows.append([label, ours["tasks"], _rounds(ours), _rounds(theirs), surfaces, chosen])
    marks = " / ".join(map(str, SHOWN))
    heads = [
        "data set",
        "structures",
        f"S2VNetSlicer, Dice after marks {marks}",
        f"{THEIRS}, {marks}",
        f"surface Dice at 2 mm after 5, S2VNetSlicer / {THEIRS}",
        "tuned on",
    ]
    facts, broken = scores["facts"], scores[OURS][ALL]["rounds with marks not obeyed"]
    return markdown(heads, rows) + (
        f"\n{figures['accuracy']['script']}; {facts['machine']}; commit {facts['commit']}; "
        f"weights {figures['weights']}; torch {facts['torch']}; both methods in one run. "
        f"Rounds in which a mark was not obeyed exactly: {broken}.\n"
    )


def _body_parts(parts: dict[str, list[str]], scores: Figures) -> str:
    """Both methods by part of the body: means over structures. ValueError where a part lacks."""
    listed = {ALL, *(name for names in parts.values() for name in names)}
    if listed != set(scores[OURS]):
        raise ValueError(f"{FIGURES}, body parts: {sorted(listed ^ set(scores[OURS]))}")

    def mean(method: str, datasets: Iterable[str]) -> Figures:
        chosen = [scores[method][name] for name in datasets]
        tasks = sum(row["tasks"] for row in chosen)
        dice = [f"Dice, round {n}" for n in SHOWN]
        means = {name: sum(row["tasks"] * row[name] for row in chosen) / tasks for name in dice}
        return {"tasks": tasks, **means}

    rows = []
    for part, datasets in {**parts, "**all**": [ALL]}.items():
        ours, theirs = mean(OURS, datasets), mean(THEIRS, datasets)
        rows.append([part, ours["tasks"], _rounds(ours, 2), _rounds(theirs, 2)])
    return markdown(["", "structures", "S2VNetSlicer", f"3D Slicer's {THEIRS}"], rows)


def _speed(figures: Figures) -> str:
    """Rows of other tables, as the README tells them."""
    tables = figures["tables"]
    rows = [[text, tables[table]["rows"][row][1]] for text, table, row in figures["speed"]]
    return markdown(["", "measured"], rows)


def _networks(cards: list[Figures]) -> str:
    rows = [
        [
            f"`{file}.safetensors`",
            card["name"],
            card.get("purpose", MAIN_PURPOSE),
            f"{card['steps']:,}",
            f"{card['hours']} h on {card['hardware']}",
            card["commit"],
        ]
        for file, card in zip(CARDS, cards, strict=True)
    ]
    known = cards[0].get("recogniser", {})
    if "steps" in known:  # trained apart
        training = f"{known['hours']} h on {known['hardware']}"
        what = f"its part for classes without marks. Data: {known['data']}"
        rows.insert(1, ["", "", what, f"{known['steps']:,}", training, known["commit"]])
    return markdown(["file", "name", "purpose", "steps", "training", "commit"], rows)


def _data(cards: list[Figures]) -> str:
    """Training data of all cards; each once."""
    found = {entry["folder"]: entry for card in cards for entry in card["data"]}
    keys = ("folder", "numTraining", "licence", "reference")
    rows = [[entry[key] for key in keys] for _, entry in sorted(found.items())]
    return markdown(["data set", "cases", "licence", "source"], rows)


def _schedules(cards: list[Figures]) -> str:
    """How each network was trained, in the words of its card."""
    lines = []
    for card in cards:
        told = f"{card['training']}. " if isinstance(card.get("training"), str) else ""
        lines.append(f"{card['name']}: {told}Synthesis: {card['synthesis']}.")
        if apart := card.get("recogniser", {}).get("training"):
            lines.append(f"{card['name']}, the part for classes without marks: {apart}.")
    if calibration := cards[0].get("calibration"):
        lines.append(f"Calibration: {calibration}.")
    return "".join(f"- {line}\n" for line in lines)


def _classes(cards: list[Figures]) -> str:
    """The classes that each file knows."""
    lines = []
    for file, card in zip(CARDS, cards, strict=True):
        if names := card["network"]["classes"]:
            told = ", ".join(name.replace("_", " ") for name in names)
            lines.append(f"`{file}.safetensors`, {len(names)}: {told}.")
    return "\n".join(f"- {line}" for line in lines) + "\n"


def _failures(cards: list[Figures]) -> str:
    return "".join(
        f"- {card['name']}: {failure}\n" for card in cards for failure in card["known_failures"]
    )


if __name__ == "__main__":
    main()
