"""What the simulation does not do is said on a page of its own and on the page of each table."""

import pytest

from leocourse.core.errors import LeoError
from leocourse.schema import load_schema
from leocourse.site.pages.not_simulated import FILE, absent_from, not_simulated_page, read_absences

SCHEMA = load_schema()
WHOLE = (
    '[[absence]]\npart = "Work"\ntables = ["leo_earnings"]\nabsent = "Nobody is paid late."\nso = "Do not study it."\n'
)


@pytest.fixture
def course(tmp_path):
    """A course with one absence."""
    (tmp_path / FILE).parent.mkdir(parents=True)
    (tmp_path / FILE).write_text(WHOLE, encoding="utf-8")
    return tmp_path


def test_every_absence_is_on_the_page_and_on_that_of_its_tables(root):
    absences = read_absences(root, SCHEMA)
    page = not_simulated_page(absences)
    assert absences
    for each in absences:
        assert f"## {each.part}\n" in page and each.absent in page and each.so in page
        for table in each.tables:
            assert f"[`{table}`]({table}.md)" in page and each.absent in absent_from(table, absences)


def test_only_the_tables_that_would_show_it_say_so(course):
    (only,) = read_absences(course, SCHEMA)
    assert absent_from("leo_employment", [only]) == ""
    assert "Nobody is paid late." in absent_from("leo_earnings", [only])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("leo_earnings", "leo_wages"), "entry 1: the schema has no table 'leo_wages'"),
        (('so = "Do not study it."\n', ""), "entry 1: it needs part, tables, absent and so"),
        (('"Nobody is paid late."', '""'), "entry 1: it needs part, tables, absent and so"),
        (("[[absence]]", "[[absence"), "cannot be read"),
    ],
)
def test_a_slip_in_the_file_is_one_line_that_says_where(course, change, message):
    (course / FILE).write_text(WHOLE.replace(*change), encoding="utf-8")
    with pytest.raises(LeoError, match=message):
        read_absences(course, SCHEMA)
