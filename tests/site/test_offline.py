"""What works without a network: zips, notebooks, and the joined page that becomes the PDF."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import zipfile
from pathlib import Path

import pytest
from needs import browser

from leocourse.core.errors import LeoError
from leocourse.core.keep import RECORD
from leocourse.site import bundle, offline, pdf


def quiet(*_):
    pass


@pytest.fixture
def small(tmp_path):
    """A built book of three pages, with its contents."""
    (tmp_path / "_toc.yml").write_text(
        "format: jb-book\nroot: book/index\nparts:\n  - caption: Lessons & more\n    chapters:\n      - file: book/one\n"
        "        sections:\n          - glob: book/m/*\n", encoding="utf-8")  # fmt: skip
    site = tmp_path / "site"
    for name, body in {
        "book/index": '<h1 id="top">Start</h1><p><a href="one.html#part">One</a> <a href="https://e.org">out</a></p>',
        "book/one": '<h1>One<a class="headerlink" href="#x">#</a></h1><h2 id="part">Part</h2><a href="#part">up</a>'
                    '<img src="../_images/a.png" alt="A"><details><summary>S</summary>hidden</details>'
                    '<a href="../_sources/one.md">source</a><script>x()</script>',
        "book/m/two": '<h1>Two</h1><p><a href="../one.html">One</a></p>',
    }.items():  # fmt: skip
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / f"{name}.html").write_text(f'<html><head><link rel="stylesheet" href="../_static/a.css?v=1"></head>'
                                           f"<body><article>{body}</article></body></html>", encoding="utf-8")  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / f"{name}.md").write_text("# x", encoding="utf-8")
    return tmp_path


def test_pages_are_joined_in_order_with_their_links_inside(small):
    parts = pdf.contents(small)
    assert parts == [("", ["book/index"]), ("Lessons & more", ["book/one", "book/m/two"])]
    joined = pdf.join_pages(small / "site", "Lessons & more", ["book/index", "book/one", "book/m/two"])
    assert [joined.index(f'id="{name}"') for name in ("book--index", "book--one", "book--m--two")] == sorted(
        joined.index(f'id="{name}"') for name in ("book--index", "book--one", "book--m--two"))  # fmt: skip
    assert '<p class="part">Lessons &amp; more</p>' in joined
    assert '<a href="#book--one--part">One</a>' in joined and '<a href="#book--one--part">up</a>' in joined
    assert '<a href="#book--one">One</a>' in joined and 'href="https://e.org"' in joined
    assert "<a>source</a>" in joined, "files of the site are not in the PDF"
    assert 'src="_images/a.png"' in joined and "<script" not in joined and "headerlink" not in joined
    assert re.search(r"<details open", joined) and "<h1>One</h1>" in joined
    assert 'href="_static/a.css"' in joined


def test_the_pdf_has_bookmarks(small):
    chromium = browser()
    pypdf = pytest.importorskip("pypdf")
    (small / "out").mkdir()
    (small / "out" / pdf.PDF).write_text("somebody's own")
    path = pdf.book_pdf(small, small / "site", small / "out", chromium, quiet)
    (kept,) = path.parent.glob("*.kept-*")
    assert kept.read_text() == "somebody's own"
    kept.unlink()
    reader = pypdf.PdfReader(path)
    titles = [each.title for each in _flat(reader.outline)]
    assert titles == ["Start", "One", "Part", "Two"]
    assert reader.metadata.title == "Learning LEO data" and len(reader.pages) >= 3
    assert not list((small / "site").glob("_print*"))
    assert sorted(each.name for each in path.parent.iterdir()) == [RECORD, path.name]


def _flat(outline):
    return [each for one in outline for each in (_flat(one) if isinstance(one, list) else [one])]


def test_no_chromium_is_one_clear_line(small, monkeypatch):
    monkeypatch.delenv("LEO_CHROMIUM", raising=False)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    for named, words in (("", "No Chromium or Chrome was found"), ("nowhere", "'nowhere' is not a command")):
        with pytest.raises(LeoError, match=words) as raised:
            pdf.book_pdf(small, small / "site", small / "out", named, quiet)
        assert "--no-pdf" in str(raised.value) and "\n" not in str(raised.value)


def test_a_chromium_that_fails_leaves_nothing(small):
    with pytest.raises(LeoError, match="Chromium could not print the book"):
        pdf.book_pdf(small, small / "site", small / "out", "false", quiet)
    assert not list(small.glob("out/*")) and not list((small / "site").glob("_print*"))


def test_what_is_no_pdf_is_said(tmp_path):
    pytest.importorskip("pypdf")
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7 cut off")
    with pytest.raises(LeoError, match="not a whole PDF"):
        pdf.join_pdfs([tmp_path / "a.pdf"], tmp_path / "b.pdf")


def test_the_same_files_give_the_same_zip_and_an_interrupted_one_leaves_the_old(tmp_path):
    (tmp_path / "a.txt").write_text("a" * 1000)
    files = {"x/a.txt": tmp_path / "a.txt", "b.png": b"\x89PNG"}
    first = offline.write_zip(tmp_path / "1.zip", files, "", quiet).read_bytes()
    os.utime(tmp_path / "a.txt", (0, 0))
    assert offline.write_zip(tmp_path / "2.zip", files, "", quiet).read_bytes() == first
    with zipfile.ZipFile(tmp_path / "1.zip") as archive:
        assert archive.testzip() is None and archive.namelist() == ["b.png", "x/a.txt"]

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(LeoError, match="No space left on device"):
        offline.write_zip(tmp_path / "1.zip", files, "", full)
    assert (tmp_path / "1.zip").read_bytes() == first
    assert sorted(path.name for path in tmp_path.iterdir()) == [RECORD, "1.zip", "2.zip", "a.txt"]


def test_the_zip_holds_the_site_and_what_notebooks_need(root, lesson, tmp_path):
    site = tmp_path / "html"
    (site / "lite").mkdir(parents=True)
    (site / "index.html").write_text("the book")
    (site / "lite" / "big.js").write_text("not here")
    path = offline.site_zip(root, site, tmp_path / "out", quiet)
    assert path == tmp_path / "out" / offline.SITE_ZIP
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        assert {name.split("/")[0] for name in names} == {offline.TOP}
        for name in ("site/index.html", "READ-ME-FIRST.txt", "requirements.txt", "lessons/building-a-cohort.ipynb",
                     "data/extract/lesson/manifest.json", "data/extract/lesson/keys/06-table-for-release.json",
                     "leocourse/core/connect.py", "pyproject.toml", "README.md", "docs/marking.md"):  # fmt: skip
            assert f"{offline.TOP}/{name}" in names, name
        assert any(re.search(r"exercises/.*\.ipynb$", name) for name in names)
        assert not [name for name in names if ("/lite/" in name and "site" in name) or "solutions/" in name]
        readme = archive.read(f"{offline.TOP}/README.md").decode()
        assert readme == archive.read(f"{offline.TOP}/READ-ME-FIRST.txt").decode()
        for words in ("leo lab", "## Where your work is kept", "leo work update", "All data are simulated"):
            assert words in readme, "what a learner needs, and not what the repository says"
        assert "make " not in readme and [name for name in re.findall(r"`([\w./-]+/)`", readme)
                                          if not any(each.startswith(f"{offline.TOP}/{name}") for each in names)] == []  # fmt: skip
        notebook = json.loads(archive.read(f"{offline.TOP}/lessons/building-a-cohort.ipynb"))
        assert notebook["nbformat"] == 4 and any(cell["cell_type"] == "code" for cell in notebook["cells"])


def test_the_zip_needs_an_extract_and_exercises(tmp_path):
    with pytest.raises(LeoError, match="leo extract"):
        bundle.course_files(tmp_path)


def test_csv_comes_in_both_modes_with_its_package(root, tmp_path):
    path = offline.csv_zip(tmp_path / "out", 150, 3, quiet)
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        for mode in offline.MODES:
            package = json.loads(archive.read(f"leo-extract-csv/{mode}/datapackage.json"))
            for resource in package["resources"]:
                paths = resource["path"] if isinstance(resource["path"], list) else [resource["path"]]
                assert all(f"leo-extract-csv/{mode}/{each}" in names for each in paths)
        assert not [name for name in names if "truth" in name]
    assert sorted(each.name for each in Path(path.parent).iterdir()) == [RECORD, path.name]
