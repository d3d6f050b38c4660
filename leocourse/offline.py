"""What works without a network: the site with notebooks and data as one zip, the book as a PDF, the extract as CSV.

Every file is written beside its place and moved there when it is whole. The same input gives the same zip.
"""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import unquote, urlsplit

from leocourse.book import lessons
from leocourse.errors import LeoError
from leocourse.paths import LESSON_EXTRACT, whole
from leocourse.stamps import Stamp

Show = Callable[[str, int, "int | None"], None]
"""Told what is being done, how much of it is done, and of how much."""
SITE_ZIP, CSV_ZIP, PDF = "leo-course-offline.zip", "leo-extract-csv.zip", "learning-leo-data.pdf"
TOP = "leo-course"
MODES = ("teaching", "low-fidelity")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PRINT_SECONDS = 900
BATCH = 6
"""Pages that are printed together."""
STORED = {".png", ".jpg", ".parquet", ".woff", ".woff2", ".whl", ".gz", ".zip"}
"""Files that do not get smaller."""
DATE = (1980, 1, 1, 0, 0, 0)
GUIDE = """Learning LEO data, offline
==========================

All data are simulated. They describe nobody and say nothing about England.

Read the book
    A browser shows a page from a file, but not all of it works that way. Serve the folder instead:

        python3 -m http.server --directory site 8000

    and open http://127.0.0.1:8000/ .

Run the lessons and the exercises
    With Python 3.11 or later, and the packages of requirements.txt:

        python3 -m venv .venv
        .venv/bin/pip install -r requirements.txt
        .venv/bin/pip install --no-deps .
        .venv/bin/jupyter lab

    On Windows write .venv\\Scripts\\pip and .venv\\Scripts\\jupyter.
    requirements.txt is the list of all packages with their versions. Where there is no network at all, fetch them
    before: 'pip download -r requirements.txt --dest wheels' on a machine of the same kind, then add
    '--no-index --find-links wheels' to the first pip install. 'pip download hatchling --dest wheels' fetches what
    the second one needs.

What is here
    site/               the book
    lessons/            its lessons as notebooks
    exercises/          the assignments, with data/extract/lesson/keys to check answers
    data/               the lesson extract, the truth beside it, its schema and the reference tables
    leocourse/          the package that opens the extract and checks answers
"""


def write_zip(path: Path, files: dict[str, Path | bytes], what: str, show: Show) -> Path:
    """Write a zip of files by the names they get in it."""
    with whole(path) as beside, zipfile.ZipFile(beside, "w") as archive:
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


def tree(folder: Path, name: str, skip: tuple[str, ...] = ()) -> dict[str, Path | bytes]:
    """The files of a folder by their names in a zip, without caches."""
    left_out = {"__pycache__", ".ipynb_checkpoints", *skip}
    return {
        f"{name}/{path.relative_to(folder).as_posix()}": path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not left_out & set(path.relative_to(folder).parts)
    }


def notebook(page: Path) -> bytes:
    """A page that is written in MyST as a notebook without outputs."""
    import jupytext

    text = page.read_text(encoding="utf-8")
    made = jupytext.reads(text, fmt="md:myst")
    for number, cell in enumerate(made.cells):
        cell["id"] = f"cell-{number}"  # drawn at random otherwise
    # Links between pages: from a notebook beside its neighbours.
    for cell in made.cells:
        if cell.cell_type == "markdown":
            cell.source = re.sub(r"\]\(([\w-]+)\.md\)", r"](\1.ipynb)", cell.source)
    return jupytext.writes(made, fmt="ipynb").encode()


def course_files(root: Path) -> dict[str, Path | bytes]:
    """What notebooks need to run: lessons, exercises, the extract with its keys and truth, schema and tables."""
    extract = root / LESSON_EXTRACT
    if not (extract / "manifest.json").is_file():
        raise LeoError("There is no lesson extract: make it with 'leo extract' (or 'make course').")
    if not any((root / "exercises").glob("*/*.ipynb")):
        raise LeoError("There are no exercises: make them with 'leo release' (or 'make course').")
    pages = [page for page in lessons(root) if page.parent.name == "intro"]
    files: dict[str, Path | bytes] = {f"lessons/{page.stem}.ipynb": notebook(page) for page in pages}
    for image in sorted((root / "book" / "intro" / "images").glob("*")):
        files[f"lessons/images/{image.name}"] = image
    files |= tree(root / "exercises", "exercises")
    files |= tree(extract, LESSON_EXTRACT.as_posix())
    truth = extract.with_name(extract.name + "-truth")
    if truth.is_dir():
        files |= tree(truth, truth.relative_to(root).as_posix())
    for name in ("schema", "reference"):
        files |= tree(root / "data" / name, f"data/{name}")
    files["_toc.yml"] = root / "_toc.yml"  # by it the package knows the folder of the course
    return files


def site_zip(root: Path, site: Path, output: Path, show: Show) -> Path:
    """One zip with the built site, notebooks, the extract, the package and the list of wheels."""
    target = output / SITE_ZIP
    stamp = Stamp(
        root, "offline-site", [site, root / LESSON_EXTRACT, root / "exercises", root / "leocourse", root / "book"]
    )
    if target.is_file() and stamp.current():
        return target
    show("Collecting files", 0, None)
    files = course_files(root) | tree(site, "site", skip=("lite",)) | tree(root / "leocourse", "leocourse")
    for name in ("requirements.txt", "pyproject.toml", "README.md", "LICENSE", "LICENSE-TEXT"):
        files[name] = root / name
    files["READ-ME-FIRST.txt"] = GUIDE.encode()
    write_zip(target, {f"{TOP}/{name}": source for name, source in files.items()}, "Packing the site", show)
    stamp.set()
    return target


def csv_zip(root: Path, output: Path, people: int, seed: int, show: Show) -> Path:
    """The extract as CSV, in both modes, each with its data package."""
    from leocourse.extract import generate
    from leocourse.schema.package import export

    target = output / CSV_ZIP
    stamp = Stamp(root, f"offline-csv-{people}-{seed}", [root / "leocourse" / "extract", root / "data" / "schema"])
    if target.is_file() and stamp.current():
        return target
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
    stamp.set()
    return target


def _folder(path: Path) -> Path:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LeoError(f"Cannot write to {path}: {error.strerror or error}.") from error
    return path


# The PDF -------------------------------------------------------------------------------------------


def find_chromium(named: str = "") -> str:
    """The command of Chromium: the one named, ``$LEO_CHROMIUM``, or one that is installed. Raises LeoError."""
    wanted = named or os.environ.get("LEO_CHROMIUM", "")
    for candidate in (wanted,) if wanted else BROWSERS:
        found = shutil.which(candidate)
        if found:
            return found
    what = f"'{wanted}' is not a command" if wanted else "No Chromium or Chrome was found"
    raise LeoError(f"{what}: the PDF needs one. Name it with --chromium or $LEO_CHROMIUM, or leave it out: --no-pdf.")


def book_pdf(root: Path, site: Path, output: Path, chromium: str, show: Show) -> Path:
    """The whole book as one PDF with bookmarks: Chromium prints a few pages at a time, and they are joined.

    Links within such a batch stay links. One long page of all pages would take Chromium far longer.
    """
    target = output / PDF
    stamp = Stamp(root, "offline-pdf", [site, Path(__file__)])
    if target.is_file() and stamp.current():
        return target
    command = find_chromium(chromium)
    todo = batches(contents(root))
    show("Printing the book", 0, len(todo))
    printed: list[Path] = []
    joined = [site / f"_print-{number}.html" for number in range(len(todo))]
    try:
        with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(2) as pool:
            printed = [Path(scratch) / f"{number}.pdf" for number in range(len(todo))]

            def make(number: int) -> None:
                joined[number].write_text(join_pages(site, *todo[number]), encoding="utf-8")
                print_page(command, joined[number], printed[number])

            for done, _ in enumerate(pool.map(make, range(len(todo)))):
                show("Printing the book", done + 1, len(todo))
            with whole(target) as beside:
                join_pdfs(printed, beside)
    except OSError as error:
        raise LeoError(f"Cannot write the PDF: {error.strerror or error}.") from error
    finally:
        for page in joined:
            page.unlink(missing_ok=True)
    stamp.set()
    return target


def batches(parts: list[tuple[str, list[str]]]) -> list[tuple[str, list[str]]]:
    """The parts of the book in pieces of a few pages; the first piece of a part has its title."""
    return [
        (title if start == 0 else "", names[start : start + BATCH])
        for title, names in parts
        for start in range(0, len(names), BATCH)
    ]


def print_page(command: str, page: Path, target: Path) -> None:
    """Print a page with Chromium in a profile of its own. Raises LeoError with its last line if it fails."""
    with tempfile.TemporaryDirectory() as profile:
        arguments = [
            command, "--headless", "--disable-gpu", "--no-first-run", "--disable-extensions",
            f"--user-data-dir={profile}", "--generate-pdf-document-outline", "--no-pdf-header-footer",
            "--host-resolver-rules=MAP * ~NOTFOUND", "--allow-file-access-from-files",
            *(["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
            f"--print-to-pdf={target.resolve()}", page.resolve().as_uri(),
        ]  # fmt: skip
        try:
            done = subprocess.run(arguments, capture_output=True, text=True, timeout=PRINT_SECONDS, check=False)
        except subprocess.TimeoutExpired as error:
            raise LeoError(f"Chromium did not print the book within {PRINT_SECONDS // 60} minutes.") from error
        if done.returncode or not target.is_file():
            lines = [line for line in done.stderr.splitlines() if line.strip()]
            raise LeoError(f"Chromium could not print the book: {lines[-1] if lines else 'it gave no reason'}")


def join_pdfs(printed: list[Path], target: Path) -> None:
    """Join printed files with their bookmarks, and give the whole a title. Raises LeoError."""
    try:
        import pypdf
    except ImportError as error:
        raise LeoError('The PDF needs the package pypdf: pip install "leocourse[course]".') from error
    writer = pypdf.PdfWriter()
    for path in printed:
        try:
            reader = pypdf.PdfReader(path)
            if "/Outlines" not in reader.root_object:
                raise LeoError("This Chromium prints no bookmarks: it is too old. Version 122 or later is needed.")
            writer.append(reader, import_outline=True)
        except pypdf.errors.PyPdfError as error:
            raise LeoError(f"What Chromium printed is not a whole PDF: {error}") from error
    subject = "All data are simulated. They describe nobody and say nothing about England."
    writer.add_metadata({"/Title": "Learning LEO data", "/Author": "LEO Course contributors", "/Subject": subject})
    writer.page_mode = "/UseOutlines"
    writer.write(target)


def join_pages(site: Path, title: str, names: list[str]) -> str:
    """One page of several, with links between them kept inside it, headed by the title of their part if given."""
    from bs4 import BeautifulSoup

    body = [f'<p class="part">{html.escape(title)}</p>'] if title else []
    for name in names:
        try:
            text = (site / f"{name}.html").read_text(encoding="utf-8")
        except FileNotFoundError as error:
            raise LeoError(f"The page {name} is not built: build the book again with 'leo book --fresh'.") from error
        article = BeautifulSoup(text, "html.parser").find("article")
        if article is None:
            raise LeoError(f"The page {name} has no text: build the book again with 'leo book --fresh'.")
        body.append(_printable(article, name, set(names)))
    return PRINTED.format(style=_styles(site, site / f"{names[0]}.html"), body="\n".join(body))


def contents(root: Path) -> list[tuple[str, list[str]]]:
    """The parts of the book with their pages, in order."""
    import yaml

    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))

    def names(entry: dict[str, object]) -> list[str]:
        if "glob" in entry:
            return [
                path.relative_to(root).with_suffix("").as_posix() for path in sorted(root.glob(f"{entry['glob']}.md"))
            ]
        return [entry["file"], *(name for section in entry.get("sections", ()) for name in names(section))]

    parts = [("", [toc["root"]])]
    return parts + [
        (part.get("caption", ""), [name for chapter in part["chapters"] for name in names(chapter)])
        for part in toc["parts"]
    ]


def _printable(article: object, name: str, pages: set[str]) -> str:
    """An article whose ids are its own in the joined page, and whose links lead inside it or to files of the site."""
    prefix = name.replace("/", "--")
    for gone in article.select(
        "script, .headerlink, .leo-lesson-end, .leo-report, .leo-comments, .toctree-wrapper, button"
    ):
        gone.decompose()
    for opened in article.select("details"):
        opened["open"] = ""
    for tag in article.find_all(id=True):
        tag["id"] = f"{prefix}--{tag['id']}"
    for tag in article.find_all(["label", "input"]):
        for attribute in ("for", "name"):
            if tag.get(attribute):
                tag[attribute] = f"{prefix}--{tag[attribute]}"
    for link in article.find_all("a", href=True):
        address = urlsplit(link["href"])
        if address.scheme or address.netloc:
            continue
        path = _resolve(name, unquote(address.path)) if address.path else f"{name}.html"
        page = path.removesuffix(".html")
        if page in pages:
            link["href"] = f"#{page.replace('/', '--')}" + (f"--{address.fragment}" if address.fragment else "")
        else:
            del link["href"]
    for tag in article.find_all(src=True):
        if not urlsplit(tag["src"]).scheme:
            tag["src"] = _resolve(name, tag["src"])
    for use in article.select("[aria-labelledby], [aria-describedby]"):
        for attribute in ("aria-labelledby", "aria-describedby"):
            if use.get(attribute):
                use[attribute] = " ".join(f"{prefix}--{each}" for each in str(use[attribute]).split())
    return f'<section class="page" id="{prefix}">{article.decode_contents()}</section>'


def _resolve(page: str, address: str) -> str:
    """An address relative to a page, seen from the root of the site."""
    return os.path.normpath(os.path.join(os.path.dirname(page), address)).replace(os.sep, "/")


def _styles(site: Path, page: Path) -> str:
    """The style sheets of a page, linked from the root of the site."""
    text = page.read_text(encoding="utf-8")
    found = re.findall(r'<link[^>]*href="([^"?]+\.css)[^"]*"', text)
    name = page.relative_to(site).as_posix()
    return "\n".join(f'<link rel="stylesheet" href="{html.escape(_resolve(name, address))}">' for address in found)


PRINTED = """<!DOCTYPE html>
<html lang="en" data-theme="light" data-mode="light">
<head>
<meta charset="utf-8">
<title>Learning LEO data</title>
{style}
<style>
  @page {{ size: A4; margin: 18mm 16mm 20mm;
    @bottom-left {{ content: "Simulated data"; font: 9pt sans-serif; }} }}
  html, body {{ font-size: 10.5pt; height: auto; overflow: visible; background: #fff; }}
  body {{ display: block; }}
  .page, p.part {{ break-before: page; }}
  p.part + .page {{ break-before: avoid; }}
  figure, img, svg, .admonition > .admonition-title {{ break-inside: avoid; max-width: 100%; }}
  h1, h2, h3, h4, h5, h6 {{ break-after: avoid; margin-top: 1em; }}
  p.part {{ font-size: 2.2em; }} h1 {{ font-size: 1.8em; }} h2 {{ font-size: 1.4em; }} h3 {{ font-size: 1.15em; }}
  .leo-scroll, .cell_output .output {{ overflow: visible !important; }}
  .leo-scroll svg {{ height: auto; width: 100%; }}
  details > summary {{ list-style: none; }}
  .sd-tab-set > .sd-tab-content {{ display: block !important; order: 0; }}
  .sd-tab-set {{ display: block; }} .sd-tab-set > input {{ display: none; }} .sd-tab-set > label {{ order: 0; }}
  a {{ text-decoration: none; }}
</style>
</head>
<body class="bd-content"><main class="bd-article">
{body}
</main></body>
</html>
"""
