"""The planted effects that a researcher would estimate: for each its words, its estimators and its truth, in one place.

To add one, plant its constant in ``extract/``, where ``truth.parameters`` lists it, and declare it here: in the module
of its study, or in a new one, whose ``STUDY`` is then listed below. ``leo record`` computes what depends on it.
"""

from leocourse.fidelity.effects import (
    absence_from_school,
    access,
    contextual_offers,
    degree_gains,
    degree_or_not,
    degrees,
    enterprises,
    entry_for_compliers,
    furlough,
    gap_years,
    growth_by_subject,
    kind_of_study,
    offers_at_the_line,
    part_time_certificates,
    points_at_a_level,
    school_and_entry,
    short_courses,
    without_university,
)
from leocourse.fidelity.worlds import Effect, Study

STUDIES: list[Study] = [
    module.STUDY
    for module in (
        without_university, degrees, access, contextual_offers, enterprises, furlough, absence_from_school,
        offers_at_the_line, entry_for_compliers, school_and_entry, degree_or_not, degree_gains, kind_of_study,
        short_courses, part_time_certificates, gap_years, growth_by_subject, points_at_a_level,
    )
]  # fmt: skip
EFFECTS: dict[str, Effect] = {name: effect for study in STUDIES for name, effect in study.effects.items()}
"""Every planted effect by name, in the order of the studies."""
