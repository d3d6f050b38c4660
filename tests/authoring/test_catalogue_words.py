"""A slip is told in the words of its question, or in the catalogue's own."""

from __future__ import annotations

import pytest

from leocourse.authoring.catalogue import FILE, slips
from leocourse.core.errors import LeoError

ENTRY = '[late]\ntitle = "Late."\nshows = "Less."\nexplain = "Draw it."\nlesson = "Work"\n'


def made(tmp_path, text):
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    return slips(str(tmp_path / "01-a" / "questions" / "shared.py"))


def test_the_question_speaks_first_and_the_catalogue_where_it_is_silent(tmp_path):
    slip = made(tmp_path, ENTRY + 'says = "You began late."\n')
    assert slip("late", shift=1).message == "You began late." and slip("late", shift=1).changes == {"shift": 1}
    assert slip("late", "Your pay begins late.", shift=1).message == "Your pay begins late."


def test_a_slip_without_words_is_refused_by_its_name(tmp_path):
    with pytest.raises(LeoError, match="late.*no message.*no says"):
        made(tmp_path, ENTRY)("late", shift=1)


def test_an_entry_has_no_other_fields(tmp_path):
    with pytest.raises(LeoError, match=r"\[late\] needs .* may have heading and says"):
        made(tmp_path, ENTRY + 'tells = "You began late."\n')
