"""The store of a run: what was read of each file, kept under the hash of its content."""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading


class Store:
    """Contents by their hash, in a file that has no name: nobody can change it, and nothing of it outlives the run."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="leo-intake-")  # noqa: SIM115
        self._places: dict[str, tuple[int, int]] = {}
        self._end = 0
        self._lock = threading.Lock()

    def add(self, content: bytes) -> str:
        """Keep a content, and give its SHA-256 in hexadecimal."""
        name = hashlib.sha256(content).hexdigest()
        with self._lock:
            if name not in self._places:
                self._file.seek(self._end)
                self._file.write(content)
                self._file.flush()
                self._places[name] = (self._end, len(content))
                self._end += len(content)
        return name

    def get(self, name: str) -> bytes:
        """The content with that hash. Raises KeyError if none was added, and OSError if it cannot be read again."""
        start, size = self._places[name]
        if not hasattr(os, "pread"):
            with self._lock:
                self._file.seek(start)
                return self._file.read(size)
        parts = []
        while size and (part := os.pread(self._file.fileno(), size, start)):
            parts.append(part)
            start, size = start + len(part), size - len(part)
        if size:
            raise OSError("The store of this run is shorter than what was put into it.")
        return b"".join(parts)
