"""From a folder or zip to one notebook a person and assignment: :func:`leocourse.grading.intake.collect.collect`."""
