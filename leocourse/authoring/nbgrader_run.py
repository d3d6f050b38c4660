"""``nbgrader generate_assignment`` for several assignments in one process, which loads its libraries once.

A program, run in the folder of a course: its arguments are the folder to write to, and the names of assignments.
"""

from __future__ import annotations

import sys

BEGUN = "assignment: "
"""Begins a line of the error stream that says which assignment comes now."""


def main(target: str, *names: str) -> None:
    """Generate the assignments, in this order; ends with 1 at the first that nbgrader refuses."""
    from nbgrader.apps.generateassignmentapp import GenerateAssignmentApp  # slow: who imports BEGUN does without

    app = GenerateAssignmentApp.instance()
    app.initialize(["--force", f"--CourseDirectory.release_directory={target}"])
    for name in names:
        print(BEGUN + name, file=sys.stderr, flush=True)
        app.coursedir.assignment_id = name
        app.start()


if __name__ == "__main__":
    main(*sys.argv[1:])
