"""The step of ``nbgrader generate_assignment`` that knows the questions; ``nbgrader_config.py`` puts it first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors.base import NbGraderPreprocessor

from leocourse.authoring.notebook import fill
from leocourse.authoring.question import load_assignment


class FromQuestions(NbGraderPreprocessor):
    """Fills headings and points into a notebook on its way from ``solutions/`` to the release."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Fill a notebook of ``solutions/<assignment>``. Raises LeoError as :func:`fill` does."""
        return fill(nb, load_assignment(Path(resources["metadata"]["path"]).resolve())), resources
