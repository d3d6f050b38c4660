"""Questions, keys and messages.

A question is a function of the data. Its answer on an extract is compared with a key, computed on
the course side; the check says which people, which value and which misconception.
"""

from leocourse.authoring.question import Assignment, Misconception, Question
from leocourse.checks.assignment import assignment

__all__ = ["Assignment", "Misconception", "Question", "assignment"]
