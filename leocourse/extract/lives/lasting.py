"""What lasts of a person and nothing explains."""

from __future__ import annotations

import numpy as np

from leocourse.extract.lives.population import People


def lasting_pay(people: People) -> np.ndarray:
    """The lasting part of pay that nothing explains, standard normal in thousandths."""
    return people.stream("work/pay").normal(people.person)
