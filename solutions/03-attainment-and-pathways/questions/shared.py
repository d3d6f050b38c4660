"""What several questions of this assignment share."""

from __future__ import annotations

from leocourse.authoring.catalogue import slips
from leocourse.authoring.shorthand import NPD

slip = slips(__file__)

ATTAINMENT_LESSON = "Attainment through the reforms"

AFTER_LESSON = "After 16"

OLD_KS4 = f"{NPD}.ks4pupil_2002_to_2014"

NEW_KS4 = f"{NPD}.ks4pupil_2015_to_2021"

PMR = "pupilmatchingrefanonymous"


def acadyr(year):
    """The label of an academic year from the calendar year in which it ends: 2014 is 2013/2014."""
    return f"{year - 1}/{year}"
