"""The lessons: which pages of the book they are, and how they are handed out as notebooks."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from leocourse.authoring.contents import pages
from leocourse.authoring.handout import LESSONS, stamped
from leocourse.core.errors import LeoError
from leocourse.measures.model import load, names

FRONT_MATTER = re.compile(r"\A---\n.*?^---$", re.MULTILINE | re.DOTALL)

COURSES = ("intro", "advanced")
"""Folders of the book that hold lessons. No two lessons, and no two of their pictures, have the same name."""
GENERATED = Path("book") / "reference" / "generated"
"""Pages made from the schema, the measures and the lesson extract: none is a lesson. Not in git."""
MEASURES = GENERATED / "measures"
"""The page of each measure, under its title."""


def lessons(root: Path) -> list[Path]:
    """The pages of the table of contents that are notebooks, in its order."""
    named = [root / f"{name}.md" for name in pages(root) if not Path(name).is_relative_to(GENERATED)]
    return [page for page in named if page.is_file() and is_notebook(page)]


def is_notebook(page: Path) -> bool:
    """Whether a page holds cells to run."""
    text = page.read_text(encoding="utf-8")
    return text.startswith("---\n") and "\nkernelspec:" in text.split("\n---\n", 1)[0]


def read_myst(text: str) -> Any:
    """A page that is written in MyST as the cells that it has, with the tags of each in its metadata.

    The front matter is left out: what kernel runs them does not matter here. Raises LeoError if the options of a
    cell cannot be read.
    """
    from jupytext.myst import MystMetadataParsingError, myst_to_notebook

    try:
        return myst_to_notebook(FRONT_MATTER.sub("", text))
    except MystMetadataParsingError as error:
        raise LeoError(f"A page in MyST cannot be read: {' '.join(str(error).split())}.") from None


def title(text: str, otherwise: str) -> str:
    """The first heading of a page or of its Markdown cells."""
    found = re.search(r"^# (.+)$", text, re.MULTILINE)
    return found[1].strip() if found else otherwise


def notebook(page: Path) -> bytes:
    """A page that is written in MyST as a notebook without outputs, which says of which release it is.

    Links lead to its neighbours and to the assignments; pages that are in the book alone are named.
    """
    import jupytext

    made = jupytext.reads(page.read_text(encoding="utf-8"), fmt="md:myst")
    made.metadata.pop("jupytext", None)  # it says that this is a Markdown file, and JupyterLab would not open it
    for number, cell in enumerate(made.cells):
        cell["id"] = f"cell-{number}"  # drawn at random otherwise
        if cell.cell_type == "markdown":
            cell.source = _links(cell.source, page)
    return stamped(jupytext.writes(made, fmt="ipynb").encode(), f"{LESSONS.as_posix()}/{page.stem}.ipynb")


def _links(text: str, page: Path) -> str:
    """Markdown whose links work in a notebook beside the other lessons and the assignments."""

    def named(link: re.Match[str]) -> str:
        words = link[1] or _title_of(page.parent / link[2])
        return f"*{words}* (in the book)" if "*" not in words else f"{words} (in the book)"

    text = re.sub(r"\]\(([\w-]+)\.md(#[\w-]+)?\)", r"](\1.ipynb\2)", text)
    text = re.sub(r"\[([^\]\n]*)\]\((\.\./[\w./-]+\.md)(?:#[\w-]+)?\)", named, text)
    return re.sub(r"`work/exercises/\d\d-([\w-]+)`", lambda found: f"[{found[0][1:-1]}](../"
                  f"{found[0][6:-1]}/{found[1]}.ipynb)", text)  # fmt: skip


def _title_of(page: Path) -> str:
    """What a page of the book is called, by what is in git: a generated one may not be there, or be an old one."""
    name, place = page.stem.replace("-", " ").replace("_", " "), Path(os.path.normpath(page)).as_posix()
    if f"/{MEASURES.as_posix()}/" in place and page.stem in names():
        return load(page.stem).title
    if f"/{GENERATED.as_posix()}/" in place or not page.is_file():
        return name
    return title(page.read_text(encoding="utf-8"), name)


def lesson_files(root: Path) -> dict[str, bytes]:
    """The lessons as notebooks in the order of the book, and their pictures, by path from the folder of lessons."""
    files = {f"{page.stem}.ipynb": notebook(page) for page in lessons(root) if page.parent.name in COURSES}
    for course in COURSES:
        for image in sorted((root / "book" / course / "images").glob("*")):
            files[f"images/{image.name}"] = image.read_bytes()
    return files
