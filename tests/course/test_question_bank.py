"""The question bank: it promises no cause, says what is missing, and says of each question how many people it takes."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
BANK = (ROOT / "book" / "reference" / "research-questions.md").read_text(encoding="utf-8")
ENTRIES = {
    match[1]: match[0]
    for match in re.finditer(r"^### ([A-Z]\d+): .*?(?=^\(rq-|^## |\Z)", BANK, re.MULTILINE | re.DOTALL)
}
ROWS = {
    match[1]: (match[2], match[3])
    for match in re.finditer(r"^\| \[([A-Z]\d+)\]\(rq-\w+\) \| (.+) \| (.+) \|$", BANK, re.MULTILINE)
}


def test_the_table_has_every_entry_with_its_title_and_answer():
    assert ROWS.keys() == ENTRIES.keys()
    for number, (title, answer) in ROWS.items():
        assert f"### {number}: {title}\n" in ENTRIES[number]
        said = re.search(r"Can LEO answer it\?\n: (Yes|In part|No)\b", ENTRIES[number])
        assert said and said[1].lower() == answer, number


def test_a_title_that_promises_a_cause_is_not_answered_with_yes():
    causal = re.compile(
        r"\b(gains?|effects?|impact|returns?|improve|runs through|difference does|change in)\b", re.IGNORECASE
    )
    assert [n for n, (title, answer) in ROWS.items() if causal.search(title) and answer == "yes"] == []


def test_every_question_with_a_planted_effect_says_how_many_people_it_takes():
    for number, entry in ENTRIES.items():
        said = tomllib.loads(
            (ROOT / "data" / "reference" / "question-bank" / f"{number}.toml").read_text(encoding="utf-8")
        )
        assert f"(#planted-{number.lower()})" in entry
        assert ("how many people it takes" in entry) == bool(said["effects"]), number


def test_what_was_missing_is_there():
    for number, words in {
        "A5": "at school and after", "D3": "lasting work", "D4": "degrees taught in colleges", "E4": "What an area itself gains",
        "F4": "Who works with whom", "D9": "What people would have preferred is not", "C1": "no denominator",
        "B3": "recorded from 2008/09",
    }.items():  # fmt: skip
        assert words in ENTRIES[number], number
    glossary = (ROOT / "book" / "reference" / "glossary.md").read_text(encoding="utf-8")
    assert all(f"\n{word}\n" in glossary for word in ("CIN", "CLA", "LLDD"))
