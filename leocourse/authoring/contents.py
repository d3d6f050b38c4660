"""The table of contents of the book: its parts, and their pages in order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from leocourse.core.errors import LeoError

CONTENTS = "_toc.yml"


def contents(root: Path) -> list[tuple[str, list[str]]]:
    """The parts of the book, each with its title and its pages by path without an ending; the first page is a part.

    Raises LeoError if the table of contents cannot be read.
    """
    import yaml

    path = root / CONTENTS
    try:
        toc = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        parts = [("", [toc["root"]])] if "root" in toc else []
        for part in toc.get("parts") or [toc]:
            parts.append((part.get("caption", ""), [name for each in _below(part) for name in _names(root, each)]))
    except yaml.YAMLError as error:
        raise LeoError(f"{path} is not YAML: {' '.join(str(error).split())}.") from None
    except (KeyError, TypeError, AttributeError, OSError, UnicodeDecodeError) as error:
        raise LeoError(f"{path} is no table of contents of a book: {error}.") from None
    return [part for part in parts if part[1]]


def pages(root: Path) -> list[str]:
    """All pages of the table of contents, in its order."""
    return [name for _, names in contents(root) for name in names]


def _below(entry: dict[str, Any]) -> list[dict[str, Any]]:
    return entry.get("chapters") or entry.get("sections") or []


def _names(root: Path, entry: dict[str, Any]) -> list[str]:
    """A page with those below it; a pattern gives the pages that are there."""
    if "glob" in entry:
        return [path.relative_to(root).with_suffix("").as_posix() for path in sorted(root.glob(f"{entry['glob']}.md"))]
    own = [entry["file"]] if "file" in entry else []
    return own + [name for each in _below(entry) for name in _names(root, each)]
