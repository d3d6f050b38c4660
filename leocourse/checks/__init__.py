"""The check of an answer: exactly what goes into a box with a submission, and what the browser needs.

An answer on an extract is compared with a key, computed on the course side (:mod:`leocourse.authoring`); the check
says which people, which value and which misconception. Nothing in this folder knows an answer.
"""

from leocourse.checks.assignment import assignment

__all__ = ["assignment"]
