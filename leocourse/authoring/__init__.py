"""What knows answers: questions, their keys, the catalogue of misconceptions, and the release.

A question is a function of the data: its reference answer is run on any extract, and the key made from it there.
"""

from leocourse.authoring.question import Assignment, Misconception, Question

__all__ = ["Assignment", "Misconception", "Question"]
