"""What nbgrader lists as assignments: every folder in ``solutions/``, but not that of the exercises of lessons."""

from __future__ import annotations

from functools import wraps

from leocourse.authoring.exercise import FOLDER


def leave_out_exercises() -> None:
    """Take the exercises of lessons from the list of nbgrader in this process. It has no setting for that."""
    from nbgrader.apps.api import NbGraderAPI

    listed = NbGraderAPI.get_source_assignments
    if hasattr(listed, "__wrapped__"):
        return

    @wraps(listed)
    def without(self: NbGraderAPI) -> set[str]:
        return listed(self) - {FOLDER.name}

    NbGraderAPI.get_source_assignments = without
