"""Derived variables: one documented SQL file each, under the names of the real extract."""

from leocourse.measures.model import Measure, Parameter, load, names, plan, render
from leocourse.measures.run import measure, measures

__all__ = ["Measure", "Parameter", "load", "measure", "measures", "names", "plan", "render"]
