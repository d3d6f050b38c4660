"""GitHub Classroom, cloned: a repository a person, called by the assignment and the login, all in one folder."""

from __future__ import annotations

import re

from leocourse.grading.intake.layouts import Around, Whose

NAME = "GitHub Classroom"
EXAMPLE = {
    "leo-course-submissions/leo-course-zluk/exercises/06-table-for-release/table-for-release.ipynb": ("zluk", ""),
    "leo-course-submissions/leo-course-zluk/.git/config": ("zluk", ""),
    "leo-course-submissions/leo-course-ada-o-brien/table-for-release.ipynb": ("ada-o-brien", ""),
}
OWN = ()


def whose(parts: tuple[str, ...], around: Around) -> Whose | None:
    """The folder round the repositories is called by the assignment, as GitHub's own command makes it."""
    wrapper = re.fullmatch(r"(?P<slug>.+)-submissions(?:-\d\d-\d\d-\d{4}-\d\d-\d\d-\d\d)?", parts[0])
    if not wrapper or len(parts) < 3:
        return None
    slug = f"{wrapper['slug']}-"
    if parts[1].startswith(slug) and len(parts[1]) > len(slug):
        return Whose(parts[1][len(slug) :], parts[2:], depth=2)
    return None
