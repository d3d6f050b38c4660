"""The planted effects that a researcher would estimate: for each its words, its estimators and its truth, in one place.

To add one, plant its constant in ``extract/``, where ``truth.parameters`` lists it, and declare it here: in the module
of its study, or in a new one, whose ``STUDY`` is then listed below. ``leo record`` computes what depends on it.
"""

from leocourse.fidelity.effects import (
    absence_from_school,
    access,
    catching_up,
    colleagues,
    contextual_offers,
    degrees,
    enterprises,
    furlough,
    left_behind,
    places,
    without_university,
)
from leocourse.fidelity.worlds import Effect, Study

STUDIES: list[Study] = [
    module.STUDY
    for module in (
        without_university, degrees, access, contextual_offers, enterprises, furlough, absence_from_school,
        places, left_behind, catching_up, colleagues,
    )
]  # fmt: skip
EFFECTS: dict[str, Effect] = {name: effect for study in STUDIES for name, effect in study.effects.items()}
"""Every planted effect by name, in the order of the studies."""
