"""Control groups, where the machine lets us make them: memory and processes of a whole submission."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")


class Group:
    """A control group of its own for one server and the submissions that it forks. Empty where there are none."""

    def __init__(self, name: str, memory_bytes: int, processes: int) -> None:
        self.enforces: list[str] = []
        self._folders: list[Path] = []
        name = f"leo-marking-{os.getpid()}-{name}"
        if (ROOT / "cgroup.controllers").is_file():  # version 2
            with contextlib.suppress(OSError):
                (ROOT / "cgroup.subtree_control").write_text("+memory +pids")
            wanted = [(ROOT, {"memory.max": memory_bytes, "memory.swap.max": 0, "pids.max": processes})]
        else:
            wanted = [(ROOT / "memory", {"memory.limit_in_bytes": memory_bytes}),
                      (ROOT / "pids", {"pids.max": processes})]  # fmt: skip
        for root, settings in wanted:
            self._make(root / name, settings)

    def add(self, process: int) -> None:
        """Move a process, by its number outside, into the group."""
        for folder in self._folders:
            with contextlib.suppress(OSError):
                (folder / "cgroup.procs").write_text(str(process))

    def remove(self) -> None:
        """Remove the group, once nothing is left in it."""
        for folder in self._folders:
            with contextlib.suppress(OSError):
                folder.rmdir()

    def _make(self, folder: Path, settings: dict[str, int]) -> None:
        try:
            folder.mkdir()
        except OSError:
            return
        self._folders.append(folder)
        for file, value in settings.items():
            try:
                (folder / file).write_text(str(value))
                self.enforces.append(file)
            except OSError:
                continue
