"""Which person is meant: names that are written alike, two people of one name, and the roster that settles doubt."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from leocourse.grading.box.answers import letters
from leocourse.grading.intake.places import Place, nfc
from leocourse.grading.roster import Learner


@dataclass(frozen=True)
class Person:
    """Who somebody is taken for."""

    name: str
    doubt: str = ""
    note: str = ""


class People:
    """The people of a run."""

    def __init__(self, roster: Sequence[Learner] = ()) -> None:
        self.roster = roster
        self._aliases: dict[str, set[str]] = {}
        for learner in roster:
            for alias in (learner.id, learner.name, *learner.also):
                for form in _forms(alias):
                    self._aliases.setdefault(form, set()).add(learner.id)
        self.possible: set[str] = set()
        """Who on the roster somebody who handed in may be."""
        self._numbers: dict[tuple[tuple[str, ...], str], set[str]] = {}
        self._spelled: dict[str, set[str]] = {}

    def known(self, name: str) -> bool:
        """Whether a name is that of one person on the roster."""
        return len(self._meant(name)) == 1

    def learn(self, places: Iterable[Place]) -> None:
        """Look at all names before any of them is decided: two numbers in one download are two people."""
        for place in places:
            if place.whose is not None:
                name = nfc(place.whose.student.strip())
                self._spelled.setdefault(name, set()).add(place.whose.student.strip())
                if place.whose.number:
                    self._numbers.setdefault((place.above, name.casefold()), set()).add(place.whose.number)

    def who(self, place: Place) -> Person:
        """Who is meant at a place where somebody is."""
        whose = place.whose
        name = nfc(whose.student.strip())
        if self.roster:
            meant = [found for each in (name, *whose.also) if (found := self._meant(each))]
            both = set.intersection(*meant) if meant else set()
            if len(both) > 1 and whose.number:  # it may be in the roster too
                both = both & self._meant(whose.number) or both
            self.possible |= both
            if len(both) == 1:
                return Person(next(iter(both)))
        note = ""
        if len(self._spelled.get(name, ())) > 1:
            note = f"The name '{name}' is written in two ways in what was handed in; both were taken for one person's."
        alike = any(len(numbers) > 1 for (_, each), numbers in self._numbers.items() if each == name.casefold())
        if alike and whose.number:
            doubt = f"Several people are called '{name}': --roster or --map settles who is who."
            return Person(f"{name} ({whose.number})", doubt, note)
        if self.roster:
            return Person(name, f"'{name}' is nobody on the roster, or more than one person.", note)
        return Person(name, place.doubt, note)

    def _meant(self, name: str) -> set[str]:
        return next((found for form in _forms(name) if (found := self._aliases.get(form))), set())


def _forms(name: str) -> list[str]:
    """How a name is compared: as letters and digits, then without accents, as systems make user names of it."""
    plain = letters(name)
    bare = "".join(each for each in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(each))
    bare = bare.translate(str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe"}))
    local = letters(name.partition("@")[0]) if "@" in name else ""
    return [form for form in dict.fromkeys((plain, bare, local)) if form]
