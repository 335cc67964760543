"""README.md and the pages of docs/: figures as measured, links that lead somewhere, one version."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent / "Benchmark"))

import pages

ROOT = pages.ROOT
LONGEST = 150
"""Lines of the README."""
MARKDOWN = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "Testing" / "Benchmark" / "README.md"]
)


def anchors(path: Path) -> set[str]:
    """The headings of a page, as GitHub names their anchors."""
    titles = re.findall(r"^#+ (.*)$", path.read_text("utf-8"), re.M)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("name", pages.PAGES)
def test_tables_are_those_of_the_measurements(name):
    text = (ROOT / name).read_text("utf-8")
    assert text == pages.filled(text, pages.tables()), "run: python Testing/Benchmark/pages.py"


def test_every_table_has_its_place():
    named = [
        found[2]
        for name in pages.PAGES
        for found in pages.BLOCK.finditer((ROOT / name).read_text("utf-8"))
    ]
    assert set(named) == set(pages.tables())


def test_a_table_replaces_what_stood_there():
    text = "a\n<!-- table one -->\nold\n<!-- end -->\nb\n<!-- table two -->\n<!-- end -->\n"
    made = pages.filled(text, {"one": "| 1 |\n", "two": "| 2 |\n"})
    assert "old" not in made
    assert made == pages.filled(made, {"one": "| 1 |\n", "two": "| 2 |\n"})
    assert made.startswith("a\n<!-- table one -->\n\n| 1 |\n\n<!-- end -->\nb\n")
    with pytest.raises(KeyError):
        pages.filled(text, {"one": ""})


def test_a_data_set_that_no_part_of_the_body_counts_is_refused():
    row = {"tasks": 1, **{f"Dice, round {n}": 0.5 for n in pages.SHOWN}}
    scores = {method: {"A": row, "B": row, "ALL": row} for method in (pages.OURS, pages.THEIRS)}
    with pytest.raises(ValueError, match="B"):
        pages._body_parts({"part": ["A"]}, scores)


def test_the_readme_fits_a_screen():
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= LONGEST


@pytest.mark.parametrize("path", MARKDOWN, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text("utf-8")):
        if re.match(r"\w+:", target):
            continue
        file, _, anchor = target.partition("#")
        page = (path.parent / file).resolve() if file else path
        assert page.exists(), f"{path.name}: {target}"
        assert not anchor or anchor in anchors(page), f"{path.name}: {target}"


def test_every_page_is_reached_from_the_readme():
    seen, waiting = set(), [ROOT / "README.md"]
    while waiting:
        path = waiting.pop()
        if path not in seen:
            seen.add(path)
            links = re.findall(r"\]\(([^)\s#]+\.md)[^)]*\)", path.read_text("utf-8"))
            waiting += [(path.parent / link).resolve() for link in links if ":" not in link]
    assert {page for page in MARKDOWN if page.name != "README.md"} <= seen


def test_one_version_is_told():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    cited = re.search(r"^version: (\S+)$", (ROOT / "CITATION.cff").read_text("utf-8"), re.M)
    assert cited
    assert cited[1] == project["version"]
    assert f"\n## {project['version']}" in (ROOT / "CHANGELOG.md").read_text("utf-8")
