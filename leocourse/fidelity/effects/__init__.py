"""The planted effects that a researcher would estimate: for each its words, its estimators and its truth, in one place.

To add one, plant its constant in ``extract/``, where ``truth.parameters`` lists it, and declare it here: in the module
of its study, or in a new one, with a ``STUDY`` or several ``STUDIES``. ``leo record`` computes what depends on it.
"""

from importlib import import_module
from pkgutil import iter_modules

from leocourse.fidelity.worlds import Effect, Study


def _studies() -> list[Study]:
    """The studies of all modules here, by the name of the module."""
    found: list[Study] = []
    for name in sorted(each.name for each in iter_modules(__path__)):
        module = import_module(f"{__name__}.{name}")
        found += module.STUDIES if hasattr(module, "STUDIES") else [module.STUDY]
    return found


STUDIES: list[Study] = _studies()
EFFECTS: dict[str, Effect] = {name: effect for study in STUDIES for name, effect in study.effects.items()}
"""Every planted effect by name, in the order of the studies."""
