"""Two extracts that nobody has seen, and the keys to them: made once a run, gone with it."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from leocourse.core.errors import LeoError
from leocourse.grading.isolation.sandbox import PACKAGE

START = (
    "import sys; sys.path.insert(0, sys.argv[1]); from leocourse.grading.simulate import main; main(int(sys.argv[2]))"
)


@contextmanager
def room() -> Iterator[Path]:
    """A folder for the extracts and keys of a run: ``0`` and ``1`` in ``extracts``, which the sandbox of submissions
    sees, and ``<assignment>-0.json`` in ``keys``, which only the process that compares sees."""
    with tempfile.TemporaryDirectory(prefix="leo-marking-") as name:
        for part in ("extracts", "keys"):
            (Path(name) / part).mkdir()
        yield Path(name)


class Making:
    """The process that makes the extracts and keys of a run (:mod:`leocourse.grading.simulate`), in a ``room()``.

    It starts, and loads its libraries, at once. Use as a context manager.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.begun = False
        # -P: nothing is loaded from the working folder, which may be that of the submissions.
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-c", START, str(PACKAGE.parent), str(os.getpid())],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},  # it forks, and threads would not come along
        )  # fmt: skip

    def __enter__(self) -> Making:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(BrokenPipeError):
                stream.close()

    def begin(self, assignments: list[Path], seeds: list[int] | None = None) -> None:
        """Have extracts made for these folders of assignments. Seeds are drawn unless given."""
        self.begun = True
        order = {"folder": str(self._folder), "assignments": [str(each) for each in assignments], "seeds": seeds}
        try:
            with self.process.stdin as stdin:
                json.dump(order, stdin)
        except BrokenPipeError:
            pass  # it has ended: seeds() says so

    def seeds(self) -> list[int]:
        """Wait until all is made, and give the seeds of the extracts. Raises LeoError if it cannot be done."""
        said = self.process.stdout.read()
        if not said:
            raise LeoError("The extracts to mark on could not be made: the process that makes them ended.")
        told = json.loads(said)
        if "problem" in told:
            raise LeoError(told["problem"])
        return told["seeds"]
