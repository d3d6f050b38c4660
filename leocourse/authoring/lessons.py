"""The lessons: which pages of the book they are, and how they are handed out as notebooks."""

from __future__ import annotations

import re
from pathlib import Path

from leocourse.authoring.handout import LESSONS, stamped

GENERATED = Path("book") / "reference" / "generated"
"""Pages made from the schema, the measures and the lesson extract: none is a lesson. Not in git."""


def lessons(root: Path) -> list[Path]:
    """The pages of the table of contents that are notebooks, in its order."""
    toc = (root / "_toc.yml").read_text(encoding="utf-8")
    named = re.findall(r"^\s*(?:-\s*)?(?:root|file):\s*(\S+)\s*$", toc, re.MULTILINE)
    pages = [root / f"{name}.md" for name in named if not Path(name).is_relative_to(GENERATED)]
    return [page for page in pages if page.is_file() and is_notebook(page)]


def is_notebook(page: Path) -> bool:
    """Whether a page holds cells to run."""
    text = page.read_text(encoding="utf-8")
    return text.startswith("---\n") and "\nkernelspec:" in text.split("\n---\n", 1)[0]


def notebook(page: Path) -> bytes:
    """A page that is written in MyST as a notebook without outputs, which says of which release it is.

    Links lead to its neighbours and to the assignments; pages that are in the book alone are named.
    """
    import jupytext

    text = page.read_text(encoding="utf-8")
    made = jupytext.reads(text, fmt="md:myst")
    for number, cell in enumerate(made.cells):
        cell["id"] = f"cell-{number}"  # drawn at random otherwise
        if cell.cell_type == "markdown":
            cell.source = _links(cell.source, page)
    return stamped(jupytext.writes(made, fmt="ipynb").encode(), f"{LESSONS.as_posix()}/{page.stem}.ipynb")


def _links(text: str, page: Path) -> str:
    """Markdown whose links work in a notebook beside the other lessons and the assignments."""

    def named(link: re.Match[str]) -> str:
        target = page.parent / link[2]
        title = re.search(r"^# (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE) if target.is_file() else None
        words = link[1] or (title[1].strip() if title else target.stem.replace("-", " ").replace("_", " "))
        return f"*{words}* (in the book)" if "*" not in words else f"{words} (in the book)"

    text = re.sub(r"\]\(([\w-]+)\.md(#[\w-]+)?\)", r"](\1.ipynb\2)", text)
    text = re.sub(r"\[([^\]\n]*)\]\((\.\./[\w./-]+\.md)(?:#[\w-]+)?\)", named, text)
    return re.sub(r"`work/exercises/\d\d-([\w-]+)`", lambda found: f"[{found[0][1:-1]}](../"
                  f"{found[0][6:-1]}/{found[1]}.ipynb)", text)  # fmt: skip


def lesson_files(root: Path) -> dict[str, bytes]:
    """The lessons as notebooks in the order of the book, and their pictures, by path from the folder of lessons."""
    pages = [page for page in lessons(root) if page.parent.name == "intro"]
    files = {f"{page.stem}.ipynb": notebook(page) for page in pages}
    for image in sorted((root / "book" / "intro" / "images").glob("*")):
        files[f"images/{image.name}"] = image.read_bytes()
    return files
