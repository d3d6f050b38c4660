"""Marks on a Dask cluster: each worker has a sandbox of its own, and what comes back is plain text.

The extracts and keys of a run are made here, once, and sent to every worker, also to one that joins later; so no
folder need be shared. A worker that is lost costs nothing: what it was marking is marked by another, and one writer,
here, records. The machines of the cluster hold the keys and are trusted as this one is; what a worker says of a
submission is still read as :mod:`leocourse.grading.marker` reads the other side of its own sandbox.
"""

from __future__ import annotations

import contextlib
import io
import json
import queue
import tempfile
import threading
import uuid
import zipfile
from pathlib import Path
from typing import Any

from distributed import Client, WorkerPlugin

from leocourse.authoring.question import About
from leocourse.core.errors import LeoError
from leocourse.grading.isolation.limits import Limits
from leocourse.grading.isolation.sandbox import Isolation, readable
from leocourse.grading.marker import Failed, Marker, Outcome, Reader

START_SECONDS = 20
"""How long to wait for the scheduler, and for its first worker."""


class Cluster:
    """A marker (see :class:`leocourse.grading.marker.Marker`) whose boxes stand on the workers of a Dask cluster.

    ``folder`` holds the ``extracts`` and ``keys`` of the run. Use as a context manager. Raises LeoError if no
    scheduler or worker answers, or a worker has not this package.
    """

    def __init__(self, folder: Path, how: Isolation, scheduler: str, limits: Limits | None = None) -> None:
        limits = limits or Limits()
        self._patience = 4 * (limits.seconds + 180)
        self._reader = Reader(folder / "keys", limits)
        self._run = uuid.uuid4().hex
        try:
            self._client = Client(scheduler, timeout=START_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise LeoError(f"No Dask scheduler answers at {scheduler}: {error}.") from error
        try:
            self._client.wait_for_workers(1, timeout=START_SECONDS)
            self._client.register_plugin(_Plugin(self._run, _packed(folder), how, limits), name=self._run)
        except Exception as error:
            self._client.close()
            raise LeoError(f"The cluster at {scheduler} cannot mark: {error or 'it has no workers'}") from error
        self.workers = max(sum(self._client.nthreads().values()), 1)
        """Submissions at a time: one a thread of the cluster."""

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(Exception):  # a cluster that is gone has nothing to clear up
            self._client.unregister_worker_plugin(self._run)
        self._client.close()

    def about(self, assignment: str) -> About:
        """See :meth:`leocourse.grading.marker.Reader.about`."""
        return self._reader.about(assignment)

    def mark(self, slot: int, assignment: str, cells: list[dict], released: list[dict]) -> Outcome:
        """Have a submission marked by whichever worker is free. Raises Failed if none manages."""
        job = self._reader.job(assignment, cells, released)
        future = self._client.submit(_mark, self._run, assignment, job, pure=False, retries=2)
        try:
            status, told, words = json.loads(future.result(timeout=self._patience))
        except Exception as error:  # Dask's own kinds: workers that were lost, no answer in time
            raise Failed(f"The cluster did not mark it ({type(error).__name__}: {str(error)[:200]}).") from error
        return self._reader.outcome(assignment, status, told, words)


def _packed(folder: Path) -> bytes:
    """The extracts and keys of a run as a zip file."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for part in ("extracts", "keys"):
            for path in sorted((folder / part).rglob("*")):
                archive.write(path, path.relative_to(folder))
    return data.getvalue()


class _Marking:
    """On a worker: what a run needs, and its boxes once the first submission is there."""

    def __init__(self, packed: bytes, how: Isolation, limits: Limits, workers: int) -> None:
        self._packed, self._how, self._limits, self._workers = packed, how, limits, workers
        self._lock, self._marker = threading.Lock(), None
        self._slots: queue.SimpleQueue[int] = queue.SimpleQueue()
        for slot in range(workers):
            self._slots.put(slot)

    def mark(self, assignment: str, job: dict[str, Any]) -> str:
        """What became of a submission, as JSON."""
        with self._lock:
            if self._marker is None:
                self._start()
        slot = self._slots.get()
        try:
            status, told, words = self._marker.run(slot, assignment, job)
        finally:
            self._slots.put(slot)
        return json.dumps([status, told, words.decode("utf-8", "replace")])

    def _start(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="leo-marking-")
        with zipfile.ZipFile(io.BytesIO(self._packed)) as archive:
            archive.extractall(self._folder.name)
        readable(Path(self._folder.name) / "extracts")  # a zip keeps no permissions
        marker = Marker(Path(self._folder.name), self._how, self._workers, self._limits)
        try:
            marker.prepare()
        except BaseException:
            marker.close()
            raise
        self._marker = marker

    def close(self) -> None:
        """End the boxes and clear up."""
        with self._lock:
            if self._marker is not None:
                self._marker.close()
                self._folder.cleanup()


_runs: dict[str, _Marking] = {}
"""On a worker: the runs that it marks for."""


class _Plugin(WorkerPlugin):
    """Gets a worker ready for a run, whenever it joins, and clears up after it."""

    def __init__(self, run: str, packed: bytes, how: Isolation, limits: Limits) -> None:
        self._run, self._settings = run, (packed, how, limits)

    def setup(self, worker: Any) -> None:
        """Keep what the run needs."""
        _runs[self._run] = _Marking(*self._settings, worker.state.nthreads)

    def teardown(self, worker: Any) -> None:
        """End its boxes."""
        _runs.pop(self._run).close()


def _mark(run: str, assignment: str, job: dict[str, Any]) -> str:
    return _runs[run].mark(assignment, job)
