"""The memory of the learner's copies, in ``work/.leo``: from which release each is, and that release itself."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from leocourse.authoring.handout import release_id
from leocourse.core.copies import STORE, WORK, copy_of, remembered
from leocourse.core.files import write_whole
from leocourse.core.keep import fingerprint, free_name, make_room


class Copies:
    """The memory in ``work/.leo``: the release and the content of each copy as it was made."""

    def __init__(self, root: Path) -> None:
        self.root, self.folder = root / WORK, root / WORK / STORE
        self.made = remembered(root)
        self._as_read = json.dumps(self.made)

    def write(self) -> None:
        """Write it down, if something changed."""
        if json.dumps(self.made) == self._as_read:
            return
        make_room(self.folder / "copies.json", self.root.parent)
        write_whole(self.folder / "copies.json", json.dumps({"copies": self.made}, indent=1) + "\n")

    def of(self, path: str) -> tuple[str, str]:
        """Of what a copy is, and of which release: as it says itself, or if it lost that, as was remembered."""
        return copy_of(self.root.parent, path, self.made)

    def untouched(self, path: str) -> bool:
        """Whether a copy is, byte for byte, as it was made."""
        file = self.root / path
        made = self.made.get(path, {}).get("sha256")
        return bool(made) and file.is_file() and not file.is_symlink() and fingerprint(file) == made

    def remember(self, path: str, content: bytes, as_made: bytes | None) -> None:
        """Note a copy, and keep its release. ``as_made`` is what was written, if that was what was handed out."""
        of = release_id(content, path)
        self.made[path] = {"release": of, "sha256": hashlib.sha256(as_made).hexdigest() if as_made else ""}
        store = self.release(of)
        if path.endswith(".ipynb") and not store.is_file():
            make_room(store, self.root.parent)
            write_whole(store, content)

    def forget(self, path: str) -> None:
        """Forget how a copy was made: another file takes its place."""
        self.made.pop(path, None)

    def release(self, of: str) -> Path:
        """Where a release is kept."""
        return self.folder / "releases" / f"{of}.ipynb"

    def base(self, of: str) -> dict[str, Any] | None:
        """A release that was kept, as a notebook."""
        try:
            notebook = json.loads(self.release(of).read_text(encoding="utf-8"))
            return notebook if of and isinstance(notebook["cells"], list) else None
        except (OSError, ValueError, KeyError, TypeError):
            return None


def place_for(root: Path, path: str) -> Path:
    """Where a file of the learner's that belongs at ``path`` in ``work/`` goes; its folders are made.

    To that place if it is free or holds a copy that nobody changed, which then goes; else to a dated name beside it.
    """
    target, copies = root / WORK / path, Copies(root)
    make_room(target, root)
    if copies.untouched(path):
        target.unlink()
    if os.path.lexists(target):
        return free_name(target)
    copies.forget(path)
    copies.write()
    return target
