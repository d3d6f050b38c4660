"""What works without a network: the site with notebooks and data as one zip, the book as a PDF, the extract as CSV.

Every file is written beside its place and moved there when it is whole. The same input gives the same zip.
"""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from pathlib import Path

from leocourse.authoring.handout import START, opening_page, record_of
from leocourse.core import keep
from leocourse.core.errors import LeoError
from leocourse.site.bundle import Show, course_files, tree

SITE_ZIP, CSV_ZIP, PDF = "leo-course-offline.zip", "leo-extract-csv.zip", "learning-leo-data.pdf"
TOP = "leo-course"
MODES = ("teaching", "low-fidelity")
STORED = {".png", ".jpg", ".parquet", ".woff", ".woff2", ".whl", ".gz", ".zip"}
"""Files that do not get smaller."""
DATE = (1980, 1, 1, 0, 0, 0)
GUIDE = """# Learning LEO data, offline

All data are simulated.
They describe nobody and say nothing about England.

## Start

With Python 3.11 or later, in this folder:

    python3 -m venv .venv
    .venv/bin/pip install -r requirements.txt
    .venv/bin/pip install --no-deps .
    .venv/bin/leo lab

On Windows write `.venv\\Scripts\\pip` and `.venv\\Scripts\\leo`.
The last command copies lessons and exercises into the folder `work` and opens JupyterLab there.
So does `start.ipynb`, for those who open JupyterLab in another way.

`requirements.txt` is the list of all packages with their versions.
Where there is no network at all, fetch them before, on a machine of the same kind:

    pip download -r requirements.txt hatchling --dest wheels

and add `--no-index --find-links wheels` to both `pip install`.

## Where your work is kept

In the folder `work`, and nowhere else.
Nothing replaces what is there: to take it to another machine, or to keep it safe, copy that folder.
What is recorded with `leo progress --on` is in your home, in the folder `.leo-course`.

## Read the book

A browser shows a page from a file, but not all of it works that way.
Serve the folder instead:

    python3 -m http.server --directory site 8000

and open http://127.0.0.1:8000/ .

## When the course is updated

Unpack the newer zip over this folder.
No zip has a folder `work`, so what you wrote stays as it is.
Then

    .venv/bin/pip install --no-deps .
    .venv/bin/leo work update

writes your answers into the new notebooks, keeps the old files, and says what it could not place.

## What is here

- `start.ipynb` makes your own copies, in `work`
- `site/` is the book
- `lessons/` has its lessons as notebooks
- `exercises/` has the assignments; `data/extract/lesson/keys` checks the answers
- `data/` has the lesson extract, the truth beside it, its schema and the reference tables
- `leocourse/` is the package that opens the extract and checks answers
- `docs/` is for those who teach and mark
"""
"""The page to read first: how to start, and where work is kept. It has two names, as people look for either."""


def write_zip(path: Path, files: dict[str, Path | bytes], what: str, show: Show) -> Path:
    """Write a zip of files by the names they get in it."""
    with keep.owned(path.parent, path.name) as beside, zipfile.ZipFile(beside, "w") as archive:
        for done, (name, source) in enumerate(sorted(files.items())):
            show(what, done, len(files))
            entry = zipfile.ZipInfo(name, DATE)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_STORED if Path(name).suffix in STORED else zipfile.ZIP_DEFLATED
            if isinstance(source, bytes):
                archive.writestr(entry, source)
            else:
                entry.file_size = source.stat().st_size
                with archive.open(entry, "w") as target, source.open("rb") as origin:
                    shutil.copyfileobj(origin, target, 1 << 20)
    return path


def site_zip(root: Path, site: Path, output: Path, show: Show) -> Path:
    """One zip with the built site, notebooks, the extract, the package and the list of wheels."""
    target = output / SITE_ZIP
    show("Collecting files", 0, None)
    files = course_files(root) | tree(site, "site", skip=("lite",)) | tree(root / "leocourse", "leocourse")
    files |= tree(root / "docs", "docs")
    for name in ("requirements.txt", "pyproject.toml", "LICENSE", "LICENSE-TEXT"):
        files[name] = root / name
    for name in ("exercises", "lessons"):  # so that what somebody changes there is never taken for the course's
        files[f"{name}/{keep.RECORD}"] = record_of(files, name)
    files |= {name: GUIDE.encode() for name in ("README.md", "READ-ME-FIRST.txt")} | {START: opening_page()}
    return write_zip(target, {f"{TOP}/{name}": source for name, source in files.items()}, "Packing the site", show)


def csv_zip(output: Path, people: int, seed: int, show: Show) -> Path:
    """The extract as CSV, in both modes, each with its data package."""
    from leocourse.extract import generate
    from leocourse.validation.package import export

    target = output / CSV_ZIP
    try:
        with tempfile.TemporaryDirectory(dir=_folder(output)) as scratch:
            files: dict[str, Path | bytes] = {}
            for mode in MODES:
                folder = Path(scratch) / mode
                generate(
                    folder, people, seed, (),
                    lambda done, total, mode=mode: show(f"Simulating, {mode} mode", done, total),
                    mode=mode, file_format="csv",
                )  # fmt: skip
                export(folder)
                files |= tree(folder, f"leo-extract-csv/{mode}")
            files["leo-extract-csv/READ-ME-FIRST.txt"] = (
                b"All data are simulated. They describe nobody and say nothing about England.\n\n"
                b"teaching/      whole lives: what the lessons use\n"
                b"low-fidelity/  each column as it is, nothing between columns\n"
                b"datapackage.json in each describes every table and field (Frictionless Data Package).\n"
            )
            write_zip(target, files, "Packing CSV", show)
    except OSError as error:
        raise LeoError(f"Cannot write the extract as CSV in {output}: {error.strerror or error}.") from error
    return target


def _folder(path: Path) -> Path:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LeoError(f"Cannot write to {path}: {error.strerror or error}.") from error
    return path
