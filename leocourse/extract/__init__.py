"""Simulates an extract: lives first, then the records that collections would have made of them."""

from leocourse.extract.faults import FAULTS
from leocourse.extract.generate import generate, generate_bare, is_current, truth_folder

__all__ = ["FAULTS", "generate", "generate_bare", "is_current", "truth_folder"]
