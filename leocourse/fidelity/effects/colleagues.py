"""What graduates among the staff add to the pay of the others: estimated as :mod:`.enterprises` says."""

from leocourse.fidelity.effects import enterprises

STUDY = enterprises.COLLEAGUES_STUDY
