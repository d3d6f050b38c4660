"""The advanced lessons: their outputs are kept, belong to their code and to the simulation, and reach the book."""

from __future__ import annotations

import json
import math
import shutil

import pytest
from jupyter_cache import get_cache

from leocourse.core.connect import attach_truth, connect
from leocourse.core.errors import LeoError
from leocourse.core.paths import course_root
from leocourse.fidelity.twice import lived_twice
from leocourse.site import stored
from leocourse.site.build import advanced_lessons
from leocourse.truth import compared, true_effect

ROOT = course_root()
PAGES = advanced_lessons(ROOT)


def test_there_are_advanced_lessons_and_no_outputs_of_others():
    assert PAGES
    kept = {path.stem for path in (ROOT / stored.FOLDER / stored.OUTPUTS).glob("*")}
    assert kept == {page.stem for page in PAGES}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_kept_outputs_are_those_of_the_code_and_of_the_simulation(page):
    why = stored.stale(ROOT, page)
    assert not why, f"The kept outputs of {page.name}: {why}. Run 'leo advanced'."


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_no_cell_failed_or_was_slow(page):
    kept = json.loads(stored.place(page).read_text(encoding="utf-8"))
    assert [each for cell in kept["cells"] for each in cell["outputs"] if each["output_type"] == "error"] == []
    assert stored.slowest_cell(page) <= stored.SLOW
    assert stored.place(page).stat().st_size < 600_000


@pytest.fixture
def course(tmp_path):
    """A copy of what decides the outputs of one page."""
    page = PAGES[0]
    for name in (*stored.MADE_FROM, page.relative_to(ROOT), stored.place(page).relative_to(ROOT)):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "leocourse" / "measures", tmp_path / "leocourse" / "measures")
    return tmp_path, tmp_path / page.relative_to(ROOT)


def test_outputs_are_stale_when_what_decides_them_changes_and_not_when_prose_does(course):
    root, page = course
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace("## Key points", "Another sentence.\n\n## Key points"), encoding="utf-8")
    assert stored.stale(root, page) == ""
    page.write_text(text.replace("con = leo.connect", "con  = leo.connect"), encoding="utf-8")
    assert "code" in stored.stale(root, page)
    page.write_text(text, encoding="utf-8")
    hashes = root / "data" / "lesson-hashes.json"
    hashes.write_text(hashes.read_text(encoding="utf-8") + " ", encoding="utf-8")
    assert "simulation" in stored.stale(root, page)
    stored.place(page).write_text("{", encoding="utf-8")
    assert "cannot be read" in stored.stale(root, page)
    stored.place(page).unlink()
    assert stored.stale(root, page) == "there are none"


def test_the_book_takes_the_kept_outputs_and_refuses_those_of_other_code(course, tmp_path):
    _, page = course
    stored.into_cache(tmp_path / "cache", [page])
    store = get_cache(tmp_path / "cache")
    found = store.get_cache_bundle(store.match_cache_notebook(stored.read(page)).pk).nb
    code = [cell for cell in found.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert any(cell.outputs for cell in code)
    page.write_text(page.read_text(encoding="utf-8").replace("leo.attach_truth(con)", "pass", 1), encoding="utf-8")
    with pytest.raises(LeoError, match="run 'leo advanced'"):
        stored.into_cache(tmp_path / "cache", [page])


def test_a_page_is_run_and_its_outputs_are_kept_whole(tmp_path):
    page = tmp_path / "book" / "advanced" / "small.md"
    page.parent.mkdir(parents=True)
    head = "---\nkernelspec:\n  display_name: Python 3\n  language: python\n  name: python3\n---\n\n# Small\n\n"
    page.write_text(head + "```{code-cell} ipython3\nprint(6 * 7)\n```\n", encoding="utf-8")
    for name in stored.MADE_FROM:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("{}", encoding="utf-8")
    assert stored.run(tmp_path, page, {}) < stored.SLOW
    assert stored.stale(tmp_path, page) == ""
    (cell,) = [cell for cell in stored.with_outputs(page).cells if cell.cell_type == "code"]
    assert cell.outputs[0].text == "42\n"
    before = stored.place(page).read_bytes()
    page.write_text(head + "```{code-cell} ipython3\n1 / 0\n```\n", encoding="utf-8")
    with pytest.raises(LeoError, match="small.md: ZeroDivisionError"):
        stored.run(tmp_path, page, {})
    assert stored.place(page).read_bytes() == before


def test_an_estimate_is_held_against_the_truth():
    table = compared(0.12, wrong=(0.2, 0.01), right_one=(0.13, 0.01), plain=0.5).set_index("number")
    assert table["holds the truth"].to_dict() == {"wrong": "no", "right one": "yes", "plain": "", "truth": ""}
    assert table["off by"].round(3).to_dict() == {"wrong": 0.08, "right one": 0.01, "plain": 0.38, "truth": 0.0}
    assert table["interval"]["right one"] == "0.110 to 0.150"
    with pytest.raises(LeoError, match="below 0"):
        compared(0.1, a=(0.1, -1))


def test_a_true_effect_has_the_unit_of_its_estimates(lesson):
    with connect(lesson) as con:
        with pytest.raises(LeoError, match="attach_truth"):
            true_effect(con, "pay: women")
        attach_truth(con)
        assert math.isclose(true_effect(con, "pay: women"), -181.234 * math.log(1.001), rel_tol=1e-3)
        assert -1 < true_effect(con, "access to an apprenticeship: women") < 0
        with pytest.raises(LeoError, match="no planted effect"):
            true_effect(con, "pay: shoes")


def test_people_who_are_lived_twice_are_those_of_the_extract(lesson):
    with connect(lesson) as con:
        attach_truth(con)
        found = con.sql("SELECT person_number, apprenticeship_pay_steps FROM truth.lives WHERE apprenticeship_level = 3 "
                        "AND apprenticeship_completed = 1 AND university_year IS NULL").df()  # fmt: skip
    both = lived_twice("apprenticeship: level 3", found["person_number"])
    assert 0 < len(both) <= len(found)
    assert 0.05 < both["difference"].mean() < 0.25
    again = lived_twice("apprenticeship: level 3", reversed(list(found["person_number"])))
    assert both.equals(again), "nobody's draws depend on who else is lived"
    with pytest.raises(LeoError, match="no planted effect"):
        lived_twice("shoes", [1])
    with pytest.raises(LeoError, match="Nobody"):
        lived_twice("apprenticeship: level 3", [])
