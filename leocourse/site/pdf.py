"""The whole book as a PDF with bookmarks, printed by a browser."""

from __future__ import annotations

import html
import os
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import unquote, urlsplit

from leocourse.authoring.contents import contents
from leocourse.core import keep
from leocourse.core.errors import LeoError
from leocourse.core.files import write_whole
from leocourse.site.bundle import Show
from leocourse.site.offline import PDF

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PRINT_SECONDS = 900
BATCH = 6
"""Pages that are printed together."""


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
    command = find_chromium(chromium)
    todo = batches(contents(root))
    show("Printing the book", 0, len(todo))
    printed: list[Path] = []
    joined = [site / f"_print-{number}.html" for number in range(len(todo))]
    try:
        with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(2) as pool:
            printed = [Path(scratch) / f"{number}.pdf" for number in range(len(todo))]

            def make(number: int) -> None:
                write_whole(joined[number], join_pages(site, *todo[number]))
                print_page(command, joined[number], printed[number])

            for done, _ in enumerate(pool.map(make, range(len(todo)))):
                show("Printing the book", done + 1, len(todo))
            with keep.owned(output, PDF) as beside:
                join_pdfs(printed, beside)
    except OSError as error:
        raise LeoError(f"Cannot write the PDF: {error.strerror or error}.") from error
    finally:
        for page in joined:
            page.unlink(missing_ok=True)
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
    from bs4 import BeautifulSoup, SoupStrainer

    linked = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser", parse_only=SoupStrainer("link", href=True))
    found = [urlsplit(link["href"]).path for link in linked.find_all("link")]
    name = page.relative_to(site).as_posix()
    return "\n".join(
        f'<link rel="stylesheet" href="{html.escape(_resolve(name, address))}">'
        for address in found if address.endswith(".css")
    )  # fmt: skip


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
