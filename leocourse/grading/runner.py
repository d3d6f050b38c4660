"""Where a submission is run. A runner takes code in and gives a folder of plain answers out.

:class:`ChildProcess` runs it in a process of its own, with limits on time and memory, a scrubbed
environment and a folder of its own. It separates student code from key and gradebook in memory; it does
not yet hide the file system or the network.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol


@dataclass(frozen=True)
class Limits:
    """What a submission may use."""

    seconds: int = 120
    memory_bytes: int = 6 * 2**30
    file_bytes: int = 256 * 2**20


class Runner(Protocol):
    """Runs the code of one submission on an extract."""

    def run(self, job: dict[str, Any], extract: Path) -> Any:
        """A context manager that gives the folder with ``outcome.json`` and the answers."""


@dataclass(frozen=True)
class ChildProcess:
    """A process of its own for each submission, killed with all its children when time is up."""

    limits: Limits = Limits()

    @contextmanager
    def run(self, job: dict[str, Any], extract: Path) -> Iterator[Path]:
        """Run a job, give the folder of its answers, and clear it away afterwards."""
        with tempfile.TemporaryDirectory(prefix="leo-run-", ignore_cleanup_errors=True) as name:
            folder = Path(name)
            (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
            self._start(folder, extract)
            yield folder

    def _start(self, folder: Path, extract: Path) -> None:
        process = subprocess.Popen(
            [sys.executable, "-I", "-m", "leocourse.grading.child", str(folder)],
            cwd=folder,
            env=_environment(folder, extract),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=self._limit,  # noqa: PLW1509 (this process starts no threads)
        )
        try:
            process.wait(timeout=self.limits.seconds)
        except subprocess.TimeoutExpired:
            (folder / "timed-out").touch()
        finally:
            with_group = os.getpgid(process.pid) if process.poll() is None else process.pid
            with suppress(ProcessLookupError):
                os.killpg(with_group, signal.SIGKILL)
            process.wait()

    def _limit(self) -> None:
        seconds = self.limits.seconds + 5
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.limits.file_bytes, self.limits.file_bytes))
        resource.setrlimit(resource.RLIMIT_AS, (self.limits.memory_bytes, self.limits.memory_bytes))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _environment(folder: Path, extract: Path) -> dict[str, str]:
    """Only what is needed: no variable of the person who marks reaches a submission."""
    return {
        "PATH": os.defpath,
        "HOME": str(folder),
        "IPYTHONDIR": str(folder / "ipython"),
        "MPLCONFIGDIR": str(folder / "matplotlib"),
        "LANG": "C.UTF-8",
        "LEO_EXTRACT": str(extract),
        "LEO_MARKING": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
