"""The page of what is planted covers the whole bank, and says each number as it was recorded."""

import json
import shutil

import pytest

from leocourse.core.errors import LeoError
from leocourse.fidelity.effects import EFFECTS
from leocourse.fidelity.recorded import ESTIMANDS, RECOVERED, REFERENCE
from leocourse.fidelity.worlds import RESULT, SHARE, STEP
from leocourse.site.pages.planted import BANK, FOLDER, amount, anchor, planted_page, read_bank, read_planted

ENTRY = "\n".join(
    f'{name} = "{name} in words"' for name in ("planted", "who", "change", "outcome", "when", "design", "rests_on")
)
WITH = f'{ENTRY}\nbias = ""\nnothing = ""\neffects = ["furlough"]\n'
WITHOUT = 'planted = "Nothing."\nwho = ""\nchange = ""\noutcome = ""\nwhen = ""\ndesign = ""\nbias = ""\n' \
    'nothing = "Ratings are not in the data."\nrests_on = "Schools."\neffects = []\n'  # fmt: skip


@pytest.fixture
def course(tmp_path, root):
    """A course whose bank has two questions, one with an effect and one without."""
    for name in (BANK, ESTIMANDS, *((REFERENCE / RECOVERED).with_suffix(end) for end in (".csv", ".json"))):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / name, tmp_path / name)
    (tmp_path / BANK).write_text("(rq-a1)=\n### A1: Do ratings tell?\n\n### G1: Did they recover?\n", encoding="utf-8")
    (tmp_path / FOLDER).mkdir(parents=True)
    (tmp_path / FOLDER / "A1.toml").write_text(WITHOUT, encoding="utf-8")
    (tmp_path / FOLDER / "G1.toml").write_text(WITH, encoding="utf-8")
    return tmp_path


def test_every_question_of_the_bank_has_what_is_planted(root):
    entries = read_planted(root)
    assert [entry.question for entry in entries] == list(read_bank(root)) and len(entries) > 35
    assert sum(bool(entry.effects) for entry in entries) > 25


def test_each_entry_of_the_bank_links_to_what_is_planted_for_it(root):
    text = (root / BANK).read_text(encoding="utf-8")
    for number in read_bank(root):
        assert f"#planted-{number.lower()})" in text


def test_the_page_has_the_recorded_numbers_of_each_effect(course):
    page, known = planted_page(course), json.loads((course / ESTIMANDS).read_text(encoding="utf-8"))
    assert "Ratings are not in the data." in page and "(planted-a1)=" in page
    for name, line in known.items():
        told = page.partition(f"({anchor(name)})=\n")[2].partition("\n(effect-")[0]
        assert EFFECTS[name].question in told and EFFECTS[name].estimator in told
        assert (
            amount(line["estimand"], EFFECTS[name].unit) in told and amount(line["naive"], EFFECTS[name].unit) in told
        )
    assert len({anchor(name) for name in known}) == len(known)


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [(0, STEP, "+0.0% of pay"), (-100, STEP, "−9.5% of pay"), (-72_340, SHARE, "−7.2 points"),
     (25, RESULT, "+0.03 SD"), (1234.5, "pounds", "+1,234.5 pounds")],
)  # fmt: skip
def test_a_value_is_said_as_people_read_it(value, unit, words):
    assert amount(value, unit) == words


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("furlough", "fur lough"), "there is no effect 'fur lough'"),
        (("design in words", " "), "G1.toml: design is empty"),
        (('nothing = ""\n', ""), "missing or unknown: nothing"),
        (("effects", "effects ["), "cannot be read"),
    ],
)
def test_a_slip_in_a_file_is_one_line_that_names_it(course, change, message):
    (course / FOLDER / "G1.toml").write_text(WITH.replace(*change), encoding="utf-8")
    with pytest.raises(LeoError, match=message):
        read_planted(course)


def test_a_question_without_a_file_and_a_file_without_a_question_are_named(course):
    (course / FOLDER / "A1.toml").rename(course / FOLDER / "Z9.toml")
    with pytest.raises(LeoError, match=r"A1\.toml: the file is missing"):
        read_planted(course)
    (course / FOLDER / "A1.toml").write_text(WITHOUT, encoding="utf-8")
    with pytest.raises(LeoError, match=r"Z9\.toml: there is no such question"):
        read_planted(course)
